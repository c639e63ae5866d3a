import { beforeAll, describe, expect, it } from "vitest";
import { type Manifest, type Overlay, shipped } from "../../support/deploy-manifests.ts";
import type { KubeObject, KubeResponse, KubeUser } from "../../support/kube-request.ts";

/** Who asks a server that the suite runs on. */
export interface GuardedServer {
  request(
    method: "GET" | "POST" | "PUT" | "DELETE" | "PATCH" | "APPLY",
    path: string,
    body?: object,
    user?: KubeUser,
  ): Promise<KubeResponse>;
}

const PATHS: Readonly<Record<string, string>> = {
  Namespace: "/api/v1/namespaces",
  ClusterRole: "/apis/rbac.authorization.k8s.io/v1/clusterroles",
  ClusterRoleBinding: "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
  ValidatingAdmissionPolicy: "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies",
  ValidatingAdmissionPolicyBinding: "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings",
};

const isPolicy = ({ kind }: Manifest) => kind.startsWith("ValidatingAdmissionPolicy");

/** As `kubectl apply --server-side -k` would: roles are replaced by those of the overlay. */
export async function install(
  server: GuardedServer,
  overlay: Overlay,
  { human = false, policies = true } = {},
): Promise<void> {
  for (const manifest of shipped(overlay, { human })) {
    if (isPolicy(manifest) && !policies) continue;
    const path = `${PATHS[manifest.kind]}/${manifest.metadata.name}?fieldManager=kubectl&force=true`;
    const { status, body } = await server.request("APPLY", path, manifest);
    expect([200, 201], `${manifest.kind}: ${body.message}`).toContain(status);
  }
}

const NAMESPACE = "guarded";
const apps = (kind: string, name: string, namespace = NAMESPACE) =>
  `/apis/apps/v1/namespaces/${namespace}/${kind}/${name}`;
const batch = (kind: string, name: string) => `/apis/batch/v1/namespaces/${NAMESPACE}/${kind}/${name}`;
const HPA = `/apis/autoscaling/v2/namespaces/${NAMESPACE}/horizontalpodautoscalers/web`;
const SCALED = `/apis/keda.sh/v1alpha1/namespaces/${NAMESPACE}/scaledobjects/queue`;
const ROLLOUT = `/apis/argoproj.io/v1alpha1/namespaces/${NAMESPACE}/rollouts/canary`;
const POOL = "/apis/karpenter.sh/v1/nodepools/guarded";
const NODE = "/api/v1/nodes/guarded-node";
const QUOTAS = `/api/v1/namespaces/${NAMESPACE}/resourcequotas`;

const MARKED = { "genops.ai/enforcement": "step-1", "genops.ai/original": "{}" };
const UNMARKED = { "genops.ai/enforcement": null, "genops.ai/original": null };
const container = { name: "main", image: "registry.example/app:1", resources: { requests: { cpu: "100m" } } };
const template = (restartPolicy = "Always") => ({
  metadata: { labels: { app: "web" } },
  spec: { restartPolicy, containers: [container] },
});
const selector = { matchLabels: { app: "web" } };
const metadata = (name: string, more: object = {}) => ({ name, annotations: { "example.com/owner": "shop" }, ...more });

const OBJECTS: readonly [string, object][] = [
  [
    "/api/v1/namespaces",
    { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE, labels: { "genops.ai/enforce": "block" } } },
  ],
  ["/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: "left-alone" } }],
  ...[NAMESPACE, "left-alone", "kube-system"].map((namespace): [string, object] => [
    `/apis/apps/v1/namespaces/${namespace}/deployments`,
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: metadata("web"),
      spec: { replicas: 0, selector, template: template() },
    },
  ]),
  [
    `/apis/apps/v1/namespaces/${NAMESPACE}/statefulsets`,
    {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: metadata("db"),
      spec: { replicas: 0, serviceName: "db", selector, template: template() },
    },
  ],
  [
    `/apis/batch/v1/namespaces/${NAMESPACE}/cronjobs`,
    {
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata: metadata("nightly"),
      spec: { schedule: "0 3 * * *", jobTemplate: { spec: { template: template("Never") } } },
    },
  ],
  [
    `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`,
    {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: metadata("train"),
      spec: { suspend: true, template: { spec: template("Never").spec } },
    },
  ],
  [
    `/apis/autoscaling/v2/namespaces/${NAMESPACE}/horizontalpodautoscalers`,
    {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: metadata("web"),
      spec: {
        minReplicas: 2,
        maxReplicas: 10,
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
      },
    },
  ],
  [
    `/apis/keda.sh/v1alpha1/namespaces/${NAMESPACE}/scaledobjects`,
    {
      apiVersion: "keda.sh/v1alpha1",
      kind: "ScaledObject",
      metadata: metadata("queue"),
      spec: {
        scaleTargetRef: { name: "absent" },
        maxReplicaCount: 9,
        triggers: [
          { type: "cron", metadata: { timezone: "UTC", start: "0 8 * * *", end: "0 18 * * *", desiredReplicas: "3" } },
        ],
      },
    },
  ],
  [
    `/apis/argoproj.io/v1alpha1/namespaces/${NAMESPACE}/rollouts`,
    {
      apiVersion: "argoproj.io/v1alpha1",
      kind: "Rollout",
      metadata: metadata("canary"),
      spec: { replicas: 2, selector, template: template() },
    },
  ],
  [
    "/apis/karpenter.sh/v1/nodepools",
    {
      apiVersion: "karpenter.sh/v1",
      kind: "NodePool",
      metadata: metadata("guarded"),
      spec: {
        limits: { cpu: "1000" },
        template: {
          spec: {
            nodeClassRef: { group: "karpenter.k8s.aws", kind: "EC2NodeClass", name: "default" },
            requirements: [{ key: "karpenter.sh/capacity-type", operator: "In", values: ["spot"] }],
          },
        },
      },
    },
  ],
  [
    "/api/v1/nodes",
    {
      apiVersion: "v1",
      kind: "Node",
      metadata: metadata("guarded-node"),
      spec: { taints: [{ key: "dedicated", value: "ml", effect: "NoSchedule" }] },
    },
  ],
  [
    `/api/v1/namespaces/${NAMESPACE}/pods`,
    { apiVersion: "v1", kind: "Pod", metadata: metadata("lonely"), spec: template().spec },
  ],
  [
    `/api/v1/namespaces/${NAMESPACE}/secrets`,
    { apiVersion: "v1", kind: "Secret", metadata: metadata("key"), stringData: { key: "value" } },
  ],
  ["/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: "genops-system" } }],
  [
    "/api/v1/namespaces/genops-system/services",
    { apiVersion: "v1", kind: "Service", metadata: { name: "genops-ai" }, spec: { ports: [{ port: 80 }] } },
  ],
  [
    `/api/v1/namespaces/${NAMESPACE}/resourcequotas`,
    { apiVersion: "v1", kind: "ResourceQuota", metadata: metadata("theirs"), spec: { hard: { pods: "50" } } },
  ],
];

type Case = readonly [what: string, method: Parameters<GuardedServer["request"]>[0], path: string, body?: object];

const fields = (path: string, spec: object, annotations: object = {}): object => ({
  metadata: { annotations: { ...MARKED, ...annotations } },
  ...(path === "" ? {} : { spec }),
});
const back = (spec: object, annotations: object = {}) => ({
  metadata: { annotations: { ...UNMARKED, ...annotations } },
  spec,
});

/** Each row of the decision table, there and back. */
const ALLOWED: readonly Case[] = [
  ["scale a Deployment down", "PATCH", apps("deployments", "web"), fields("/", { replicas: 1 })],
  ["put a Deployment back", "PATCH", apps("deployments", "web"), back({ replicas: 0 })],
  [
    "move an object's version on",
    "PATCH",
    apps("deployments", "web"),
    { metadata: { annotations: { "genops.ai/fence": "1" } } },
  ],
  [
    "suspend Flux for an object",
    "PATCH",
    apps("deployments", "web"),
    fields("/", { replicas: 1 }, { "kustomize.toolkit.fluxcd.io/reconcile": "disabled" }),
  ],
  ["scale a StatefulSet", "PATCH", apps("statefulsets", "db"), fields("/", { replicas: 1 })],
  ["scale a Rollout", "PATCH", ROLLOUT, fields("/", { replicas: 1 })],
  ["suspend a CronJob", "PATCH", batch("cronjobs", "nightly"), fields("/", { suspend: true })],
  ["resume a CronJob", "PATCH", batch("cronjobs", "nightly"), back({ suspend: null })],
  ["resume a Job", "PATCH", batch("jobs", "train"), back({ suspend: false })],
  ["suspend a Job", "PATCH", batch("jobs", "train"), fields("/", { suspend: true })],
  ["lower an HPA", "PATCH", HPA, fields("/", { minReplicas: 1, maxReplicas: 1 })],
  ["put an HPA back", "PATCH", HPA, back({ minReplicas: 2, maxReplicas: 10 })],
  [
    "hold a ScaledObject",
    "PATCH",
    SCALED,
    fields("", {}, { "autoscaling.keda.sh/paused": "true", "autoscaling.keda.sh/paused-replicas": "0" }),
  ],
  ["stop a ScaledObject's growth", "PATCH", SCALED, fields("", {}, { "autoscaling.keda.sh/paused-scale-out": "true" })],
  ["cap a NodePool", "PATCH", POOL, fields("/", { limits: { cpu: "16", memory: "64Gi" } })],
  ["put a NodePool back", "PATCH", POOL, back({ limits: { cpu: "1000", memory: null } })],
  [
    "taint a node",
    "PATCH",
    NODE,
    fields("/", {
      taints: [
        { key: "dedicated", value: "ml", effect: "NoSchedule" },
        { key: "genops.ai/budget", value: "b", effect: "NoSchedule" },
      ],
    }),
  ],
  ["cordon a node", "PATCH", NODE, fields("/", { unschedulable: true })],
  [
    "make a quota of its own",
    "APPLY",
    `${QUOTAS}/genops-budget?fieldManager=genops-enforcer`,
    ownQuota("genops-budget", "10"),
  ],
  [
    "change a quota of its own",
    "APPLY",
    `${QUOTAS}/genops-budget?fieldManager=genops-enforcer`,
    ownQuota("genops-budget", "5"),
  ],
  ["delete a quota of its own", "DELETE", `${QUOTAS}/genops-budget`],
  ["list pods", "GET", `/api/v1/namespaces/${NAMESPACE}/pods`],
  ["read GenOps' own service", "GET", "/api/v1/namespaces/genops-system/services/genops-ai"],
  ["read its own rights", "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review("patch")],
];

function ownQuota(name: string, pods: string, labels: object = { "genops.ai/enforcement": "step-1" }): object {
  return {
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: { name, namespace: NAMESPACE, labels },
    spec: { hard: { pods } },
  };
}

function review(verb: string): object {
  const resourceAttributes = { verb, group: "apps", resource: "deployments" };
  return { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview", spec: { resourceAttributes } };
}

const withContainer = (change: object) => ({
  spec: { template: { spec: { containers: [{ ...container, ...change }] } } },
});

/** The identity has no such right. */
const FORBIDDEN: readonly Case[] = [
  ["read secrets", "GET", `/api/v1/namespaces/${NAMESPACE}/secrets/key`],
  ["delete a Deployment", "DELETE", apps("deployments", "web")],
  ["delete a pod", "DELETE", `/api/v1/namespaces/${NAMESPACE}/pods/lonely`],
  [
    "evict a pod",
    "POST",
    `/api/v1/namespaces/${NAMESPACE}/pods/lonely/eviction`,
    { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "lonely" } },
  ],
  ["delete a node", "DELETE", NODE],
  ["delete a namespace", "DELETE", `/api/v1/namespaces/left-alone`],
  [
    "opt a namespace in",
    "PATCH",
    "/api/v1/namespaces/left-alone",
    { metadata: { labels: { "genops.ai/enforce": "block" } } },
  ],
  ["widen its role", "PATCH", "/apis/rbac.authorization.k8s.io/v1/clusterroles/genops-enforcer", { rules: [] }],
  [
    "bind itself to more",
    "PATCH",
    "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/genops-enforcer",
    { subjects: [] },
  ],
  [
    "make a Deployment",
    "POST",
    `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`,
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "miner" },
      spec: { selector, template: template() },
    },
  ],
  ["run a command in a pod", "POST", `/api/v1/namespaces/${NAMESPACE}/pods/lonely/exec?command=sh`],
];

/** The right is there, and the guard says no. */
const GUARDED: readonly Case[] = [
  ["change an image", "PATCH", apps("deployments", "web"), withContainer({ image: "registry.example/miner:1" })],
  ["change the environment", "PATCH", apps("deployments", "web"), withContainer({ env: [{ name: "A", value: "b" }] })],
  ["change requests", "PATCH", apps("deployments", "web"), withContainer({ resources: { requests: { cpu: "4" } } })],
  [
    "change the template beside the replicas",
    "PATCH",
    apps("deployments", "web"),
    { spec: { replicas: 1, template: { metadata: { labels: { more: "x" } } } } },
  ],
  ["change a strategy", "PATCH", apps("deployments", "web"), { spec: { paused: true } }],
  [
    "change another annotation",
    "PATCH",
    apps("deployments", "web"),
    fields("/", { replicas: 1 }, { "example.com/owner": "nobody" }),
  ],
  [
    "remove another annotation",
    "PATCH",
    apps("deployments", "web"),
    fields("/", { replicas: 1 }, { "example.com/owner": null }),
  ],
  [
    "extend an exemption",
    "PATCH",
    apps("deployments", "web"),
    { metadata: { annotations: { "genops.ai/exempt-until": "2030-01-01" } } },
  ],
  ["change a label", "PATCH", apps("deployments", "web"), { metadata: { labels: { "genops.ai/protected": "false" } } }],
  ["add a finalizer", "PATCH", apps("deployments", "web"), { metadata: { finalizers: ["example.com/stuck"] } }],
  ["change a StatefulSet's image", "PATCH", apps("statefulsets", "db"), withContainer({ image: "other" })],
  ["change a CronJob's schedule", "PATCH", batch("cronjobs", "nightly"), { spec: { schedule: "* * * * *" } }],
  ["change a Job's parallelism", "PATCH", batch("jobs", "train"), { spec: { parallelism: 50 } }],
  [
    "point an HPA elsewhere",
    "PATCH",
    HPA,
    { spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "db" } } },
  ],
  ["change a ScaledObject's limits", "PATCH", SCALED, { spec: { maxReplicaCount: 100 } }],
  ["change a Rollout's template", "PATCH", ROLLOUT, withContainer({ image: "other" })],
  ["change a NodePool's template", "PATCH", POOL, { spec: { template: { metadata: { labels: { x: "y" } } } } }],
  ["take somebody's taint away", "PATCH", NODE, { spec: { taints: [] } }],
  [
    "add a taint of another name",
    "PATCH",
    NODE,
    {
      spec: {
        taints: [
          { key: "dedicated", value: "ml", effect: "NoSchedule" },
          { key: "x", effect: "NoExecute" },
        ],
      },
    },
  ],
  ["scale where nobody opted in", "PATCH", apps("deployments", "web", "left-alone"), fields("/", { replicas: 1 })],
  ["scale what is protected", "PATCH", apps("deployments", "web", "kube-system"), fields("/", { replicas: 1 })],
  [
    "make a quota without its label",
    "APPLY",
    `${QUOTAS}/genops-x?fieldManager=genops-enforcer`,
    ownQuota("genops-x", "1", {}),
  ],
  ["make a quota of another name", "APPLY", `${QUOTAS}/x?fieldManager=genops-enforcer`, ownQuota("x", "1")],
  [
    "take over somebody's quota",
    "PATCH",
    `${QUOTAS}/theirs`,
    { metadata: { labels: { "genops.ai/enforcement": "s" } }, spec: { hard: { pods: "0" } } },
  ],
  ["delete somebody's quota", "DELETE", `${QUOTAS}/theirs`],
];

const scale = (path: string, apiVersion: string, name: string) =>
  [
    `${path}/scale`,
    {
      apiVersion: "autoscaling/v1",
      kind: "Scale",
      metadata: { name, namespace: NAMESPACE },
      spec: { replicas: 0 },
      origin: apiVersion,
    },
  ] as const;

function named(cases: readonly Case[]) {
  return cases.map(([what, method, path, body]) => ({ what, method, path, body }));
}

/**
 * RBAC and guard as shipped, on a server of their own: nothing else may bind or guard the enforcer there. `policies: false`: the server
 * evaluates no CEL, and only RBAC is proven.
 */
export function guardRails(name: string, policies: boolean, open: () => Promise<GuardedServer>): void {
  describe(`guard rails on ${name}`, () => {
    let server: GuardedServer;
    beforeAll(async () => {
      server = await open();
      for (const [path, object] of OBJECTS) {
        const { status, body } = await server.request("POST", path, object);
        expect(status, `${path}: ${body.message}`).toBe(201);
      }
    });
    const as = (user: KubeUser) => (method: Case[1], path: string, body?: object) =>
      server.request(method, path, body, user);

    it("let our identity read nothing before they are there", async () => {
      expect((await as("enforcer")("GET", "/api/v1/nodes")).status).toBe(403);
    });

    describe("in the mode standard", () => {
      beforeAll(() => install(server, "standard", { policies }));

      it("our identity is known by its group", async () => {
        expect((await as("enforcer")("GET", QUOTAS)).status).toBe(200);
        if (policies) await guardWorks(server);
      });

      it.each(named(ALLOWED))("our identity may $what", async ({ method, path, body }) => {
        const { status, body: answer } = await as("enforcer")(method, path, body);
        expect([200, 201], said(answer)).toContain(status);
      });

      it.each(named(FORBIDDEN))("our identity may not $what", async ({ method, path, body }) => {
        const { status, body: answer } = await as("enforcer")(method, path, body);
        expect(status, said(answer)).toBe(403);
        expect(said(answer)).toContain("cannot");
      });

      it.each(policies ? named(GUARDED) : [])("the guard does not let it $what", async ({ method, path, body }) => {
        const { status, body: answer } = await as("enforcer")(method, path, body);
        expect([403, 422], said(answer)).toContain(status);
        expect(said(answer)).toContain("genops-guard");
      });

      it("put back what was marked, also after its namespace has opted out", async () => {
        const path = apps("deployments", "web");
        const namespace = `/api/v1/namespaces/${NAMESPACE}`;
        expect((await as("enforcer")("PATCH", path, fields("/", { replicas: 1 }))).status).toBe(200);
        await server.request("PATCH", namespace, { metadata: { labels: { "genops.ai/enforce": null } } });
        const { status, body } = await as("enforcer")("PATCH", path, back({ replicas: 0 }));
        await server.request("PATCH", namespace, { metadata: { labels: { "genops.ai/enforce": "block" } } });
        expect(status, said(body)).toBe(200);
      });

      it("are not in people's way", async () => {
        const image = withContainer({ image: "registry.example/app:2" });
        expect((await as("person")("PATCH", apps("deployments", "web", "kube-system"), image)).status).toBe(200);
      });
    });

    describe("in the mode scale-only", () => {
      beforeAll(() => install(server, "scale-only", { human: true, policies }));

      it.each([
        ["Deployment", ...scale(apps("deployments", "web"), "apps/v1", "web")],
        ["StatefulSet", ...scale(apps("statefulsets", "db"), "apps/v1", "db")],
        ["Rollout", ...scale(ROLLOUT, "argoproj.io/v1alpha1", "canary")],
      ] as const)("our identity may scale a %s", async (_, path, { origin: _origin, ...body }) => {
        const { status, body: answer } = await as("enforcer")("PUT", path, body);
        expect(status, said(answer)).toBe(200);
      });

      it.each(named(ALLOWED).filter(({ method }) => method !== "GET" && method !== "POST"))(
        "our identity may not $what by itself",
        async ({ method, path, body }) => {
          expect((await as("enforcer")(method, path, body)).status).toBe(403);
        },
      );

      it("our identity may only give back where nobody opted in", async () => {
        const path = `${apps("deployments", "web", "left-alone")}/scale`;
        const body = (replicas: number) => ({
          apiVersion: "autoscaling/v1",
          kind: "Scale",
          metadata: { name: "web", namespace: "left-alone" },
          spec: { replicas },
        });
        expect((await as("enforcer")("PUT", path, body(2))).status).toBe(200);
        const down = await as("enforcer")("PUT", path, body(1));
        expect(down.status === 200, said(down.body)).toBe(!policies);
        expect((await as("enforcer")("PUT", path, body(3))).status).toBe(200);
      });

      it("an eviction is let through with the role for people", async () => {
        const eviction = {
          apiVersion: "policy/v1",
          kind: "Eviction",
          metadata: { name: "lonely", namespace: NAMESPACE },
        };
        const path = `/api/v1/namespaces/${NAMESPACE}/pods/lonely/eviction`;
        const { status, body } = await as("enforcer")("POST", path, eviction);
        expect(status, said(body)).toBe(201);
      });
    });
  });
}

function said(body: KubeObject): string {
  return String(body.message);
}

/** A new policy is obeyed when the server has seen it, which takes a moment. */
async function guardWorks(server: GuardedServer): Promise<void> {
  const path = `${QUOTAS}/probe?fieldManager=genops-enforcer&dryRun=All`;
  await expect
    .poll(async () => said((await server.request("APPLY", path, ownQuota("probe", "1"), "enforcer")).body), {
      timeout: 30_000,
      interval: 100,
    })
    .toContain("genops-guard");
}
