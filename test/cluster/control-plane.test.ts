import { readFileSync } from "node:fs";
import { describe, expect, inject, it } from "vitest";
import { CONTROL_PLANE_TOOL, KUBERNETES_VARIABLE } from "../../scripts/lib/control-plane.mjs";
import { kubeRequest } from "../support/kube-request.ts";
import { deployment, make, makeNamespace, phases, podTemplate, specOf, times, WAIT } from "./objects.ts";

/** What the real parts do, as far as GenOps builds on it. */

const clusters = inject("clusters");
const { aws } = clusters;
const apps = (namespace: string) => `/apis/apps/v1/namespaces/${namespace}`;

describe("the three clusters", () => {
  it("are a Kubernetes of the version that was asked for, each with nodes of its cloud", async () => {
    for (const cluster of Object.values(clusters)) {
      const { body } = await kubeRequest(cluster, "GET", "/version");
      expect(body.gitVersion).toBe(cluster.version);
      // Other tests may add nodes of their own.
      const all = (await kubeRequest(cluster, "GET", "/api/v1/nodes")).body.items ?? [];
      const nodes = all.filter(({ metadata }) => metadata?.name?.startsWith(`${cluster.name}-pool-1-`));
      expect(nodes.map(({ spec }) => String(spec?.providerID).split(":")[0])).toEqual(
        times(3, { aws: "aws", azure: "azure", gcp: "gce" }[cluster.provider]),
      );
      expect(nodes.map(({ metadata }) => metadata?.labels?.["topology.kubernetes.io/region"])).toEqual(
        times(3, cluster.region),
      );
    }
    const wanted = /^k8s\.io\/kubernetes@(v\S+)/.exec(CONTROL_PLANE_TOOL.pin)?.[1];
    expect(aws.version).toMatch(
      process.env[KUBERNETES_VARIABLE] === undefined ? `${wanted}` : process.env[KUBERNETES_VARIABLE],
    );
  });

  it("start quickly and stay small", () => {
    for (const { name, pid, startMs } of Object.values(clusters)) {
      const memory = memoryOf(pid);
      console.log(`${name}: started in ${(startMs / 1000).toFixed(1)} s, ${memory} MB`);
      expect(memory).toBeLessThan(700);
      expect(startMs).toBeLessThan(60_000);
    }
  });

  it("know three users: one who may do everything, one who may nothing yet, and a person", async () => {
    const namespace = await makeNamespace(aws);
    const path = `${apps(namespace)}/deployments`;
    const calls = (["admin", "enforcer", "person"] as const).map((user) =>
      kubeRequest(aws, "GET", path, undefined, user),
    );
    expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([200, 403, 200]);
    const unknown = { ...aws, tokens: { ...aws.tokens, person: "nobody" } };
    expect((await kubeRequest(unknown, "GET", path, undefined, "person")).status).toBe(401);
    const review = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
    const who = await kubeRequest(aws, "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", review, "enforcer");
    expect(who.body.status).toMatchObject({ userInfo: { username: "genops-enforcer" } });
  });

  it("serve no metrics", async () => {
    const { body } = await kubeRequest(aws, "GET", "/apis");
    expect(JSON.stringify(body)).not.toContain("metrics.k8s.io");
  });
});

describe("pods", () => {
  it("appear and vanish as a deployment is scaled", async () => {
    const namespace = await makeNamespace(aws);
    await make(aws, `${apps(namespace)}/deployments`, deployment({ name: "web", replicas: 3 }));
    await expect.poll(() => phases(aws, namespace, "web"), WAIT).toEqual(times(3, "Running"));
    await expect
      .poll(async () => (await kubeRequest(aws, "GET", `${apps(namespace)}/deployments/web`)).body.status, WAIT)
      .toMatchObject({ readyReplicas: 3, availableReplicas: 3 });
    const scale = await kubeRequest(aws, "PATCH", `${apps(namespace)}/deployments/web/scale`, {
      spec: { replicas: 1 },
    });
    expect(scale.status).toBe(200);
    await expect.poll(() => phases(aws, namespace, "web"), WAIT).toEqual(["Running"]);
  });

  it("stay pending while their node carries a taint that they do not tolerate, and run when it is gone", async () => {
    const namespace = await makeNamespace(aws);
    const node = `node-${namespace}`;
    const size = { cpu: "2", memory: "4Gi", pods: "10" };
    await make(aws, "/api/v1/nodes", {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name: node, labels: { only: namespace } },
      spec: { taints: [{ key: "genops.ai/budget", value: "demo", effect: "NoSchedule" }] },
      status: { capacity: size, allocatable: size },
    });
    const pod = { nodeSelector: { only: namespace } };
    await make(aws, `${apps(namespace)}/deployments`, deployment({ name: "late", replicas: 2, pod }));
    await expect.poll(() => unschedulable(namespace), WAIT).toBe(2);
    expect(await phases(aws, namespace, "late")).toEqual(times(2, "Pending"));
    await kubeRequest(aws, "PATCH", `/api/v1/nodes/${node}`, { spec: { taints: null } });
    await expect.poll(() => phases(aws, namespace, "late"), WAIT).toEqual(times(2, "Running"));
    await kubeRequest(aws, "DELETE", `${apps(namespace)}/deployments/late`);
    await kubeRequest(aws, "DELETE", `/api/v1/nodes/${node}`);
  });

  it("of a job end when they say so; a suspended job has none", async () => {
    const namespace = await makeNamespace(aws);
    const path = `/apis/batch/v1/namespaces/${namespace}/jobs`;
    const job = (name: string, podAnnotations: Record<string, string>) => ({
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name },
      spec: { template: podTemplate({ name, podAnnotations, pod: { restartPolicy: "Never" } }) },
    });
    await make(aws, path, job("short", { "test.genops.ai/completes-after": "100ms" }));
    await make(aws, path, job("long", {}));
    await expect
      .poll(async () => (await kubeRequest(aws, "GET", `${path}/short`)).body.status, WAIT)
      .toMatchObject({ succeeded: 1 });
    await expect.poll(() => phases(aws, namespace, "long"), WAIT).toEqual(["Running"]);
    await kubeRequest(aws, "PATCH", `${path}/long`, { spec: { suspend: true } });
    await expect.poll(() => phases(aws, namespace, "long"), WAIT).toEqual([]);
  });

  it("of a stateful set get the volumes that they claim", async () => {
    const namespace = await makeNamespace(aws);
    await make(aws, `${apps(namespace)}/statefulsets`, {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: { name: "db" },
      spec: {
        replicas: 2,
        serviceName: "db",
        selector: { matchLabels: { app: "db" } },
        template: podTemplate({ name: "db" }),
        volumeClaimTemplates: [
          {
            metadata: { name: "data" },
            spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
          },
        ],
      },
    });
    await expect.poll(() => phases(aws, namespace, "db"), WAIT).toEqual(times(2, "Running"));
  });

  it("are evicted only as a disruption budget allows", async () => {
    const namespace = await makeNamespace(aws);
    await make(aws, `${apps(namespace)}/deployments`, deployment({ name: "kept", replicas: 2 }));
    await make(aws, `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`, {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "kept" },
      spec: { minAvailable: 2, selector: { matchLabels: { app: "kept" } } },
    });
    const budget = `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets/kept`;
    await expect
      .poll(async () => (await kubeRequest(aws, "GET", budget)).body.status, WAIT)
      .toMatchObject({ currentHealthy: 2, disruptionsAllowed: 0, observedGeneration: 1 });
    expect((await evictOne(namespace)).status).toBe(429);
    await kubeRequest(aws, "PATCH", budget, { spec: { minAvailable: 1 } });
    await expect
      .poll(async () => (await kubeRequest(aws, "GET", budget)).body.status, WAIT)
      .toMatchObject({ disruptionsAllowed: 1, observedGeneration: 2 });
    expect((await evictOne(namespace)).status).toBe(201);
  });
});

describe("refusals", () => {
  it("a quota lets no further pod in and leaves those that run", async () => {
    const namespace = await makeNamespace(aws);
    await make(aws, `${apps(namespace)}/deployments`, deployment({ name: "full", replicas: 2 }));
    await expect.poll(() => phases(aws, namespace, "full"), WAIT).toEqual(times(2, "Running"));
    const quotas = `/api/v1/namespaces/${namespace}/resourcequotas`;
    await make(aws, quotas, {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "genops-budget" },
      spec: { hard: { pods: "2", "count/jobs.batch": "0" } },
    });
    await expect
      .poll(async () => (await kubeRequest(aws, "GET", `${quotas}/genops-budget`)).body.status, WAIT)
      .toMatchObject({ used: { pods: "2" } });
    const pod = { apiVersion: "v1", kind: "Pod", ...podTemplate({ name: "one-more" }), metadata: { name: "one-more" } };
    const refused = await kubeRequest(aws, "POST", `/api/v1/namespaces/${namespace}/pods`, pod);
    expect([refused.status, refused.body.message]).toEqual([
      403,
      expect.stringContaining("exceeded quota: genops-budget"),
    ]);
    expect(await phases(aws, namespace, "full")).toEqual(times(2, "Running"));
  });

  it("a ValidatingAdmissionPolicy refuses growth, also through the scale subresource, until its binding is gone", async () => {
    const namespace = await makeNamespace(aws);
    await make(aws, `${apps(namespace)}/deployments`, deployment({ name: "web", replicas: 1 }));
    const policies = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
    const name = `no-growth-${namespace}`;
    await make(aws, policies, {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicy",
      metadata: { name },
      spec: {
        matchConstraints: {
          resourceRules: [
            {
              apiGroups: ["apps"],
              apiVersions: ["v1"],
              operations: ["UPDATE"],
              resources: ["deployments", "deployments/scale"],
            },
          ],
        },
        validations: [
          { expression: "object.spec.replicas <= oldObject.spec.replicas", message: "the budget is used up" },
        ],
      },
    });
    const bindings = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings";
    await make(aws, bindings, {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name },
      spec: {
        policyName: name,
        validationActions: ["Deny"],
        matchResources: { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } } },
      },
    });
    const grow = (path: string) => kubeRequest(aws, "PATCH", `${path}?dryRun=All`, { spec: { replicas: 5 } }, "person");
    const web = `${apps(namespace)}/deployments/web`;
    await expect.poll(async () => (await grow(web)).status, WAIT).toBe(422);
    expect((await grow(`${web}/scale`)).body.message).toContain("the budget is used up");
    expect((await kubeRequest(aws, "PATCH", web, { spec: { replicas: 0 } }, "person")).status).toBe(200);
    await kubeRequest(aws, "DELETE", `${bindings}/${name}`);
    await expect.poll(async () => (await grow(web)).status, WAIT).toBe(200);
    expect(await specOf(aws, web)).toMatchObject({ replicas: 0 });
    await kubeRequest(aws, "DELETE", `${policies}/${name}`);
  });

  it("a patch with an old resourceVersion is a conflict, one with another uid is invalid, and neither is done", async () => {
    // An object that no controller writes to: its version stays what this test makes it.
    const namespace = await makeNamespace(aws);
    const all = `/api/v1/namespaces/${namespace}/configmaps`;
    const first = await make(aws, all, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "it" },
      data: { by: "us" },
    });
    const second = await kubeRequest(aws, "PATCH", `${all}/it`, { metadata: { labels: { changed: "yes" } } });
    const old = { uid: first.metadata?.uid, resourceVersion: first.metadata?.resourceVersion };
    const uid = "00000000-0000-0000-0000-000000000000";
    const identities = [old, { uid }, { uid, resourceVersion: second.body.metadata?.resourceVersion }, { ...old, uid }];
    const answers = await Promise.all(
      identities.map((metadata) => kubeRequest(aws, "PATCH", `${all}/it`, { metadata, data: { by: "them" } })),
    );
    expect(answers.map(({ status }) => status)).toEqual([409, 422, 422, 409]);
    expect(answers[1]?.body.message).toContain("metadata.uid: Invalid value");
    expect((await kubeRequest(aws, "GET", `${all}/it`)).body.data).toEqual({ by: "us" });
  });
});

describe("an autoscaler", () => {
  it("obeys its bounds without metrics, and does nothing at zero", async () => {
    const namespace = await makeNamespace(aws);
    await make(aws, `${apps(namespace)}/deployments`, deployment({ name: "web", replicas: 5 }));
    const hpas = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`;
    await make(aws, hpas, {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: { name: "web" },
      spec: {
        minReplicas: 1,
        maxReplicas: 3,
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
        metrics: [
          { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } } },
        ],
      },
    });
    const web = `${apps(namespace)}/deployments/web`;
    await expect.poll(() => specOf(aws, web), WAIT).toMatchObject({ replicas: 3 });
    await kubeRequest(aws, "PATCH", web, { spec: { replicas: 0 } });
    await expect
      .poll(async () => JSON.stringify((await kubeRequest(aws, "GET", `${hpas}/web`)).body.status), WAIT)
      .toContain("ScalingDisabled");
    expect(await specOf(aws, web)).toMatchObject({ replicas: 0 });
  });
});

async function unschedulable(namespace: string): Promise<number> {
  const { body } = await kubeRequest(aws, "GET", `/api/v1/namespaces/${namespace}/pods`);
  return (body.items ?? []).filter(({ status }) => JSON.stringify(status).includes('"Unschedulable"')).length;
}

async function evictOne(namespace: string) {
  const { body } = await kubeRequest(aws, "GET", `/api/v1/namespaces/${namespace}/pods?labelSelector=app%3Dkept`);
  const name = body.items?.[0]?.metadata?.name ?? "";
  const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } };
  return kubeRequest(aws, "POST", `/api/v1/namespaces/${namespace}/pods/${name}/eviction`, eviction);
}

/** Megabytes of a process, where the system tells; 0 where it does not. */
function memoryOf(pid: number): number {
  if (process.platform !== "linux") return 0;
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024);
}
