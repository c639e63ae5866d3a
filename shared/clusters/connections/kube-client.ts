import * as z from "zod";
import { describeName, objectPath } from "./addresses.ts";
import { type Call, type ConnectionOptions, createConnection } from "./connection.ts";
import { createDiscovery } from "./discovery.ts";
import { evictPod } from "./evict.ts";
import { listAll } from "./list.ts";
import { readObject, readTree } from "./objects.ts";
import type { KubeClient, ObjectName, Preconditions } from "./types.ts";

/** Under this name the server notes which fields are ours. */
export const FIELD_MANAGER = "genops-enforcer";

export interface KubeClientOptions extends ConnectionOptions {
  /** Every write is sent with `dryRun=All`. */
  dryRun?: boolean | undefined;
}

const Review = z.object({ status: z.object({ allowed: z.boolean() }) });
const missing = ({ status }: { status: number }) => status === 404;

/** A client of one cluster over HTTPS. Nothing is sent before the first call. See `KubeClient`. */
export function createKubeClient(options: KubeClientOptions): KubeClient {
  const { cluster, clock, dryRun = false } = options;
  const ask = createConnection(options);
  const discovery = createDiscovery(ask, cluster);
  const dry = dryRun ? ["All"] : [];
  const query: Readonly<Record<string, string>> = dryRun ? { dryRun: "All" } : {};
  const managed = { fieldManager: FIELD_MANAGER, ...query };
  // What stores nothing may be repeated.
  const repeat = dryRun ? "read" : "write";
  const pathOf = async (name: ObjectName) => objectPath(await discovery.need(name.apiVersion, name.kind), name);

  async function patch(call: Pick<Call, "path" | "query" | "body" | "contentType" | "what" | "needsObject">) {
    const query = { ...managed, ...call.query };
    return readObject(await ask({ method: "PATCH", repeat, ...call, query }), cluster, call.what);
  }

  return {
    cluster,
    dryRun,
    resource: discovery.find,
    version: discovery.version,
    async get(name) {
      const what = `read ${describeName(name)}`;
      const answer = await ask({ method: "GET", path: await pathOf(name), what, accept: missing });
      return answer.status === 404 ? undefined : readObject(answer, cluster, what);
    },
    async list(apiVersion, kind, listed) {
      return listAll(ask, cluster, await discovery.need(apiVersion, kind), listed);
    },
    async mergePatch(name, body, when) {
      const what = `patch ${describeName(name)}`;
      return patch({
        path: await pathOf(name),
        what,
        contentType: "application/merge-patch+json",
        body: withPreconditions(body, when),
        needsObject: true,
      });
    },
    async apply(object, { force = false } = {}) {
      const { apiVersion, kind, metadata } = object;
      const path = await pathOf({ apiVersion, kind, ...nameOf(metadata) });
      const { managedFields: _, ...own } = metadata;
      const what = `apply ${describeName({ kind, ...nameOf(metadata) })}`;
      const query = { force: String(force) };
      return patch({
        path,
        what,
        contentType: "application/apply-patch+yaml",
        body: { ...object, metadata: own },
        query,
      });
    },
    async scale(name, replicas, when) {
      const body = {
        apiVersion: "autoscaling/v1",
        kind: "Scale",
        metadata: { ...nameOf(name), uid: when.uid, resourceVersion: when.resourceVersion },
        spec: { replicas },
      };
      const what = `scale ${describeName(name)}`;
      const path = `${await pathOf(name)}/scale`;
      await ask({ method: "PUT", path, query: managed, body, what, repeat, needsObject: true });
    },
    async delete(name, { uid, resourceVersion }) {
      const body = {
        apiVersion: "v1",
        kind: "DeleteOptions",
        preconditions: { uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
        propagationPolicy: "Background",
        // With a body the server does not look at the query.
        ...(dryRun ? { dryRun: dry } : {}),
      };
      const what = `delete ${describeName(name)}`;
      const path = await pathOf(name);
      const answer = await ask({ method: "DELETE", path, query, body, what, repeat, accept: missing });
      return answer.status !== 404;
    },
    async evict(pod, uid) {
      return evictPod({ ask, cluster, clock, dryRun: dry }, await discovery.need("v1", "Pod"), pod, uid);
    },
    async mayI({ verb, group, resource, subresource, namespace, name }) {
      const what = `ask whether we may ${verb} ${resource}`;
      const attributes = Object.entries({ verb, group, resource, subresource, namespace, name });
      const answer = await ask({
        method: "POST",
        path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        body: {
          apiVersion: "authorization.k8s.io/v1",
          kind: "SelfSubjectAccessReview",
          spec: { resourceAttributes: Object.fromEntries(attributes.filter(([, value]) => value !== undefined)) },
        },
        what,
        // It stores nothing.
        repeat: "read",
      });
      return Review.safeParse(readTree(answer, cluster, what)).data?.status.allowed === true;
    },
  };
}

function nameOf({ name, namespace }: Pick<ObjectName, "name" | "namespace">): { name: string; namespace?: string } {
  return { name, ...(namespace === undefined ? {} : { namespace }) };
}

/** Uid and version travel in the body: the server then refuses when either is another one by now. */
function withPreconditions(patch: Readonly<Record<string, unknown>>, when: Preconditions): unknown {
  const { metadata } = patch;
  const rest = typeof metadata === "object" && metadata !== null ? metadata : {};
  const { uid, resourceVersion } = when;
  return { ...patch, metadata: { ...rest, uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) } };
}
