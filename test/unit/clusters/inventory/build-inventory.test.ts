import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../../../shared/clusters/connections/types.ts";
import { buildInventory, type InventorySources } from "../../../../shared/clusters/inventory/build-inventory.ts";
import { DEFAULT_ALLOCATION } from "../../../../shared/clusters/inventory/governance.ts";
import {
  deployed,
  deployment,
  namespace,
  node,
  nodePool,
  object,
  pod,
  replicaSet,
  sourcesOf,
  workload,
} from "../../../support/cluster-objects.ts";

function build(objects: readonly KubeObject[], more: Partial<InventorySources> = {}) {
  return buildInventory(sourcesOf(objects, more));
}

function only(objects: readonly KubeObject[]) {
  const [first] = build([namespace("apps"), ...objects]).workloads;
  if (first === undefined) throw new Error("no workload");
  return first;
}

describe("owner chains", () => {
  it("go by uid over ReplicaSets and Rollouts; a pod of nobody we know is loose", () => {
    const rollout = workload("argoproj.io/v1alpha1", "Rollout", { namespace: "apps", name: "canary", replicas: 2 });
    const set = replicaSet(rollout);
    const stranger = object("example.com/v1", "Thing", { namespace: "apps", name: "thing" });
    const job = workload("batch/v1", "Job", { namespace: "apps", name: "once" });
    const { workloads, loosePods } = build([
      namespace("apps"),
      rollout,
      set,
      job,
      pod({ namespace: "apps", name: "a", owner: set }),
      pod({ namespace: "apps", name: "b", owner: job }),
      pod({ namespace: "apps", name: "c", owner: stranger }),
      pod({ namespace: "apps", name: "d" }),
      pod({ namespace: "apps", name: "e", owner: replicaSet(stranger) }),
    ]);
    expect(workloads.map(({ ref, pods }) => [ref.name, pods.map(({ name }) => name)])).toEqual([
      ["canary", ["a"]],
      ["once", ["b"]],
    ]);
    expect(loosePods.map(({ name }) => name)).toEqual(["c", "d", "e"]);
  });
});

describe("workloads", () => {
  it("count replicas as their kind means them", () => {
    const job = (name: string, spec: object, status: object = {}) => ({
      ...workload("batch/v1", "Job", { namespace: "apps", name, more: { ...spec } }),
      status: { ...status },
    });
    const done = { conditions: [{ type: "Complete", status: "True" }] };
    const set = object(
      "apps/v1",
      "DaemonSet",
      { namespace: "apps", name: "agent" },
      { spec: {}, status: { desiredNumberScheduled: 3, numberReady: 2 } },
    );
    const { workloads } = build([
      namespace("apps"),
      object("apps/v1", "Deployment", { namespace: "apps", name: "unset" }, { spec: {} }),
      set,
      job("two", { parallelism: 2 }),
      job("one", {}),
      job("asleep", { suspend: true, parallelism: 4 }),
      job("done", { parallelism: 4 }, done),
      object("batch/v1", "CronJob", { namespace: "apps", name: "cron" }, { spec: { suspend: true } }),
    ]);
    expect(
      workloads.map(({ ref, replicas, readyReplicas, suspended, class: kind }) => [
        ref.name,
        replicas,
        readyReplicas,
        suspended,
        kind,
      ]),
    ).toEqual([
      ["unset", 1, 0, false, "stateless"],
      ["agent", 3, 2, false, "stateless"],
      ["two", 2, 0, false, "batch"],
      ["one", 1, 0, false, "batch"],
      ["asleep", 0, 0, true, "batch"],
      ["done", 0, 0, false, "batch"],
      ["cron", 0, 0, true, "batch"],
    ]);
  });

  it("are stateful with a volume claim, and use GPUs by their template", () => {
    const claim = { volumes: [{ name: "v", persistentVolumeClaim: { claimName: "c" } }] };
    expect(only([deployment({ namespace: "apps", name: "db", spec: claim })])).toMatchObject({
      class: "stateful",
      persistent: true,
    });
    expect(only([workload("apps/v1", "StatefulSet", { namespace: "apps", name: "db" })])).toMatchObject({
      class: "stateful",
      persistent: false,
    });
    expect(only([deployment({ namespace: "apps", name: "ml", gpu: "2" })])).toMatchObject({
      gpu: true,
      perReplica: { gpu: "2" },
    });
    const cron = {
      jobTemplate: {
        spec: { template: { spec: { containers: [{ name: "c", resources: { limits: { "nvidia.com/gpu": "1" } } }] } } },
      },
    };
    expect(only([object("batch/v1", "CronJob", { namespace: "apps", name: "c" }, { spec: cron })]).gpu).toBe(true);
  });

  it("ask for the greater of containers with sidecars and init containers, plus overhead", () => {
    const asks = (name: string, cpu: string, more = {}) => ({ name, resources: { requests: { cpu } }, ...more });
    const spec = {
      containers: [asks("a", "1"), asks("b", "500m")],
      initContainers: [asks("side", "250m", { restartPolicy: "Always" }), asks("init", "1")],
      overhead: { cpu: "100m", memory: "1Mi" },
    };
    expect(only([deployment({ namespace: "apps", name: "a", spec })]).perReplica).toEqual({
      cpu: "1.85",
      memory: "1048576",
      gpu: "0",
    });
    const whole = { ...spec, resources: { requests: { cpu: "3" } } };
    expect(only([deployment({ namespace: "apps", name: "a", spec: whole })]).perReplica.cpu).toBe("3.1");
  });

  it("have the disruption budgets that select their pods", () => {
    const budget = (name: string, spec: object, disruptionsAllowed: number) =>
      object(
        "policy/v1",
        "PodDisruptionBudget",
        { namespace: "apps", name },
        { spec: { ...spec }, status: { disruptionsAllowed } },
      );
    const selector = { matchLabels: { app: "web" } };
    const { workloads } = build([
      namespace("apps"),
      ...deployed({ namespace: "apps", name: "web", nodes: ["n1", "n1", "n1"] }),
      budget("count", { minAvailable: 2, selector }, 1),
      budget("percent", { minAvailable: "50%", selector }, 1),
      budget("most", { maxUnavailable: 1, selector }, 0),
      budget("everything", { maxUnavailable: "100%", selector: {} }, 3),
      budget(
        "expressions",
        {
          minAvailable: 9,
          selector: {
            matchExpressions: [
              { key: "app", operator: "In", values: ["web"] },
              { key: "x", operator: "DoesNotExist" },
            ],
          },
        },
        0,
      ),
      budget("other", { minAvailable: 1, selector: { matchLabels: { app: "other" } } }, 0),
      budget("nothing", { minAvailable: 1 }, 0),
      budget(
        "no",
        { minAvailable: 1, selector: { matchExpressions: [{ key: "app", operator: "NotIn", values: ["web"] }] } },
        0,
      ),
    ]);
    const found = workloads[0]?.disruptionBudgets.map(({ name, minAvailable }) => [name, minAvailable]);
    expect(Object.fromEntries(found ?? [])).toEqual({ count: 2, percent: 2, most: 2, everything: 0, expressions: 3 });
    expect(workloads[0]?.pods.every(({ immovable }) => immovable)).toBe(true);
  });
});

describe("protection", () => {
  it("holds for the built-in list, the user's own, labels and system priorities", () => {
    const names = ["kube-node-lease", "argocd", "karpenter", "team-a", "shop", "marked"];
    const { namespaces, workloads } = build(
      [
        ...names.map((name) => namespace(name, name === "marked" ? { labels: { "genops.ai/protected": "true" } } : {})),
        deployment({ namespace: "marked", name: "a" }),
        deployment({ namespace: "shop", name: "b", annotations: { "genops.ai/protected": "true" } }),
        deployment({ namespace: "shop", name: "c", spec: { priorityClassName: "system-node-critical" } }),
        deployment({ namespace: "shop", name: "d" }),
        deployment({ namespace: "kube-unread", name: "e" }),
      ],
      { protectedNamespaces: ["team-*"] },
    );
    expect(namespaces.filter((each) => each.protected).map(({ name }) => name)).toEqual([
      "kube-node-lease",
      "argocd",
      "karpenter",
      "team-a",
      "marked",
    ]);
    expect(Object.fromEntries(workloads.map(({ ref, protected: is }) => [ref.name, is]))).toEqual({
      a: true,
      b: true,
      c: true,
      d: false,
      e: true,
    });
  });

  it("reads exemptions until the end of a day, and for good where the date is none", () => {
    const until = (name: string, text: string) =>
      deployment({ namespace: "apps", name, annotations: { "genops.ai/exempt-until": text } });
    const { workloads, problems } = build([
      namespace("apps", { labels: { "genops.ai/exempt-until": "2026-11-30" } }),
      until("later", "2026-12-24T18:00:00+01:00"),
      until("earlier", "2026-11-25"),
      until("wrong", "next week"),
    ]);
    expect(Object.fromEntries(workloads.map(({ ref, exemptUntil }) => [ref.name, exemptUntil]))).toEqual({
      later: "2026-12-24T17:00:00.000Z",
      earlier: "2026-11-30T23:59:59.999Z",
      wrong: "9999-12-31T23:59:59.999Z",
    });
    expect(problems).toEqual([
      expect.stringContaining('Deployment apps/wrong: genops.ai/exempt-until "next week" is no date'),
    ]);
  });

  it("reads opt-ins: an unknown word is none", () => {
    const { namespaces, workloads } = build([
      ...["freeze", "throttle", "block", "everything"].map((word) =>
        namespace(word, { labels: { "genops.ai/enforce": word } }),
      ),
      deployment({ namespace: "block", name: "a", annotations: { "genops.ai/allow": "StatefulSet, job" } }),
    ]);
    expect(namespaces.map(({ optIn }) => optIn)).toEqual(["freeze", "throttle", "block", "none"]);
    expect(workloads[0]?.allows).toEqual(["statefulset", "job"]);
  });
});

describe("governance", () => {
  it("comes from the object, its template, its namespace, the table of namespaces, the default", () => {
    const allocation = {
      ...DEFAULT_ALLOCATION,
      labels: {
        ...DEFAULT_ALLOCATION.labels,
        environment: { keys: ["env"], aliases: { prod: ["production"] }, default: "dev" },
      },
      namespaces: { apps: { cost_center: "42" } },
    };
    const { workloads, loosePods } = build(
      [
        namespace("apps", { labels: { team: "platform", project: "base" } }),
        deployment({ namespace: "apps", name: "a", labels: { env: "Production" }, podLabels: { project: "special" } }),
        pod({ namespace: "apps", name: "b", labels: { Team: "own" } }),
      ],
      { allocation },
    );
    expect(workloads[0]?.governance).toEqual({
      team: "platform",
      project: "special",
      environment: "prod",
      cost_center: "42",
    });
    expect(loosePods[0]?.governance).toEqual({ team: "own", project: "base", environment: "dev", cost_center: "42" });
  });
});

describe("nodes and pools", () => {
  const labelled = (name: string, labels: Record<string, string>, more: Partial<Parameters<typeof node>[0]> = {}) =>
    node({ name, pool: "", labels, ...more });
  const statusOf = (status: string, updated = "2026-11-22 11:59:50.123 +0000 UTC") =>
    object(
      "v1",
      "ConfigMap",
      {
        namespace: "kube-system",
        name: "cluster-autoscaler-status",
        annotations: { "cluster-autoscaler.kubernetes.io/last-updated": updated },
      },
      { data: { status } },
    );

  it("know spot and reserved capacity of every cloud", () => {
    const { nodes } = build([
      labelled("a", { "eks.amazonaws.com/capacityType": "SPOT" }),
      labelled("b", { "kubernetes.azure.com/scalesetpriority": "spot" }),
      labelled("c", { "cloud.google.com/gke-spot": "true" }),
      labelled("d", { "karpenter.sh/capacity-type": "reserved" }),
      labelled("e", { "karpenter.sh/capacity-type": "on-demand" }),
    ]);
    expect(nodes.map(({ capacityType }) => capacityType)).toEqual(["spot", "spot", "spot", "reserved", "on-demand"]);
  });

  it("read what cluster-autoscaler says of its groups, in both of its forms", () => {
    const nodes = [
      labelled("a", { "eks.amazonaws.com/nodegroup": "web" }),
      labelled("b", { "eks.amazonaws.com/nodegroup": "fixed" }),
      labelled("c", { "kubernetes.azure.com/agentpool": "pool1" }),
      labelled("d", { "cloud.google.com/gke-nodepool": "default-pool" }),
    ];
    const yaml = `nodeGroups:
- name: eks-web-0ac5c1de-1111-2222-3333-444455556666
  health: { status: Healthy, minSize: 2, maxSize: 9 }
- name: aks-pool1-12345678-vmss
  health: { minSize: 1, maxSize: 3 }
- name: https://www.googleapis.com/compute/v1/projects/p/zones/z-a/instanceGroups/gke-main-default-pool-0a1b2c3d-grp
  health: { minSize: 1, maxSize: 3 }
- name: https://www.googleapis.com/compute/v1/projects/p/zones/z-b/instanceGroups/gke-main-default-pool-9a1b2c3d-grp
  health: { minSize: 1, maxSize: 3 }`;
    const words = `Cluster-autoscaler status at 2026:
NodeGroups:
  Name:        eks-web-0ac5c1de-1111-2222-3333-444455556666
  Health:      Healthy (ready=3 cloudProviderTarget=3 (minSize=2, maxSize=9))`;
    const pools = (status: string) =>
      build(nodes, { autoscalerStatus: statusOf(status) }).nodePools.map(({ name, removes, minNodes }) => [
        name,
        removes,
        minNodes,
      ]);
    expect(pools(yaml)).toEqual([
      ["default-pool", "below-half", 2],
      ["fixed", "none", 0],
      ["pool1", "below-half", 1],
      ["web", "below-half", 2],
    ]);
    expect(pools(words)[3]).toEqual(["web", "below-half", 2]);
    const stale = build(nodes, { autoscalerStatus: statusOf(yaml, "2026-11-20 10:00:00.1 +0000 UTC") });
    expect(stale.nodePools.every(({ autoscaled }) => !autoscaled)).toBe(true);
    expect(stale.problems).toEqual([
      "cluster-autoscaler last wrote its status at 2026-11-20T10:00:00.000Z: it is taken not to run",
    ]);
  });

  it("believe labels on nodes where nothing else tells", () => {
    const { nodePools } = build([
      labelled("a", {
        "kops.k8s.io/instancegroup": "nodes",
        "genops.ai/autoscaled": "true",
        "genops.ai/min-nodes": "3",
        "genops.ai/enforce": "freeze",
      }),
      labelled("b", { "kops.k8s.io/instancegroup": "nodes" }),
    ]);
    expect(nodePools).toEqual([
      expect.objectContaining({ name: "nodes", removes: "below-half", minNodes: 3, optIn: "none" }),
    ]);
  });

  it("know what Karpenter may remove", () => {
    const pool = (name: string, disruption: object, spec: object = {}) => ({
      ...nodePool(name),
      spec: { disruption: { ...disruption }, ...spec },
    });
    const { nodePools } = build([
      pool("a", {}),
      pool("b", { consolidationPolicy: "WhenEmpty" }),
      pool("c", { consolidateAfter: "Never" }),
      pool("d", {}, { replicas: 3 }),
      pool("e", { budgets: [{ nodes: "0" }] }),
      pool("f", { budgets: [{ nodes: "0", reasons: ["Underutilized"] }] }),
      pool("g", { budgets: [{ nodes: "0", schedule: "@daily", duration: "1h" }] }),
      node({ name: "n", pool: "orphan" }),
    ]);
    expect(Object.fromEntries(nodePools.map(({ name, removes }) => [name, removes]))).toEqual({
      a: "underutilized",
      b: "empty",
      c: "none",
      d: "none",
      e: "none",
      f: "empty",
      g: "underutilized",
      orphan: "none",
    });
  });
});

describe("pods that a node autoscaler does not move", () => {
  const on = (pool: string, annotations: Record<string, string>, spec: object = {}, owned = true) => {
    const top = deployment({ namespace: "apps", name: "web" });
    const one = pod({
      namespace: "apps",
      name: "p",
      node: "n",
      annotations,
      spec: { ...spec },
      ...(owned ? { owner: replicaSet(top) } : {}),
    });
    const { workloads, loosePods } = build([namespace("apps"), node({ name: "n", pool }), top, replicaSet(top), one]);
    return [...workloads.flatMap(({ pods }) => pods), ...loosePods][0]?.immovable;
  };
  const scratch = { volumes: [{ name: "tmp", emptyDir: {} }] };

  it("are for Karpenter only those that say so", () => {
    expect(on("general", {})).toBe(false);
    expect(on("general", {}, scratch, false)).toBe(false);
    expect(on("general", { "karpenter.sh/do-not-disrupt": "true" })).toBe(true);
  });

  it("are for cluster-autoscaler also those with local storage or without a controller", () => {
    const safe = "cluster-autoscaler.kubernetes.io/safe-to-evict";
    expect(on("", {})).toBe(false);
    expect(on("", {}, scratch)).toBe(true);
    expect(on("", { [safe]: "true" }, scratch)).toBe(false);
    expect(on("", { [`${safe}-local-volumes`]: "tmp" }, scratch)).toBe(false);
    expect(on("", {}, { volumes: [{ name: "m", emptyDir: { medium: "Memory" } }] })).toBe(false);
    expect(on("", {}, { volumes: [{ name: "h", hostPath: { path: "/" } }] })).toBe(true);
    expect(on("", { [safe]: "false" })).toBe(true);
    expect(on("", {}, {}, false)).toBe(true);
  });
});
