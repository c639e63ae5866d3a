import { expect, it } from "vitest";
import {
  configMap,
  cronJob,
  deployment,
  hpa,
  job,
  node,
  nodePool,
  scaledObject,
} from "../../../support/kube-objects.ts";
import type { KubeObject } from "../../../support/kube-server/types.ts";
import { asObject, containerNames, type Lab, ownersOf, pathOf } from "../lab.ts";

const REPLICAS = ["spec", "replicas"];

/** Merge patch, JSON patch, PUT, DELETE: what they change, and the conditions they can carry. */
export function patching(lab: () => Lab): void {
  const stopped = (name: string) => deployment({ name, namespace: lab().namespace, replicas: 0 });

  it("refuses a merge patch with a stale resourceVersion: 409 Conflict", async () => {
    const { make, mergePatch, read } = lab();
    const before = await make(configMap({ name: "stale", namespace: lab().namespace }));
    await mergePatch(before, { data: { a: "1" } });
    const { resourceVersion } = before.metadata;
    const late = await mergePatch(before, { metadata: { resourceVersion }, data: { a: "2" } });
    expect([late.status, late.body["reason"]]).toEqual([409, "Conflict"]);
    expect((await read(before))["data"]).toEqual({ a: "1" });
  });

  const uid = "00000000-0000-4000-8000-000000000000";

  it("refuses a merge patch with another object's uid: 422, as the uid is a field that never changes", async () => {
    const { make, mergePatch } = lab();
    const object = await make(configMap({ name: "other-uid", namespace: lab().namespace }));
    const { status, body } = await mergePatch(object, { metadata: { uid }, data: { a: "1" } });
    expect([status, body["reason"]]).toEqual([422, "Invalid"]);
    expect(body["message"]).toContain("metadata.uid: Invalid value");
    expect(body["message"]).toContain("field is immutable");
  });

  it("refuses a merge patch for an object that was made anew by its version: 409 Conflict", async () => {
    const { make, mergePatch, client, namespace } = lab();
    const object = configMap({ name: "anew", namespace });
    const { metadata } = await make(object);
    await client.call("DELETE", pathOf(object));
    await make(object);
    const { uid: old, resourceVersion } = metadata;
    const { status, body } = await mergePatch(object, { metadata: { uid: old, resourceVersion }, data: { a: "1" } });
    expect([status, body["reason"]]).toEqual([409, "Conflict"]);
  });

  it("refuses a PUT with another object's uid: 409 Conflict", async () => {
    const { make, client } = lab();
    const { metadata, ...object } = await make(configMap({ name: "put-uid", namespace: lab().namespace }));
    const foreign = { ...object, metadata: { ...metadata, uid } };
    const { status, body } = await client.call("PUT", pathOf(foreign), { body: foreign });
    expect([status, body["reason"]]).toEqual([409, "Conflict"]);
  });

  it("refuses an apply with another object's uid", async () => {
    const { make, client, namespace } = lab();
    const object = configMap({ name: "apply-uid", namespace, data: { a: "1" } });
    await make(object);
    const body = { ...object, metadata: { ...object.metadata, uid } };
    const options = { patch: "apply", query: { fieldManager: "git", force: "true" }, body } as const;
    const { status } = await client.call("PATCH", pathOf(object), options);
    expect([409, 422]).toContain(status);
  });

  it("takes a merge patch whose uid and resourceVersion are right", async () => {
    const { make, mergePatch } = lab();
    const { metadata, ...object } = await make(configMap({ name: "right", namespace: lab().namespace }));
    const { uid, resourceVersion } = metadata;
    const { status } = await mergePatch(
      { ...object, metadata },
      { metadata: { uid, resourceVersion }, data: { a: "1" } },
    );
    expect(status).toBe(200);
  });

  it("removes by null, merges maps, and leaves no empty map of annotations behind", async () => {
    const { make, mergePatch, read } = lab();
    const before = await make(stopped("nulls"));
    await mergePatch(before, { metadata: { annotations: { "genops.ai/a": "1", "genops.ai/b": "2" } } });
    await mergePatch(before, { metadata: { annotations: { "genops.ai/a": null } } });
    const some = (await read(before)).metadata.annotations;
    expect(some).toMatchObject({ "genops.ai/b": "2" });
    expect(some).not.toHaveProperty("genops.ai/a");
    const bare = await make(configMap({ name: "bare", namespace: lab().namespace, annotations: { a: "1" } }));
    await mergePatch(bare, { metadata: { annotations: { a: null } } });
    expect((await read(bare)).metadata).not.toHaveProperty("annotations");
  });

  it("replaces lists as a whole", async () => {
    const { make, mergePatch } = lab();
    const object = await make(stopped("lists"));
    const container = { name: "other", image: "registry.example/other:1" };
    const { body } = await mergePatch(object, { spec: { template: { spec: { containers: [container] } } } });
    expect(containerNames(body)).toEqual(["other"]);
  });

  it("keeps version and generation when nothing changes", async () => {
    const { make, mergePatch } = lab();
    const { metadata } = await make(cronJob({ name: "same", namespace: lab().namespace, suspend: false }));
    const { body } = await mergePatch(cronJob({ name: "same", namespace: lab().namespace }), {
      spec: { suspend: false },
    });
    expect(asObject(body).metadata.resourceVersion).toBe(metadata.resourceVersion);
    expect(asObject(body).metadata.generation).toBe(metadata.generation);
  });

  it("raises the generation with the spec, and of a CronJob not with an annotation", async () => {
    const { make, mergePatch } = lab();
    const object = await make(cronJob({ name: "generations", namespace: lab().namespace }));
    const noted = asObject((await mergePatch(object, { metadata: { annotations: { a: "1" } } })).body);
    expect(noted.metadata.generation).toBe(1);
    const changed = asObject((await mergePatch(object, { spec: { suspend: true } })).body);
    expect(changed.metadata.generation).toBe(2);
  });

  it("raises the generation of a Deployment with an annotation too", async () => {
    const { make, mergePatch, settled } = lab();
    const object = await make(stopped("noted"));
    await settled(object, ({ metadata }) => metadata.annotations?.["deployment.kubernetes.io/revision"] === "1");
    const noted = asObject((await mergePatch(object, { metadata: { annotations: { a: "1" } } })).body);
    expect(noted.metadata.generation).toBe(2);
    const labelled = asObject((await mergePatch(object, { metadata: { labels: { a: "1" } } })).body);
    expect(labelled.metadata.generation).toBe(2);
  });

  it("puts the default in place of what is removed: replicas 1, suspend false, minReplicas 1", async () => {
    const { make, mergePatch, namespace } = lab();
    const workload = await make(stopped("default-replicas"));
    expect((await mergePatch(workload, { spec: { replicas: null } })).body.spec?.["replicas"]).toBe(1);
    const timed = await make(cronJob({ name: "default-suspend", namespace, suspend: true }));
    expect((await mergePatch(timed, { spec: { suspend: null } })).body.spec?.["suspend"]).toBe(false);
    const batch = await make(job({ name: "default-job", namespace, suspend: true }));
    expect((await mergePatch(batch, { spec: { suspend: null } })).body.spec?.["suspend"]).toBe(false);
    const scaler = await make(hpa({ name: "default-min", namespace, target: "nobody", min: 2, max: 3 }));
    expect((await mergePatch(scaler, { spec: { minReplicas: null } })).body.spec?.["minReplicas"]).toBe(1);
  });

  it("keeps what is not set of a custom resource unset", async () => {
    const { make, mergePatch, namespace } = lab();
    const made = await make(scaledObject({ name: "unset", namespace, target: "nobody" }));
    expect(made.spec).not.toHaveProperty("minReplicaCount");
    await mergePatch(made, { spec: { minReplicaCount: 2 } });
    expect((await mergePatch(made, { spec: { minReplicaCount: null } })).body.spec).not.toHaveProperty(
      "minReplicaCount",
    );
  });

  it("demands the version in a PUT of a custom resource", async () => {
    const { make, client, namespace } = lab();
    const object = scaledObject({ name: "versioned", namespace, target: "nobody" });
    await make(object);
    const { status, body } = await client.call("PUT", pathOf(object), { body: object });
    expect([status, body["reason"]]).toEqual([422, "Invalid"]);
  });

  it("refuses a body whose name or kind is another than the path's", async () => {
    const { make, client, namespace } = lab();
    const object = await make(configMap({ name: "mine", namespace }));
    const renamed = { ...object, metadata: { ...object.metadata, name: "yours" } };
    expect((await client.call("PUT", pathOf(object), { body: renamed })).status).toBe(400);
    const other = { ...object, kind: "Secret" };
    expect((await client.call("PUT", pathOf(object), { body: other })).status).toBe(400);
    expect(
      (await client.call("PATCH", pathOf(object), { patch: "merge", body: { metadata: { name: "yours" } } })).status,
    ).toBe(400);
    const elsewhere = { ...configMap({ name: "new", namespace: "default" }) };
    expect((await client.call("POST", `/api/v1/namespaces/${namespace}/configmaps`, { body: elsewhere })).status).toBe(
      400,
    );
  });

  it("changes status through /status, and nothing else of a custom resource", async () => {
    const { make, client, read, unique } = lab();
    const pool = await make(nodePool({ name: unique("status"), limits: { cpu: "1" } }));
    const body = { status: { nodes: 3 }, spec: { limits: { cpu: "2" } }, metadata: { labels: { a: "1" } } };
    const query = { fieldManager: "somebody" };
    const patched = await client.call("PATCH", `${pathOf(pool)}/status`, { patch: "merge", body, query });
    expect(patched.status).toBe(200);
    const after = await read(pool);
    expect(after.spec?.["limits"]).toEqual({ cpu: "1" });
    expect(after.metadata).not.toHaveProperty("labels");
    expect(after.metadata.generation).toBe(1);
  });

  it("leaves status alone when the object is patched", async () => {
    const { make, mergePatch, settled } = lab();
    const object = await make(stopped("status"));
    const before = await settled(object, ({ status }) => status?.["observedGeneration"] === 1);
    const { body } = await mergePatch(object, { status: { replicas: 7 } });
    expect(asObject(body).status).toEqual(before.status);
  });

  it("tells who changed a field last", async () => {
    const { make, mergePatch, read } = lab();
    const object = await make(deployment({ name: "owners", namespace: lab().namespace, replicas: 2 }));
    expect(ownersOf(await read(object), REPLICAS)).toEqual(["conformance"]);
    await mergePatch(object, { spec: { replicas: 0 } }, { query: { fieldManager: "genops-enforcer" } });
    expect(ownersOf(await read(object), REPLICAS)).toEqual(["genops-enforcer"]);
    await mergePatch(object, { spec: { replicas: 1 } }, { userAgent: "kubectl/v1.37 (linux)" });
    const after = await read(object);
    expect(ownersOf(after, REPLICAS)).toEqual(["kubectl"]);
    expect(ownersOf(after, ["spec", "template"])).toEqual(["conformance"]);
  });

  it("leaves a field to its owner when somebody else sets the value that it has", async () => {
    const { make, mergePatch, read } = lab();
    const object = await make(stopped("agreeing"));
    await mergePatch(object, { spec: { replicas: 0 } }, { query: { fieldManager: "somebody" } });
    expect(ownersOf(await read(object), REPLICAS)).toEqual(["conformance"]);
  });

  it("takes a JSON patch, and answers 422 when its test fails", async () => {
    const { make, client, read } = lab();
    const object = await make(stopped("json"));
    const patch = (operations: object[]) => client.call("PATCH", pathOf(object), { patch: "json", body: operations });
    const failed = await patch([
      { op: "test", path: "/spec/replicas", value: 5 },
      { op: "replace", path: "/spec/replicas", value: 1 },
    ]);
    expect(failed.status).toBe(422);
    expect((await read(object)).spec?.["replicas"]).toBe(0);
    const nowhere = await patch([{ op: "remove", path: "/spec/paused" }]);
    expect(nowhere.status).toBe(422);
    const done = await patch([
      { op: "test", path: "/spec/replicas", value: 0 },
      { op: "replace", path: "/spec/paused", value: true },
    ]);
    expect([done.status, done.body.spec?.["paused"]]).toEqual([200, true]);
    const added = await patch([{ op: "add", path: "/metadata/labels", value: { "a/b": "1" } }]);
    expect(asObject(added.body).metadata.labels).toEqual({ "a/b": "1" });
    const removed = await patch([{ op: "remove", path: "/metadata/labels/a~1b" }]);
    expect(asObject(removed.body).metadata).not.toHaveProperty("labels");
  });

  it("takes PUT with the version that was read, and refuses it with an older one", async () => {
    const { make, client } = lab();
    const first = await make(configMap({ name: "put", namespace: lab().namespace }));
    const put = (object: KubeObject, data: object) => client.call("PUT", pathOf(object), { body: { ...object, data } });
    expect((await put(first, { a: "1" })).status).toBe(200);
    const late = await put(first, { a: "2" });
    expect([late.status, late.body["reason"]]).toEqual([409, "Conflict"]);
  });

  it("answers 404 to a patch of what is not there", async () => {
    const { mergePatch, namespace } = lab();
    expect((await mergePatch(configMap({ name: "nobody", namespace }), { data: {} })).status).toBe(404);
  });

  it("deletes only on the given conditions", async () => {
    const { make, client, namespace } = lab();
    const { metadata, ...object } = await make(configMap({ name: "conditions", namespace }));
    const remove = (preconditions: object) =>
      client.call("DELETE", pathOf({ ...object, metadata }), {
        body: { apiVersion: "v1", kind: "DeleteOptions", preconditions },
      });
    const foreign = await remove({ uid: "00000000-0000-4000-8000-000000000000" });
    expect([foreign.status, foreign.body["reason"]]).toEqual([409, "Conflict"]);
    expect((await remove({ uid: metadata.uid, resourceVersion: "1" })).status).toBe(409);
    const done = await remove({ uid: metadata.uid, resourceVersion: metadata.resourceVersion });
    expect([done.status, done.body.status]).toEqual([200, "Success"]);
    expect((await remove({ uid: metadata.uid })).status).toBe(404);
  });

  it("keeps an object with a finalizer until the finalizer is gone", async () => {
    const { make, client, mergePatch, read, namespace } = lab();
    const object = configMap({ name: "finalizer", namespace });
    object.metadata.finalizers = ["genops.ai/test"];
    await make(object);
    expect((await client.call("DELETE", pathOf(object))).status).toBe(200);
    expect((await read(object)).metadata.deletionTimestamp).toMatch(/Z$/);
    await mergePatch(object, { metadata: { finalizers: null } });
    expect((await client.call("GET", pathOf(object))).status).toBe(404);
  });

  it("has one list of taints: a patch replaces it, an empty one vanishes", async () => {
    const { make, mergePatch, unique } = lab();
    const taint = { key: "genops.ai/test", value: "a", effect: "PreferNoSchedule" };
    const object = await make(node({ name: unique("node"), taints: [taint], cpu: "1m", pods: "0" }));
    const other = { key: "genops.ai/budget", value: "b", effect: "NoSchedule" };
    const both = await mergePatch(object, { spec: { taints: [taint, other] } });
    expect(both.body.spec?.["taints"]).toEqual(expect.arrayContaining([taint, other]));
    const one = await mergePatch(object, { spec: { taints: [other] } });
    expect(one.body.spec?.["taints"]).toEqual([other]);
    const none = await mergePatch(object, { spec: { taints: null } });
    expect(none.body.spec).not.toHaveProperty("taints");
    const cordoned = await mergePatch(object, { spec: { unschedulable: true } });
    expect(cordoned.body.spec).toMatchObject({ unschedulable: true });
    const open = await mergePatch(object, { spec: { unschedulable: false } });
    expect(open.body.spec).not.toHaveProperty("unschedulable");
  });
}
