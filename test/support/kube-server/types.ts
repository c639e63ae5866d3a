/** A JSON object of unknown shape. */
export type Tree = Record<string, unknown>;

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface ManagedFields {
  manager: string;
  operation: "Apply" | "Update";
  apiVersion: string;
  time: string;
  fieldsType: "FieldsV1";
  fieldsV1: Tree;
  subresource?: string;
}

export interface KubeMetadata {
  name: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  managedFields?: ManagedFields[];
}

/** Any Kubernetes object. What lies in the server is never changed in place: a write puts a new object. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: KubeMetadata;
  spec?: Tree;
  status?: Tree;
  [field: string]: unknown;
}

/** Who asks. */
export interface Caller {
  user: string;
  groups: readonly string[];
}

export interface ResourceKind {
  /** Empty for the core group. */
  group: string;
  version: string;
  /** Plural, as in paths. */
  resource: string;
  kind: string;
  shortNames: readonly string[];
  namespaced: boolean;
  /** Has `/status`: writes to the object itself leave `status` alone. */
  status: boolean;
  /** Has `/scale`. */
  scale: boolean;
  /** What a change of raises `metadata.generation`. */
  generation: "none" | "once" | "spec" | "specAndAnnotations";
  /** A custom resource: no defaults, lists are atomic, PUT needs a resourceVersion. */
  custom: boolean;
}

/** What one write carries besides the object. */
export interface WriteOptions {
  caller: Caller;
  manager: string;
  /** The manager, where the request named it. */
  fieldManager?: string;
  dryRun?: boolean;
  subresource?: "status" | "scale" | "eviction";
  /** The wished object was made by a patch. */
  patch?: boolean;
  /** Filled by admission; the HTTP side sends them as `Warning` headers. */
  warnings?: string[];
}
