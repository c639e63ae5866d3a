import { expect, it } from "vitest";
import { cronJob, deployment, hpa, job, node, statefulSet } from "../../../support/kube-objects.ts";
import type { KubeObject } from "../../../support/kube-server/types.ts";
import { conditions, type Lab, ownersOf } from "../lab.ts";

/** What controllers, scheduler and kubelets make of what is written. */
export function controllers(lab: () => Lab): void {
  it("makes and removes pods with the count of a Deployment", async () => {
    const { make, mergePatch, settled, pods, namespace } = lab();
    const object = deployment({ name: "web", namespace, replicas: 3 });
    await make(object);
    const up = await settled(object, ({ status }) => status?.["readyReplicas"] === 3);
    expect(up.status).toMatchObject({ replicas: 3, availableReplicas: 3, updatedReplicas: 3, observedGeneration: 1 });
    expect(conditions(up)).toMatchObject({ Available: "True", Progressing: "True" });
    const [pod] = await pods("web");
    expect(pod?.metadata.ownerReferences?.[0]).toMatchObject({ kind: "ReplicaSet", controller: true });
    expect(pod?.spec?.["nodeName"]).toEqual(expect.any(String));
    await mergePatch(object, { spec: { replicas: 0 } });
    const down = await settled(
      object,
      ({ status }) => (status?.["replicas"] ?? 0) === 0 && status?.["observedGeneration"] === 2,
    );
    expect(down.status).not.toHaveProperty("readyReplicas");
    await lab().target.eventually(
      () => pods("web"),
      (left) => left.length === 0,
    );
    await mergePatch(object, { spec: { replicas: 2 } });
    const again = await settled(object, ({ status }) => status?.["readyReplicas"] === 2);
    expect(again.status?.["replicas"]).toBe(2);
  });

  it("notes the revision on a Deployment, with the status", async () => {
    const { make, settled, namespace } = lab();
    const object = deployment({ name: "revision", namespace, replicas: 0 });
    await make(object);
    const noted = await settled(
      object,
      ({ metadata }) => metadata.annotations?.["deployment.kubernetes.io/revision"] === "1",
    );
    const owners = ownersOf(noted, ["metadata", "annotations", "deployment.kubernetes.io/revision"]);
    expect(owners).toEqual(["kube-controller-manager/status"]);
    expect(noted.metadata.generation).toBe(1);
  });

  it("numbers the pods of a StatefulSet and removes the highest", async () => {
    const { make, mergePatch, settled, pods, namespace, target } = lab();
    const object = statefulSet({ name: "db", namespace, replicas: 2 });
    await make(object);
    await settled(object, ({ status }) => status?.["readyReplicas"] === 2);
    await mergePatch(object, { spec: { replicas: 1 } });
    const left = await target.eventually(
      () => pods("db"),
      (now) => now.length === 1,
    );
    expect(left[0]?.metadata.name).toBe("db-0");
  });

  it("takes the pods of a suspended Job away and brings them back", async () => {
    const { make, mergePatch, settled, pods, namespace, target } = lab();
    const object = job({ name: "batch", namespace, parallelism: 2 });
    await make(object);
    await settled(object, ({ status }) => status?.["active"] === 2);
    await mergePatch(object, { spec: { suspend: true } });
    const suspended = await settled(
      object,
      (each) => conditions(each)["Suspended"] === "True" && each.status?.["active"] === undefined,
    );
    expect(suspended.status).not.toHaveProperty("startTime");
    await target.eventually(
      () => pods("batch"),
      (left) => left.length === 0,
    );
    await mergePatch(object, { spec: { suspend: false } });
    const resumed = await settled(object, ({ status }) => status?.["active"] === 2);
    expect(conditions(resumed)["Suspended"]).toBe("False");
  });

  it("keeps `suspend` of a CronJob apart from its absence only as false", async () => {
    const made = await lab().make(cronJob({ name: "unset", namespace: lab().namespace }));
    expect(made.spec?.["suspend"]).toBe(false);
  });

  it("leaves pods pending that no node takes", async () => {
    const { make, settled, pods, namespace, target } = lab();
    const object = deployment({ name: "nowhere", namespace, nodeSelector: { "genops.ai/nowhere": "yes" } });
    await make(object);
    const [pod] = await target.eventually(
      () => pods("nowhere"),
      ([each]) => each !== undefined && conditions(each)["PodScheduled"] === "False",
    );
    expect(pod?.status?.["phase"]).toBe("Pending");
    const huge = deployment({ name: "huge", namespace, requests: { cpu: "1000" } });
    await make(huge);
    const waiting = await settled(huge, ({ status }) => status?.["unavailableReplicas"] === 1);
    expect(conditions(waiting)["Available"]).toBe("False");
  });

  it("keeps pods from a node with a NoSchedule taint, and lets them come when it is gone", async () => {
    const { make, mergePatch, settled, pods, namespace, unique, target } = lab();
    const name = unique("tainted");
    const taint = { key: "genops.ai/budget", value: "ml", effect: "NoSchedule" };
    const host = await make(node({ name, taints: [taint] }));
    await settled(host, ({ spec }) => !JSON.stringify(spec?.["taints"]).includes("not-ready"));
    const object = deployment({ name: "kept-out", namespace, nodeSelector: { "kubernetes.io/hostname": name } });
    await make(object);
    const isWaiting = ([pod]: KubeObject[]) => pod !== undefined && conditions(pod)["PodScheduled"] === "False";
    await target.eventually(() => pods("kept-out"), isWaiting);
    await mergePatch(host, { spec: { taints: null } });
    const there = await settled(object, ({ status }) => status?.["readyReplicas"] === 1);
    expect(there.status?.["replicas"]).toBe(1);
    await mergePatch(host, { spec: { taints: [taint] } });
    expect((await pods("kept-out"))[0]?.status?.["phase"]).toBe("Running");
  });

  it("gives no node more than it has, and its room to the next when somebody goes", async () => {
    const { make, mergePatch, settled, pods, namespace, unique, target } = lab();
    const name = unique("gpu");
    const host = await make(node({ name, gpus: 2, cpu: "4" }));
    await settled(host, ({ spec }) => spec?.["taints"] === undefined);
    const options = {
      namespace,
      nodeSelector: { "kubernetes.io/hostname": name },
      requests: { "nvidia.com/gpu": "1" },
    };
    const first = deployment({ ...options, name: "first", replicas: 2 });
    await make(first);
    await settled(first, ({ status }) => status?.["readyReplicas"] === 2);
    const second = deployment({ ...options, name: "second", replicas: 1 });
    await make(second);
    const isWaiting = ([pod]: KubeObject[]) => pod !== undefined && conditions(pod)["PodScheduled"] === "False";
    await target.eventually(() => pods("second"), isWaiting);
    await mergePatch(first, { spec: { replicas: 1 } });
    const there = await settled(second, ({ status }) => status?.["readyReplicas"] === 1);
    expect(there.status?.["availableReplicas"]).toBe(1);
  });

  it("finishes a Job whose pods end", async () => {
    const { make, settled, namespace } = lab();
    const object = job({ name: "short", namespace, completions: 1 });
    const template = object.spec?.["template"] as { metadata: { annotations?: object } };
    template.metadata.annotations = { "test.genops.ai/completes-after": "0s" };
    await make(object);
    const done = await settled(object, (each) => conditions(each)["Complete"] === "True");
    expect(done.status?.["succeeded"]).toBe(1);
  });

  it("keeps a pod that is never ready out of the count of the ready", async () => {
    const { make, settled, namespace } = lab();
    const object = deployment({ name: "unready", namespace });
    const template = object.spec?.["template"] as { metadata: { annotations?: object } };
    template.metadata.annotations = { "test.genops.ai/ready": "false" };
    await make(object);
    const there = await settled(
      object,
      ({ status }) => status?.["replicas"] === 1 && status["unavailableReplicas"] === 1,
    );
    expect(there.status).not.toHaveProperty("readyReplicas");
  });

  it("keeps a workload within the limits of its HPA", async () => {
    const { make, mergePatch, settled, namespace } = lab();
    const object = deployment({ name: "scaled", namespace, replicas: 2 });
    await make(object);
    const scaler = hpa({ name: "scaled", namespace, target: "scaled", min: 1, max: 4 });
    await make(scaler);
    await settled(scaler, ({ status }) => status?.["currentReplicas"] === 2);
    await mergePatch(scaler, { spec: { minReplicas: 1, maxReplicas: 1 } });
    const capped = await settled(object, ({ spec }) => spec?.["replicas"] === 1);
    expect(ownersOf(capped, ["spec", "replicas"])).toEqual(["kube-controller-manager/scale"]);
    await mergePatch(scaler, { spec: { minReplicas: 3, maxReplicas: 4 } });
    expect((await settled(object, ({ spec }) => spec?.["replicas"] === 3)).spec?.["replicas"]).toBe(3);
  });

  it("switches an HPA off at 0, and it does not wake by itself", async () => {
    const { make, mergePatch, settled, read, namespace } = lab();
    const object = deployment({ name: "asleep", namespace, replicas: 1 });
    await make(object);
    const scaler = hpa({ name: "asleep", namespace, target: "asleep", min: 2, max: 4 });
    await make(scaler);
    await settled(object, ({ spec }) => spec?.["replicas"] === 2);
    await mergePatch(object, { spec: { replicas: 0 } });
    const off = await settled(scaler, ({ status }) => JSON.stringify(status).includes("ScalingDisabled"));
    expect(conditions(off)["ScalingActive"]).toBe("False");
    expect((await read(object)).spec?.["replicas"]).toBe(0);
  });

  it("removes what a deleted owner owned", async () => {
    const { make, client, settled, pods, namespace, target } = lab();
    const object = deployment({ name: "family", namespace, replicas: 1 });
    await make(object);
    await settled(object, ({ status }) => status?.["readyReplicas"] === 1);
    const body = { propagationPolicy: "Background" };
    const { status } = await client.call("DELETE", `/apis/apps/v1/namespaces/${namespace}/deployments/family`, {
      body,
    });
    expect(status).toBe(200);
    expect(
      await target.eventually(
        () => pods("family"),
        (left) => left.length === 0,
      ),
    ).toEqual([]);
  });
}
