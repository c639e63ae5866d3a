import { expect, it } from "vitest";
import { deployment, node, nodePool, scaledObject } from "../../../support/kube-objects.ts";
import type { KubeObject } from "../../../support/kube-server/types.ts";
import { conditions, type Lab, ownersOf, pathOf } from "../lab.ts";

const KEDA = "autoscaling.keda.sh";

/** The stand-ins for KEDA, Karpenter, Argo CD and Flux. */
export function operators(lab: () => Lab): void {
  const kedaHpa = (name: string): KubeObject => ({
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: `keda-hpa-${name}`, namespace: lab().namespace },
  });

  async function scaled(name: string): Promise<{ object: KubeObject; workload: KubeObject }> {
    const { make, settled, namespace, client, target } = lab();
    const workload = deployment({ name, namespace, replicas: 3 });
    await make(workload);
    const object = await make(scaledObject({ name, namespace, target: name, min: 1, max: 5 }));
    await settled(object, (each) => conditions(each)["Paused"] === "False");
    await target.eventually(
      () => client.call("GET", pathOf(kedaHpa(name))),
      ({ status }) => status === 200,
    );
    return { object, workload };
  }

  it("KEDA makes an HPA of its own for a ScaledObject", async () => {
    const { object } = await scaled("keda");
    const made = await lab().read(kedaHpa("keda"));
    expect(made.spec).toMatchObject({
      minReplicas: 1,
      maxReplicas: 5,
      scaleTargetRef: { kind: "Deployment", name: "keda" },
    });
    expect(made.metadata.ownerReferences?.[0]).toMatchObject({ kind: "ScaledObject", uid: object.metadata.uid });
    expect((await lab().read(object)).status).toMatchObject({ hpaName: "keda-hpa-keda", originalReplicaCount: 3 });
  });

  it("KEDA paused at a count scales to it, takes its HPA away and says so; and all comes back", async () => {
    const { mergePatch, settled, client, target } = lab();
    const { object, workload } = await scaled("paused");
    const annotations = { [`${KEDA}/paused-replicas`]: "2", [`${KEDA}/paused`]: "true" };
    await mergePatch(object, { metadata: { annotations } });
    const paused = await settled(object, (each) => conditions(each)["Paused"] === "True");
    expect(paused.status?.["pausedReplicaCount"]).toBe(2);
    const held = await settled(workload, ({ spec }) => spec?.["replicas"] === 2);
    expect(ownersOf(held, ["spec", "replicas"])).toEqual(["keda/scale"]);
    expect((await client.call("GET", pathOf(kedaHpa("paused")))).status).toBe(404);
    await mergePatch(object, {
      metadata: { annotations: { [`${KEDA}/paused-replicas`]: null, [`${KEDA}/paused`]: null } },
    });
    const free = await settled(object, (each) => conditions(each)["Paused"] === "False");
    expect(free.status).not.toHaveProperty("pausedReplicaCount");
    const back = await target.eventually(
      () => client.call("GET", pathOf(kedaHpa("paused"))),
      ({ status }) => status === 200,
    );
    expect(back.status).toBe(200);
  });

  it("KEDA paused at 0 goes to 0, and wakes when it is not", async () => {
    const { mergePatch, settled } = lab();
    const { object, workload } = await scaled("zero");
    await mergePatch(object, { metadata: { annotations: { [`${KEDA}/paused-replicas`]: "0" } } });
    await settled(workload, ({ spec }) => spec?.["replicas"] === 0);
    await mergePatch(object, { metadata: { annotations: { [`${KEDA}/paused-replicas`]: null } } });
    expect((await settled(workload, ({ spec }) => spec?.["replicas"] === 1)).spec?.["replicas"]).toBe(1);
  });

  it("KEDA stopped from scaling out keeps its HPA, with that direction off", async () => {
    const { mergePatch, settled } = lab();
    const { object } = await scaled("one-way");
    await mergePatch(object, { metadata: { annotations: { [`${KEDA}/paused-scale-out`]: "true" } } });
    await settled(object, (each) => conditions(each)["Paused"] === "True");
    const off = await settled(
      kedaHpa("one-way"),
      ({ spec }) => JSON.stringify(spec?.["behavior"])?.includes("Disabled") === true,
    );
    expect(off.spec?.["behavior"]).toMatchObject({ scaleUp: { selectPolicy: "Disabled" } });
    await mergePatch(object, { metadata: { annotations: { [`${KEDA}/paused-scale-out`]: null } } });
    await settled(object, (each) => conditions(each)["Paused"] === "False");
    const free = await settled(
      kedaHpa("one-way"),
      ({ spec }) => JSON.stringify(spec ?? {}).includes("Disabled") === false,
    );
    expect(free.spec?.["maxReplicas"]).toBe(5);
  });

  it("Karpenter counts what the nodes of a NodePool have", async () => {
    const { make, settled, unique } = lab();
    const name = unique("pool");
    const pool = await make(nodePool({ name, limits: { cpu: "100", memory: "400Gi" } }));
    await make(node({ name: unique("node"), nodePool: name, cpu: "8", memory: "32Gi" }));
    const counted = await settled(
      pool,
      ({ status }) => (status?.["resources"] as Record<string, string> | undefined)?.["cpu"] === "8",
    );
    expect(counted.status).toMatchObject({ nodes: 1, resources: { cpu: "8", memory: "32Gi", nodes: "1" } });
    expect(conditions(counted)["Ready"]).toBe("True");
  });

  it("leaves the limits of a NodePool as they are written", async () => {
    const { make, mergePatch, unique } = lab();
    const pool = await make(nodePool({ name: unique("limits"), limits: { cpu: "100", "nvidia.com/gpu": "8" } }));
    const lowered = await mergePatch(pool, { spec: { limits: { cpu: "8" } } });
    expect(lowered.body.spec?.["limits"]).toEqual({ cpu: "8", "nvidia.com/gpu": "8" });
    const gone = await mergePatch(pool, { spec: { limits: null } });
    expect(gone.body.spec).not.toHaveProperty("limits");
  });

  const tracked = {
    "argocd.argoproj.io/tracking-id": "app:apps/Deployment:ml/web",
    "test.genops.ai/git-replicas": "2",
  };

  it("Argo CD with self-heal puts back what somebody changed, as itself", async () => {
    const { make, mergePatch, settled, namespace } = lab();
    const object = await make(deployment({ name: "argo", namespace, replicas: 2, annotations: tracked }));
    await mergePatch(object, { spec: { replicas: 0 } }, { query: { fieldManager: "genops-enforcer" } });
    const healed = await settled(object, (each) => ownersOf(each, ["spec", "replicas"]).includes("argocd-controller"));
    expect(healed.spec?.["replicas"]).toBe(2);
  });

  it("Argo CD looks away where it was told to", async () => {
    const { make, mergePatch, read, namespace } = lab();
    const annotations = { ...tracked, "test.genops.ai/respect-ignore": "true" };
    const object = await make(deployment({ name: "ignored", namespace, replicas: 2, annotations }));
    await mergePatch(object, { spec: { replicas: 1 } });
    expect((await read(object)).spec?.["replicas"]).toBe(1);
  });

  it("Flux puts back what somebody changed, and looks away where it is disabled", async () => {
    const { make, mergePatch, settled, read, namespace } = lab();
    const labels = { "kustomize.toolkit.fluxcd.io/name": "apps" };
    const annotations = { "test.genops.ai/git-replicas": "2" };
    const object = await make(deployment({ name: "flux", namespace, replicas: 2, labels, annotations }));
    await mergePatch(object, { spec: { replicas: 0 } });
    const healed = await settled(object, (each) =>
      ownersOf(each, ["spec", "replicas"]).includes("kustomize-controller"),
    );
    expect(healed.spec?.["replicas"]).toBe(2);
    const disabled = { "kustomize.toolkit.fluxcd.io/reconcile": "disabled" };
    await mergePatch(object, { metadata: { annotations: disabled }, spec: { replicas: 1 } });
    expect((await read(object)).spec?.["replicas"]).toBe(1);
  });
}
