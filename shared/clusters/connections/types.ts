import type { Json } from "../../core/json.ts";

/** A Kubernetes object as the server sent it, fields that nobody here knows included. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: Json | ObjectMeta;
}

export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly managedFields?: readonly ManagedFields[];
  readonly [field: string]: Json | undefined | readonly OwnerReference[] | readonly ManagedFields[];
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
}

/** Who set which fields, when; `fieldsV1` in the server's own form (`f:spec` → `f:replicas` → {}). */
export interface ManagedFields {
  readonly manager?: string;
  readonly operation?: string;
  readonly time?: string;
  readonly subresource?: string;
  readonly fieldsV1?: Json;
}

/** A kind as the server names it in its addresses. */
export interface Resource {
  /** `apps/v1`, `v1`. */
  apiVersion: string;
  kind: string;
  /** `deployments`. */
  plural: string;
  namespaced: boolean;
}

/** Which object, for good: a name that is given away again has another uid. */
export interface ObjectRef {
  cluster: string;
  apiVersion: string;
  kind: string;
  /** Absent for objects of the whole cluster. */
  namespace?: string;
  name: string;
  uid: string;
}

/** An object by name, whoever bears it now. */
export type ObjectName = Pick<ObjectRef, "apiVersion" | "kind" | "name"> & { namespace?: string };

export interface ListOptions {
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
}

/** What a write insists on: `conflict` when the object is another one (uid) or was changed since (resourceVersion). */
export interface Preconditions {
  uid: string;
  resourceVersion?: string;
}

export type AccessReview = {
  verb: string;
  group: string;
  resource: string;
  subresource?: string;
  namespace?: string;
  name?: string;
};

/**
 * A client of one cluster (`reference/kubernetes.md` §2.2). Errors are `GenOpsError`: `conflict` (409, and 422 of a failed test), `refused`
 * (403, 422, admission; the server's words), `unavailable` (no answer, 429 or 5xx after all tries, 401 after a new token), `config` (TLS, DNS
 * names that do not exist), with `place.source` = the cluster's name. No error and no log holds a token. `isUnknownOutcome(error)` tells
 * whether the server may have carried out a write whose answer was lost.
 */
export interface KubeClient {
  /** The cluster's name in the configuration. */
  readonly cluster: string;
  /** Every write is sent with `dryRun=All`: admission runs, nothing is stored. Fixed when the client is made, so that it cannot leak. */
  readonly dryRun: boolean;
  /**
   * Kinds that the server knows, by `group/version` and kind; asked once and kept. Undefined: it does not serve it. All other calls are
   * `refused` for such a kind, so that a definition that is gone for a moment does not look like objects that are gone.
   */
  resource(apiVersion: string, kind: string): Promise<Resource | undefined>;
  /** `v1.37.2` */
  version(): Promise<string>;
  get(name: ObjectName): Promise<KubeObject | undefined>;
  /** Every page; starts again when the server has forgotten where it was (410). */
  list(apiVersion: string, kind: string, options?: ListOptions): Promise<KubeObject[]>;
  /** JSON merge patch as field manager `genops-enforcer`. The preconditions travel in the body. */
  mergePatch(name: ObjectName, patch: Readonly<Record<string, Json>>, when: Preconditions): Promise<KubeObject>;
  /** Server-side apply of an object that is wholly ours, as `genops-enforcer`; `force` only after our own label was seen on it. */
  apply(object: KubeObject, options?: { force?: boolean }): Promise<KubeObject>;
  /** PUT on the scale subresource: all that scale-only rights allow. */
  scale(name: ObjectName, replicas: number, when: Required<Preconditions>): Promise<void>;
  /** False: it was not there any more. */
  delete(name: ObjectName, when: Preconditions): Promise<boolean>;
  /** `blocked`: a disruption budget does not allow it now (429). Throws `refused` when budgets overlap (500). */
  evict(
    pod: ObjectName,
    uid: string,
  ): Promise<{ outcome: "evicted" | "gone" } | { outcome: "blocked"; retryAfterMs?: number }>;
  /** SelfSubjectAccessReview: may this identity do that? */
  mayI(review: AccessReview): Promise<boolean>;
}
