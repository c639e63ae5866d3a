import { randomUUID } from "node:crypto";
import { type Applied, applyPatch } from "./apply-patch.ts";
import { withDefaults } from "./defaults.ts";
import { alreadyExists, badRequest, conflict, forbidden, notFound } from "./failure.ts";
import { differenceOf, type FieldSet, leavesOf } from "./field-set.ts";
import { ownersAfter, type Writer } from "./managed-fields.ts";
import type { Policies } from "./policies.ts";
import { admitByQuota } from "./quota.ts";
import { groupVersionOf, type Kinds } from "./resources.ts";
import type { Store } from "./store.ts";
import { equal } from "./tree.ts";
import type { KubeMetadata, KubeObject, ResourceKind, WriteOptions } from "./types.ts";
import { validate } from "./validation.ts";
import {
  asScale,
  defaulted,
  generated,
  generationOf,
  INITIAL_STATUS,
  isReleased,
  nameless,
  refuseMisplaced,
  refusePrecondition,
  refuseStale,
  settle,
  tidy,
  withoutBookkeeping,
} from "./write-rules.ts";

export interface DeleteOptions {
  preconditions?: { uid?: string; resourceVersion?: string };
  propagationPolicy?: "Background" | "Foreground" | "Orphan";
  /** Admission has seen it as something else: an eviction. */
  admitted?: boolean;
}

/** The verbs, with everything that stands between a request and the store. People, controllers and test set-up all go through here. */
export interface Api {
  get(kind: ResourceKind, namespace: string, name: string): KubeObject;
  create(kind: ResourceKind, namespace: string, body: KubeObject, options: WriteOptions): KubeObject;
  /** `change` makes the wished object of the one that is there. */
  update(
    kind: ResourceKind,
    namespace: string,
    name: string,
    change: (current: KubeObject) => KubeObject,
    options: WriteOptions,
  ): KubeObject;
  apply(
    kind: ResourceKind,
    namespace: string,
    name: string,
    config: KubeObject,
    options: WriteOptions & { force: boolean },
  ): { object: KubeObject; created: boolean };
  /** The object as it was, with a `deletionTimestamp` when finalizers still hold it. */
  remove(kind: ResourceKind, namespace: string, name: string, how: DeleteOptions, options: WriteOptions): KubeObject;
  /** Asks admission about something that is made and not kept: an eviction. */
  admitCreation(kind: ResourceKind, object: KubeObject, options: WriteOptions): void;
}

export interface ApiParts {
  store: Store;
  kinds: Kinds;
  policies: Policies;
  now: () => Date;
}

export function createApi({ store, kinds, policies, now }: ApiParts): Api {
  const seconds = () => `${now().toISOString().slice(0, 19)}Z`;

  function get(kind: ResourceKind, namespace: string, name: string): KubeObject {
    const found = store.get(kind, namespace, name);
    if (found === undefined) throw notFound(kind, name);
    return found;
  }

  function admit(
    kind: ResourceKind,
    operation: "CREATE" | "UPDATE" | "DELETE",
    object: KubeObject | undefined,
    oldObject: KubeObject | undefined,
    options: WriteOptions,
  ): void {
    const { namespace = "", name } = (object ?? oldObject ?? { metadata: { name: "" } }).metadata as KubeMetadata;
    const { subresource = "", caller, dryRun = false, warnings = [], fieldManager } = options;
    const seen = subresource === "scale" ? [asScale(object), asScale(oldObject)] : [object, oldObject];
    const request = { operation, kind, subresource, namespace, name, caller, dryRun, fieldManager };
    policies.admit({ ...request, object: seen[0], oldObject: seen[1] }, warnings);
  }

  function insert(kind: ResourceKind, namespace: string, body: KubeObject, options: WriteOptions, applied?: FieldSet) {
    refuseMisplaced(kind, namespace, body);
    const name = body.metadata.name ?? generated(body.metadata.generateName);
    if (name === undefined) throw nameless(kind);
    if (body.metadata.resourceVersion !== undefined && applied === undefined) {
      throw badRequest("resourceVersion should not be set on objects to be created");
    }
    refuseHomeless(kind, namespace, name);
    if (store.get(kind, namespace, name) !== undefined) throw alreadyExists(kind, name);
    const { status: _status, ...rest } = body;
    const initial = INITIAL_STATUS[kind.kind] ?? (kind.status && !kind.custom ? {} : undefined);
    const fresh = tidy(
      withDefaults({
        // A kubelet registers its node with the status.
        ...(kind.status && kind.kind !== "Node" ? rest : body),
        apiVersion: groupVersionOf(kind),
        kind: kind.kind,
        metadata: {
          ...withoutBookkeeping(body.metadata),
          name,
          ...(kind.namespaced ? { namespace } : {}),
          uid: randomUUID(),
          creationTimestamp: seconds(),
          ...(kind.generation === "none" ? {} : { generation: 1 }),
        },
        ...(initial === undefined || kind.kind === "Node" ? {} : { status: initial }),
      } as KubeObject),
    );
    validate(kind, fresh, undefined);
    admit(kind, "CREATE", fresh, undefined, options);
    admitByQuota(kind, fresh, store, kinds);
    const written = owned(undefined, fresh, kind, options, applied);
    if (options.dryRun === true) return written;
    return save(kind, written);
  }

  function save(kind: ResourceKind, object: KubeObject): KubeObject {
    const saved = { ...object, metadata: { ...object.metadata, resourceVersion: store.nextVersion() } };
    store.put(kind, saved);
    return saved;
  }

  function owned(
    before: KubeObject | undefined,
    after: KubeObject,
    kind: ResourceKind,
    { manager, subresource }: WriteOptions,
    applied?: FieldSet,
  ): KubeObject {
    const writer: Writer = {
      manager,
      operation: applied === undefined ? "Update" : "Apply",
      apiVersion: subresource === "scale" && kind.group === "" ? "autoscaling/v1" : groupVersionOf(kind),
      ...(subresource === undefined ? {} : { subresource }),
    };
    const difference = differenceOf(before, after, kind.custom);
    const entries = ownersAfter(before?.metadata.managedFields ?? [], difference, writer, seconds(), applied);
    return { ...after, metadata: { ...after.metadata, ...(entries.length === 0 ? {} : { managedFields: entries }) } };
  }

  function replace(
    kind: ResourceKind,
    current: KubeObject,
    wished: KubeObject,
    options: WriteOptions,
    applied?: FieldSet,
  ): KubeObject {
    const { namespace = "", name } = current.metadata;
    refuseMisplaced(kind, namespace, wished, name);
    refuseStale(kind, current, wished, options.patch === true);
    const settled = tidy(defaulted(settle(kind, current, wished, options.subresource), current));
    const next = {
      ...settled,
      metadata: {
        ...settled.metadata,
        ...(options.subresource === "status" ? {} : generationOf(kind, current, settled)),
      },
    };
    if (options.subresource !== "status") validate(kind, next, current);
    admit(kind, "UPDATE", next, current, options);
    const written = owned(current, next, kind, options, applied);
    if (equal(written, current)) return current;
    if (options.dryRun === true) return written;
    if (isReleased(current, written)) return finish(kind, written);
    return save(kind, written);
  }

  function refuseHomeless(kind: ResourceKind, namespace: string, name: string): void {
    const spaces = kinds.byKind("v1", "Namespace");
    if (!kind.namespaced || spaces === undefined) return;
    const space = get(spaces, "", namespace);
    if (space.metadata.deletionTimestamp === undefined) return;
    const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
    throw forbidden(kind, name, why);
  }

  /** The object and what hangs on it are gone. */
  function finish(kind: ResourceKind, object: KubeObject, orphan = false): KubeObject {
    store.remove(kind, object);
    const uid = object.metadata.uid ?? "";
    for (const each of store.ownedBy(uid)) {
      if (orphan) disown(each.kind, each.object, uid);
      else finish(each.kind, each.object);
    }
    if (kind.resource === "namespaces" && kind.group === "") {
      const inside = kinds.all.filter(({ namespaced }) => namespaced);
      for (const each of inside) for (const one of store.list(each, object.metadata.name)) store.remove(each, one);
    }
    return object;
  }

  function disown(kind: ResourceKind, object: KubeObject, uid: string): void {
    const { ownerReferences = [], ...metadata } = object.metadata;
    const left = ownerReferences.filter((owner) => owner.uid !== uid);
    save(kind, { ...object, metadata: { ...metadata, ...(left.length === 0 ? {} : { ownerReferences: left }) } });
  }

  return {
    get,
    admitCreation: (kind, object, options) => admit(kind, "CREATE", object, undefined, options),
    create: (kind, namespace, body, options) => insert(kind, namespace, body, options),
    update(kind, namespace, name, change, options) {
      const current = get(kind, namespace, name);
      return replace(kind, current, change(current), options);
    },
    apply(kind, namespace, name, config, { force, ...options }) {
      const { status: _status, ...rest } = config;
      const document = (kind.status && options.subresource !== "status" ? rest : config) as KubeObject;
      const current = store.get(kind, namespace, name);
      if (current === undefined) {
        if (config.metadata.uid !== undefined) {
          const mine = config.metadata.uid;
          throw conflict(
            kind,
            name,
            `uid mismatch: the provided object specified uid ${mine}, and no existing object was found`,
          );
        }
        const fields = leavesOf(document, kind.custom);
        return { object: insert(kind, namespace, document, options, fields), created: true };
      }
      refuseStale(kind, current, document, true);
      const writer: Writer = {
        manager: options.manager,
        operation: "Apply",
        apiVersion: groupVersionOf(kind),
        ...(options.subresource === undefined ? {} : { subresource: options.subresource }),
      };
      const applied: Applied = applyPatch(kind, current, document, { writer, force });
      return { object: replace(kind, current, applied.object, options, applied.owned), created: false };
    },
    remove(kind, namespace, name, how, options) {
      const current = get(kind, namespace, name);
      refusePrecondition(kind, current, how.preconditions ?? {});
      if (how.admitted !== true) admit(kind, "DELETE", undefined, current, options);
      if (options.dryRun === true) return current;
      if ((current.metadata.finalizers ?? []).length === 0) {
        return finish(kind, current, how.propagationPolicy === "Orphan");
      }
      if (current.metadata.deletionTimestamp !== undefined) return current;
      const metadata = { ...current.metadata, deletionTimestamp: seconds(), deletionGracePeriodSeconds: 0 };
      return save(kind, { ...current, metadata });
    },
  };
}
