import { describe, expect, inject, it } from "vitest";
import { type KubeObject, kubeRequest } from "../support/kube-request.ts";
import { deployment, make, makeNamespace, phases, specOf, times, WAIT } from "./objects.ts";

/** What stands in for KEDA, Karpenter, Argo CD and Flux does what the reference says of them. */

const { aws, azure, gcp } = inject("clusters");
const deployments = (namespace: string) => `/apis/apps/v1/namespaces/${namespace}/deployments`;

describe("KEDA", () => {
  const objects = (namespace: string) => `/apis/keda.sh/v1alpha1/namespaces/${namespace}/scaledobjects`;
  const hpa = (namespace: string) =>
    kubeRequest(azure, "GET", `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/keda-hpa-web`);

  async function makeScaled(): Promise<string> {
    const namespace = await makeNamespace(azure);
    await make(azure, deployments(namespace), deployment({ name: "web", replicas: 3 }));
    await make(azure, objects(namespace), {
      apiVersion: "keda.sh/v1alpha1",
      kind: "ScaledObject",
      metadata: { name: "web" },
      spec: {
        scaleTargetRef: { name: "web" },
        minReplicaCount: 2,
        maxReplicaCount: 6,
        triggers: [{ type: "cron", metadata: { timezone: "UTC", start: "0 8 * * *", end: "0 18 * * *" } }],
      },
    });
    await expect.poll(async () => (await hpa(namespace)).status, WAIT).toBe(200);
    return namespace;
  }

  const annotate = async (namespace: string, annotations: Record<string, string | null>) => {
    const path = `${objects(namespace)}/web`;
    expect((await kubeRequest(azure, "PATCH", path, { metadata: { annotations } }, "person")).status).toBe(200);
  };
  const paused = async (namespace: string) =>
    condition((await kubeRequest(azure, "GET", `${objects(namespace)}/web`)).body, "Paused");

  it("keeps an HPA of its own that it owns, and puts back what others change of it", async () => {
    const namespace = await makeScaled();
    const { body } = await hpa(namespace);
    expect(body.metadata?.ownerReferences).toEqual([expect.objectContaining({ kind: "ScaledObject", name: "web" })]);
    expect(body.spec).toMatchObject({
      minReplicas: 2,
      maxReplicas: 6,
      scaleTargetRef: { kind: "Deployment", name: "web" },
    });
    const path = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/keda-hpa-web`;
    await kubeRequest(azure, "PATCH", path, { spec: { maxReplicas: 3 } }, "person");
    await expect.poll(async () => (await hpa(namespace)).body.spec, WAIT).toMatchObject({ maxReplicas: 6 });
  });

  it("pauses at a count without its HPA, and has both back when it goes on", async () => {
    const namespace = await makeScaled();
    await annotate(namespace, { "autoscaling.keda.sh/paused-replicas": "0", "autoscaling.keda.sh/paused": "true" });
    await expect.poll(() => paused(namespace), WAIT).toBe("True");
    expect((await hpa(namespace)).status).toBe(404);
    expect(await specOf(azure, `${deployments(namespace)}/web`)).toMatchObject({ replicas: 0 });
    await annotate(namespace, { "autoscaling.keda.sh/paused-replicas": null, "autoscaling.keda.sh/paused": null });
    await expect.poll(() => paused(namespace), WAIT).toBe("False");
    expect((await hpa(namespace)).status).toBe(200);
    await expect.poll(() => specOf(azure, `${deployments(namespace)}/web`), WAIT).toMatchObject({ replicas: 2 });
  });

  it("freezes the count with `paused` alone", async () => {
    const namespace = await makeScaled();
    await annotate(namespace, { "autoscaling.keda.sh/paused": "true" });
    await expect.poll(async () => (await hpa(namespace)).status, WAIT).toBe(404);
    expect(await specOf(azure, `${deployments(namespace)}/web`)).toMatchObject({ replicas: 3 });
  });

  it("pauses one way and keeps the HPA, which then scales that way no more", async () => {
    const namespace = await makeScaled();
    await annotate(namespace, { "autoscaling.keda.sh/paused-scale-out": "true" });
    await expect.poll(() => paused(namespace), WAIT).toBe("True");
    const disabled = { behavior: { scaleUp: { selectPolicy: "Disabled" } } };
    await expect.poll(async () => (await hpa(namespace)).body.spec, WAIT).toMatchObject(disabled);
    await annotate(namespace, { "autoscaling.keda.sh/paused-scale-out": null });
    await expect.poll(async () => (await hpa(namespace)).body.spec, WAIT).not.toMatchObject(disabled);
    expect(await paused(namespace)).toBe("False");
  });

  it("refuses what its schema does not know", async () => {
    const namespace = await makeNamespace(azure);
    const object = {
      apiVersion: "keda.sh/v1alpha1",
      kind: "ScaledObject",
      metadata: { name: "x" },
      spec: { triggers: [] },
    };
    const { status, body } = await kubeRequest(azure, "POST", objects(namespace), object);
    expect([status, body.message]).toEqual([422, expect.stringContaining("spec.scaleTargetRef: Required value")]);
  });
});

describe("Karpenter", () => {
  const pools = "/apis/karpenter.sh/v1/nodepools";

  function pool(name: string, limits: Record<string, string>): object {
    return {
      apiVersion: "karpenter.sh/v1",
      kind: "NodePool",
      metadata: { name, annotations: { "test.genops.ai/node-shape": '{"cpu":"4","memory":"16Gi","gpus":"1"}' } },
      spec: {
        limits,
        template: {
          spec: {
            nodeClassRef: { group: "karpenter.k8s.aws", kind: "EC2NodeClass", name: "default" },
            requirements: [{ key: "karpenter.sh/capacity-type", operator: "In", values: ["spot"] }],
          },
        },
      },
    };
  }

  it("launches nodes for pods without a place up to the limits, reports them, and removes them when they are empty", async () => {
    const namespace = await makeNamespace(aws);
    await make(aws, pools, pool(namespace, { cpu: "8" }));
    const nodes = async () => {
      const { body } = await kubeRequest(
        aws,
        "GET",
        `/api/v1/nodes?labelSelector=karpenter.sh%2Fnodepool%3D${namespace}`,
      );
      return body.items ?? [];
    };
    const pod = { nodeSelector: { "karpenter.sh/nodepool": namespace } };
    const requests = { cpu: "3" };
    await make(aws, deployments(namespace), deployment({ name: "batch", replicas: 4, requests, pod }));
    await expect
      .poll(() => phases(aws, namespace, "batch"), WAIT)
      .toEqual([...times(2, "Pending"), ...times(2, "Running")]);
    expect((await nodes()).map(({ metadata }) => metadata?.labels?.["karpenter.sh/capacity-type"])).toEqual(
      times(2, "spot"),
    );
    await expect
      .poll(async () => (await kubeRequest(aws, "GET", `${pools}/${namespace}`)).body.status, WAIT)
      .toMatchObject({ nodes: 2, resources: { cpu: "8", "nvidia.com/gpu": "2", nodes: "2" } });
    await kubeRequest(aws, "PATCH", `${deployments(namespace)}/batch`, { spec: { replicas: 0 } });
    await expect.poll(nodes, WAIT).toEqual([]);
    await kubeRequest(aws, "DELETE", `${pools}/${namespace}`);
  });

  it("launches nothing while the limits are at what is used, and goes on when they are lifted", async () => {
    const namespace = await makeNamespace(gcp);
    await make(gcp, pools, pool(namespace, { cpu: "0" }));
    const pod = { nodeSelector: { "karpenter.sh/nodepool": namespace } };
    await make(gcp, deployments(namespace), deployment({ name: "batch", requests: { "nvidia.com/gpu": "1" }, pod }));
    await expect
      .poll(
        async () => JSON.stringify((await kubeRequest(gcp, "GET", `/api/v1/namespaces/${namespace}/pods`)).body),
        WAIT,
      )
      .toContain('"Unschedulable"');
    expect(await phases(gcp, namespace, "batch")).toEqual(["Pending"]);
    await kubeRequest(gcp, "PATCH", `${pools}/${namespace}`, { spec: { limits: null } });
    await expect.poll(() => phases(gcp, namespace, "batch"), WAIT).toEqual(["Running"]);
    await kubeRequest(gcp, "DELETE", deployments(namespace));
    await kubeRequest(gcp, "DELETE", `${pools}/${namespace}`);
  });

  it("takes only a limit of nodes for a pool of fixed size", async () => {
    const fixed = { ...pool("fixed", { cpu: "4" }) } as { spec: object };
    const { status, body } = await kubeRequest(aws, "POST", pools, { ...fixed, spec: { ...fixed.spec, replicas: 1 } });
    expect([status, body.message]).toEqual([422, expect.stringContaining("only 'limits.nodes' is supported")]);
  });
});

describe("GitOps", () => {
  const argo = { "argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/web" };
  const git = { "test.genops.ai/git-replicas": "3" };
  const flux = { "kustomize.toolkit.fluxcd.io/name": "shop" };

  async function scaleDown(namespace: string): Promise<KubeObject> {
    const path = `${deployments(namespace)}/web`;
    const { body } = await kubeRequest(gcp, "PATCH", `${path}?fieldManager=genops-enforcer`, { spec: { replicas: 1 } });
    expect(body.spec).toMatchObject({ replicas: 1 });
    return body;
  }
  const live = async (namespace: string) => (await kubeRequest(gcp, "GET", `${deployments(namespace)}/web`)).body;
  const managers = (object: KubeObject) => object.metadata?.managedFields?.map(({ manager }) => manager);

  it.each([
    ["Argo CD", "argocd-controller", { annotations: { ...argo, ...git } }],
    ["Flux", "kustomize-controller", { annotations: git, labels: flux }],
  ])("%s puts back what git holds, under its own name", async (_tool, manager, metadata) => {
    const namespace = await makeNamespace(gcp);
    await make(gcp, deployments(namespace), deployment({ name: "web", replicas: 3, ...metadata }));
    await scaleDown(namespace);
    await expect.poll(async () => (await live(namespace)).spec, WAIT).toMatchObject({ replicas: 3 });
    expect(managers(await live(namespace))).toContain(manager);
  });

  it.each([
    [
      "Argo CD, told to ignore the difference,",
      { annotations: { ...argo, ...git, "test.genops.ai/respect-ignore": "true" } },
    ],
    [
      "Flux, disabled for the object,",
      { annotations: { ...git, "kustomize.toolkit.fluxcd.io/reconcile": "disabled" }, labels: flux },
    ],
    ["an object that no tool tracks", { annotations: git }],
  ])("%s stays as it was changed", async (_tool, metadata) => {
    const namespace = await makeNamespace(gcp);
    await make(gcp, deployments(namespace), deployment({ name: "web", replicas: 3, ...metadata }));
    // A second object that is healed shows that the controllers have been there.
    const witness = { name: "witness", replicas: 1, annotations: { ...argo, ...git }, labels: flux };
    await scaleDown(namespace);
    await make(gcp, deployments(namespace), deployment(witness));
    await expect.poll(() => specOf(gcp, `${deployments(namespace)}/witness`), WAIT).toMatchObject({ replicas: 3 });
    expect((await live(namespace)).spec).toMatchObject({ replicas: 1 });
  });

  it("holds other fields than the replicas, of other kinds, too", async () => {
    const namespace = await makeNamespace(gcp);
    const path = `/apis/batch/v1/namespaces/${namespace}/cronjobs`;
    await make(gcp, path, {
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata: { name: "nightly", annotations: { ...argo, "test.genops.ai/git-spec": '{"suspend":false}' } },
      spec: {
        schedule: "0 3 1 1 *",
        jobTemplate: {
          spec: {
            template: { spec: { restartPolicy: "Never", containers: [{ name: "main", image: "example.com/none:1" }] } },
          },
        },
      },
    });
    await kubeRequest(gcp, "PATCH", `${path}/nightly`, { spec: { suspend: true } });
    await expect.poll(() => specOf(gcp, `${path}/nightly`), WAIT).toMatchObject({ suspend: false });
  });
});

function condition({ status }: KubeObject, type: string): string | undefined {
  const conditions =
    typeof status === "object" ? (status.conditions as { type: string; status: string }[] | undefined) : [];
  return conditions?.find((each) => each.type === type)?.status;
}
