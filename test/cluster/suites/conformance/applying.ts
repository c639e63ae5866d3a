import { expect, it } from "vitest";
import { configMap, deployment, resourceQuota } from "../../../support/kube-objects.ts";
import type { KubeObject } from "../../../support/kube-server/types.ts";
import { asObject, containerNames, type Lab, ownersOf, pathOf } from "../lab.ts";

/** Server-side apply, and dry runs. */
export function applying(lab: () => Lab): void {
  const apply = (object: KubeObject, fieldManager: string, more: Record<string, string> = {}) =>
    lab().client.call("PATCH", pathOf(object), { patch: "apply", query: { fieldManager, ...more }, body: object });

  const fragment = (name: string, spec: object): KubeObject => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: lab().namespace },
    spec: { ...spec },
  });

  it("creates by apply (201), changes by it (200), and does nothing when nothing differs", async () => {
    const object = configMap({ name: "applied", namespace: lab().namespace, data: { a: "1" } });
    const made = await apply(object, "genops-federation");
    expect(made.status).toBe(201);
    const again = await apply(object, "genops-federation");
    expect([again.status, asObject(again.body).metadata.resourceVersion]).toEqual([
      200,
      asObject(made.body).metadata.resourceVersion,
    ]);
    const changed = await apply({ ...object, data: { a: "2" } }, "genops-federation");
    expect(changed.body["data"]).toEqual({ a: "2" });
    expect(ownersOf(asObject(changed.body), ["data", "a"])).toEqual(["genops-federation"]);
  });

  it("needs a field manager", async () => {
    const object = configMap({ name: "no-manager", namespace: lab().namespace });
    const { status } = await lab().client.call("PATCH", pathOf(object), { patch: "apply", body: object });
    expect(status).toBe(422);
  });

  it("refuses a field that another manager has: 409 with manager and field", async () => {
    await lab().make(deployment({ name: "conflict", namespace: lab().namespace, replicas: 0 }));
    const { status, body } = await apply(fragment("conflict", { replicas: 1 }), "genops-federation");
    expect([status, body["reason"]]).toEqual([409, "Conflict"]);
    const { causes } = body["details"] as { causes: { reason: string; message: string; field: string }[] };
    expect(causes).toHaveLength(1);
    expect(causes[0]).toMatchObject({ reason: "FieldManagerConflict", field: ".spec.replicas" });
    expect(causes[0]?.message).toContain('conflict with "conformance"');
  });

  it("shares a field that has the wished value already", async () => {
    await lab().make(deployment({ name: "shared", namespace: lab().namespace, replicas: 0 }));
    const { status, body } = await apply(fragment("shared", { replicas: 0 }), "genops-federation");
    expect(status).toBe(200);
    expect(ownersOf(asObject(body), ["spec", "replicas"]).sort()).toEqual(["conformance", "genops-federation"]);
  });

  it("takes the field with force", async () => {
    await lab().make(deployment({ name: "forced", namespace: lab().namespace, replicas: 0 }));
    const { status, body } = await apply(fragment("forced", { replicas: 1 }), "genops-federation", { force: "true" });
    expect([status, body.spec?.["replicas"]]).toEqual([200, 1]);
    expect(ownersOf(asObject(body), ["spec", "replicas"])).toEqual(["genops-federation"]);
  });

  it("removes what its only owner lets go: replicas are then the default, 1", async () => {
    const full = deployment({ name: "released", namespace: lab().namespace, replicas: 0 });
    expect((await apply(full, "git")).status).toBe(201);
    const { replicas: _replicas, ...spec } = full.spec ?? {};
    const { body } = await apply({ ...full, spec }, "git");
    expect(body.spec?.["replicas"]).toBe(1);
    expect(ownersOf(asObject(body), ["spec", "replicas"])).toEqual([]);
  });

  it("keeps what another manager has too", async () => {
    const full = deployment({ name: "kept", namespace: lab().namespace, replicas: 0 });
    await apply(full, "git");
    await apply(fragment("kept", { replicas: 0 }), "genops-federation");
    const { replicas: _replicas, ...spec } = full.spec ?? {};
    const { body } = await apply({ ...full, spec }, "git");
    expect(body.spec?.["replicas"]).toBe(0);
  });

  it("merges containers by name", async () => {
    const { namespace, make } = lab();
    await make(deployment({ name: "containers", namespace, replicas: 0 }));
    const template = { spec: { containers: [{ name: "side", image: "registry.example/side:1" }] } };
    const { body } = await apply(fragment("containers", { template }), "genops-federation");
    expect(containerNames(body)).toEqual(["main", "side"]);
  });

  it("removes a label and a map key that its manager lets go", async () => {
    const object = configMap({
      name: "keys",
      namespace: lab().namespace,
      labels: { a: "1", b: "2" },
      data: { x: "1", y: "2" },
    });
    await apply(object, "git");
    const less = configMap({ name: "keys", namespace: lab().namespace, labels: { a: "1" }, data: { x: "1" } });
    const { body } = await apply(less, "git");
    expect(asObject(body).metadata.labels).toEqual({ a: "1" });
    expect(body["data"]).toEqual({ x: "1" });
  });

  it("refuses a document that lists owners of fields", async () => {
    const object = configMap({ name: "fields", namespace: lab().namespace });
    const entry = {
      manager: "x",
      operation: "Apply",
      apiVersion: "v1",
      time: "2026-01-01T00:00:00Z",
      fieldsType: "FieldsV1",
      fieldsV1: {},
    } as const;
    object.metadata.managedFields = [entry];
    expect((await apply(object, "git")).status).toBe(400);
  });

  it("writes nothing in a dry run, and answers as if", async () => {
    const { make, mergePatch, read, client, namespace } = lab();
    const dry = { query: { dryRun: "All" } };
    const object = await make(configMap({ name: "dry", namespace, data: { a: "1" } }));
    const patched = await mergePatch(object, { data: { a: "2" } }, dry);
    expect([patched.status, patched.body["data"]]).toEqual([200, { a: "2" }]);
    const put = await client.call("PUT", pathOf(object), { ...dry, body: { ...object, data: { a: "3" } } });
    expect([put.status, put.body["data"]]).toEqual([200, { a: "3" }]);
    expect(
      (await apply({ ...configMap({ name: "dry", namespace }), data: { b: "1" } }, "git", { dryRun: "All" })).status,
    ).toBe(200);
    expect((await client.call("DELETE", pathOf(object), dry)).status).toBe(200);
    const body = { apiVersion: "v1", kind: "DeleteOptions", dryRun: ["All"] };
    expect((await client.call("DELETE", pathOf(object), { body })).status).toBe(200);
    expect(await read(object)).toEqual(object);
    const fresh = configMap({ name: "dry-new", namespace });
    const made = await client.call("POST", `/api/v1/namespaces/${namespace}/configmaps`, { ...dry, body: fresh });
    expect(made.status).toBe(201);
    expect((await client.call("GET", pathOf(fresh))).status).toBe(404);
  });

  it("deletes when a body with options says no dry run, whatever the query says", async () => {
    const { make, client, namespace } = lab();
    const object = await make(configMap({ name: "really", namespace }));
    const { uid } = object.metadata;
    const body = { apiVersion: "v1", kind: "DeleteOptions", preconditions: { uid } };
    expect((await client.call("DELETE", pathOf(object), { query: { dryRun: "All" }, body })).status).toBe(200);
    expect((await client.call("GET", pathOf(object))).status).toBe(404);
  });

  it("runs admission and conditions in a dry run", async () => {
    const { make, mergePatch, client, namespace, settled } = lab();
    const object = await make(configMap({ name: "dry-conditions", namespace }));
    const stale = await mergePatch(
      object,
      { metadata: { resourceVersion: "1" }, data: {} },
      { query: { dryRun: "All" } },
    );
    expect(stale.status).toBe(409);
    const quota = await make(resourceQuota({ name: "no-jobs", namespace, hard: { "count/cronjobs.batch": "0" } }));
    await settled(quota, ({ status }) => status?.["used"] !== undefined);
    const spec = {
      schedule: "0 0 1 1 *",
      jobTemplate: {
        spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "a", image: "b" }] } } },
      },
    };
    const body = { apiVersion: "batch/v1", kind: "CronJob", metadata: { name: "refused" }, spec };
    const refused = await client.call("POST", `/apis/batch/v1/namespaces/${namespace}/cronjobs`, {
      query: { dryRun: "All" },
      body,
    });
    expect([refused.status, refused.body["reason"]]).toEqual([403, "Forbidden"]);
    expect((await client.call("DELETE", pathOf(quota))).status).toBe(200);
  });
}
