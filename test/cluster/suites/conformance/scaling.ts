import { expect, it } from "vitest";
import { deployment, hpa, rollout, statefulSet } from "../../../support/kube-objects.ts";
import { type Lab, ownersOf, pathOf } from "../lab.ts";

/** `/scale`, and what the server refuses of counts. */
export function scaling(lab: () => Lab): void {
  const scalePath = (name: string) => `${pathOf(deployment({ name, namespace: lab().namespace }))}/scale`;

  it("shows the scale of a workload", async () => {
    const { make, client } = lab();
    const { metadata } = await make(deployment({ name: "shown", namespace: lab().namespace, replicas: 0 }));
    const { body } = await client.call("GET", scalePath("shown"));
    expect(body).toMatchObject({
      kind: "Scale",
      apiVersion: "autoscaling/v1",
      metadata: { name: "shown", uid: metadata.uid },
      spec: {},
      status: { selector: "app=shown" },
    });
    expect((body.spec?.["replicas"] ?? 0) as number).toBe(0);
  });

  it("takes PUT of a scale with conditions, owned through the subresource", async () => {
    const { make, client, read, settled } = lab();
    const object = deployment({ name: "put-scale", namespace: lab().namespace, replicas: 2 });
    await make(object);
    await settled(object, ({ status }) => status?.["readyReplicas"] === 2);
    const { body: scale } = await client.call("GET", scalePath("put-scale"));
    const wished = { ...scale, spec: { replicas: 1 } };
    const query = { fieldManager: "genops-enforcer" };
    const done = await client.call("PUT", scalePath("put-scale"), { body: wished, query });
    expect([done.status, done.body.spec?.["replicas"]]).toEqual([200, 1]);
    const after = await read(object);
    expect(after.spec?.["replicas"]).toBe(1);
    expect(ownersOf(after, ["spec", "replicas"])).toEqual(["genops-enforcer/scale"]);
    const late = await client.call("PUT", scalePath("put-scale"), { body: { ...scale, spec: { replicas: 3 } } });
    expect([late.status, late.body["reason"]]).toEqual([409, "Conflict"]);
  });

  it("takes a merge patch of a scale, and writes nothing in its dry run", async () => {
    const { make, client, read } = lab();
    const object = await make(deployment({ name: "patch-scale", namespace: lab().namespace, replicas: 0 }));
    const patch = (replicas: number, query: Record<string, string> = {}) =>
      client.call("PATCH", scalePath("patch-scale"), { patch: "merge", body: { spec: { replicas } }, query });
    expect((await patch(5, { dryRun: "All" })).body.spec?.["replicas"]).toBe(5);
    expect((await read(object)).spec?.["replicas"]).toBe(0);
    expect((await patch(1)).status).toBe(200);
    expect((await read(object)).spec?.["replicas"]).toBe(1);
  });

  it("refuses a scale with a foreign uid", async () => {
    const { make, client } = lab();
    await make(deployment({ name: "uid-scale", namespace: lab().namespace, replicas: 0 }));
    const body = { metadata: { uid: "00000000-0000-4000-8000-000000000000" }, spec: { replicas: 1 } };
    expect((await client.call("PATCH", scalePath("uid-scale"), { patch: "merge", body })).status).toBe(409);
  });

  it("scales StatefulSets and Rollouts too", async () => {
    const { make, client, read, namespace } = lab();
    for (const object of [
      statefulSet({ name: "sts", namespace, replicas: 0 }),
      rollout({ name: "ro", namespace, replicas: 0 }),
    ]) {
      await make(object);
      const patch = { patch: "merge", body: { spec: { replicas: 1 } } } as const;
      expect((await client.call("PATCH", `${pathOf(object)}/scale`, patch)).status).toBe(200);
      expect((await read(object)).spec?.["replicas"]).toBe(1);
    }
  });

  it("refuses counts that cannot be: 422 Invalid", async () => {
    const { make, mergePatch, namespace } = lab();
    const workload = await make(deployment({ name: "negative", namespace, replicas: 0 }));
    const negative = await mergePatch(workload, { spec: { replicas: -1 } });
    expect([negative.status, negative.body["reason"]]).toEqual([422, "Invalid"]);
    const scaler = await make(hpa({ name: "bounds", namespace, target: "nobody", min: 2, max: 4 }));
    const crossed = await mergePatch(scaler, { spec: { maxReplicas: 1 } });
    expect([crossed.status, crossed.body["reason"]]).toEqual([422, "Invalid"]);
    expect((await mergePatch(scaler, { spec: { minReplicas: 0 } })).status).toBe(422);
    expect((await mergePatch(scaler, { spec: { maxReplicas: 0, minReplicas: 0 } })).status).toBe(422);
    expect((await mergePatch(scaler, { spec: { minReplicas: 1, maxReplicas: 1 } })).status).toBe(200);
    const selector = await mergePatch(workload, { spec: { selector: { matchLabels: { app: "else" } } } });
    expect(selector.status).toBe(422);
  });

  it("gives an HPA the minimum 1 where none is said", async () => {
    const made = await lab().make(hpa({ name: "no-minimum", namespace: lab().namespace, target: "nobody", max: 4 }));
    expect(made.spec?.["minReplicas"]).toBe(1);
  });
}
