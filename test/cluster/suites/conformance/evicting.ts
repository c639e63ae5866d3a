import { expect, it } from "vitest";
import { deployment, pdb } from "../../../support/kube-objects.ts";
import type { KubeObject } from "../../../support/kube-server/types.ts";
import { conditions, type Lab } from "../lab.ts";

/** Evictions and disruption budgets. */
export function evicting(lab: () => Lab): void {
  async function running(name: string, replicas: number): Promise<KubeObject[]> {
    const { make, settled, namespace, pods } = lab();
    const object = deployment({ name, namespace, replicas });
    await make(object);
    await settled(object, ({ status }) => status?.["readyReplicas"] === replicas);
    return pods(name);
  }

  function evict(pod: KubeObject, uid = pod.metadata.uid, query: Record<string, string> = {}) {
    const { name, namespace } = pod.metadata;
    const deleteOptions = { preconditions: { uid }, ...(query["dryRun"] === undefined ? {} : { dryRun: ["All"] }) };
    const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace }, deleteOptions };
    return lab().client.call("POST", `/api/v1/namespaces/${namespace}/pods/${name}/eviction`, { body, query });
  }

  async function budget(name: string, app: string, minAvailable: number, allowed: number): Promise<void> {
    const { make, settled, namespace } = lab();
    const object = await make(pdb({ name, app, minAvailable, namespace }));
    await settled(
      object,
      ({ status }) => status?.["disruptionsAllowed"] === allowed && status["observedGeneration"] === 1,
    );
  }

  it("evicts a pod without a budget (201), and its controller makes another", async () => {
    const [pod] = await running("free", 1);
    if (pod === undefined) throw new Error("no pod");
    const { status, body } = await evict(pod);
    expect([status, body.status]).toEqual([201, "Success"]);
    const there = await lab().target.eventually(
      () => lab().pods("free"),
      (pods) => pods.length === 1 && pods[0]?.metadata.uid !== pod.metadata.uid,
    );
    expect(there).toHaveLength(1);
  });

  it("refuses with 429 what a budget forbids, and naming it", async () => {
    const [pod] = await running("guarded", 2);
    await budget("guarded", "guarded", 2, 0);
    if (pod === undefined) throw new Error("no pod");
    const { status, body } = await evict(pod);
    expect([status, body["reason"]]).toEqual([429, "TooManyRequests"]);
    expect(JSON.stringify(body["details"])).toContain(
      "The disruption budget guarded needs 2 healthy pods and has 2 currently",
    );
    expect(await lab().pods("guarded")).toHaveLength(2);
  });

  it("lets go as many as the budget allows", async () => {
    const pods = await running("spare", 3);
    await budget("spare", "spare", 2, 1);
    const [first] = pods;
    if (first === undefined) throw new Error("no pod");
    expect((await evict(first)).status).toBe(201);
    const back = await lab().target.eventually(
      () => lab().pods("spare"),
      (now) => now.length === 3 && now.every(({ metadata }) => metadata.uid !== first.metadata.uid),
    );
    expect(back).toHaveLength(3);
  });

  it("counts by the wished number of pods where a budget has a percentage or what may be missing", async () => {
    await running("counted", 4);
    const { make, settled, namespace } = lab();
    const percent = await make(pdb({ name: "percent", app: "counted", minAvailable: "60%", namespace }));
    const missing = await make(pdb({ name: "missing", app: "counted", maxUnavailable: 1, namespace }));
    const first = await settled(percent, ({ status }) => status?.["currentHealthy"] === 4);
    expect(first.status).toMatchObject({ expectedPods: 4, desiredHealthy: 3, disruptionsAllowed: 1 });
    const second = await settled(missing, ({ status }) => status?.["currentHealthy"] === 4);
    expect(second.status).toMatchObject({ expectedPods: 4, desiredHealthy: 3, disruptionsAllowed: 1 });
    expect(conditions(second)["DisruptionAllowed"]).toBe("True");
  });

  it("lets a pod go that does not run yet, whatever the budget", async () => {
    const { make, namespace, pods, target } = lab();
    await make(deployment({ name: "waiting", namespace, nodeSelector: { "genops.ai/nowhere": "yes" } }));
    await make(pdb({ name: "waiting", app: "waiting", minAvailable: 1, namespace }));
    const [pod] = await target.eventually(
      () => pods("waiting"),
      (found) => found.length === 1,
    );
    if (pod === undefined) throw new Error("no pod");
    expect((await evict(pod)).status).toBe(201);
  });

  it("answers 500 where two budgets overlap", async () => {
    const [pod] = await running("twice", 2);
    await budget("twice-a", "twice", 1, 1);
    await budget("twice-b", "twice", 1, 1);
    if (pod === undefined) throw new Error("no pod");
    const { status, body } = await evict(pod);
    expect(status).toBe(500);
    expect(body["message"]).toContain("more than one PodDisruptionBudget");
  });

  it("refuses a foreign uid, and evicts nothing in a dry run", async () => {
    const [pod] = await running("uid", 1);
    if (pod === undefined) throw new Error("no pod");
    const foreign = await evict(pod, "00000000-0000-4000-8000-000000000000");
    expect([foreign.status, foreign.body["reason"]]).toEqual([409, "Conflict"]);
    expect((await evict(pod, pod.metadata.uid, { dryRun: "All" })).status).toBe(201);
    expect((await lab().pods("uid")).map(({ metadata }) => metadata.uid)).toEqual([pod.metadata.uid]);
  });
}
