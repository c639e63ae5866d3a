import { describe, expect, it } from "vitest";
import type { Hold, Plan } from "../../../../../shared/clusters/enforcement/types.ts";
import { fromInteger, parseDecimal } from "../../../../../shared/core/decimal.ts";
import { ARGO, hpa } from "../../../../support/action-subjects.ts";
import {
  deployed,
  deployment,
  namespace,
  node,
  nodePool,
  object,
  workload,
} from "../../../../support/cluster-objects.ts";
import {
  blocking,
  capsOf,
  carriedOut,
  deeds,
  heldAfter,
  inventoryOf,
  NOW,
  opted,
  planFor,
  wanted,
} from "../../../../support/plan-world.ts";

const web = deployment({ namespace: "ml", name: "web", replicas: 5 });
const scaled = deployment({ namespace: "ml", name: "api", replicas: 4 });
const scaler = hpa(scaled, { min: 2, max: 9, current: 4 });
const shop = [opted("ml"), web, scaled, scaler];

function reasons(plan: Plan): string[] {
  return plan.leftOut.map(({ subject, reason }) => `${subject}: ${reason}`);
}

describe("the ladder", () => {
  it("goes one rung above what is held, from freeze to throttle to block", () => {
    const wants = [wanted(), wanted(blocking)];
    const first = planFor(shop, { wants });
    expect(deeds(first)).toEqual(["deny-growth Namespace ml", "cap-hpa HorizontalPodAutoscaler ml/api"]);
    const holds = heldAfter(first);
    const cool = carriedOut(shop, first);
    const second = planFor(cool, { wants, holds });
    expect(deeds(second)).toEqual([
      "scale-to-floor Deployment ml/web",
      "lower-hpa HorizontalPodAutoscaler ml/api",
      "deny-growth Namespace ml",
    ]);
    const third = planFor(carriedOut(cool, second), { wants, holds: heldAfter(second, holds) });
    expect(deeds(third)).toEqual(["scale-to-zero Deployment ml/api", "scale-to-zero Deployment ml/web"]);
  });

  it("stops at the want's own rung", () => {
    const wants = [wanted()];
    let [objects, holds] = [shop, heldAfter(planFor(shop, { wants: [] }))];
    for (const _ of [1, 2, 3]) {
      const plan = planFor(objects, { wants, holds });
      [objects, holds] = [carriedOut(objects, plan), heldAfter(plan, holds)];
    }
    const third = planFor(objects, { wants, holds });
    expect(third.steps).toEqual([]);
    expect(Object.values(holds.holds).flatMap(({ layers }) => layers.map(({ rung }) => rung))).toContain("throttle");
  });

  it("passes over a rung at which there is nothing to do", () => {
    const inventoryFeatures = {
      features: { admissionPolicies: false, keda: false, karpenter: false, rollouts: false, metrics: false },
    };
    const plan = planFor([], {
      wants: [wanted()],
      inventory: inventoryOf([opted("ml", "throttle"), web], inventoryFeatures),
    });
    // Without admission policies, a quota freezes the namespace: that is the first rung.
    expect(deeds(plan)).toEqual(["freeze-quota Namespace ml"]);
    const held = planFor([], {
      wants: [wanted()],
      inventory: inventoryOf([opted("ml", "throttle"), web], inventoryFeatures),
      holds: heldAfter(plan),
    });
    expect(deeds(held)).toEqual(["scale-to-floor Deployment ml/web"]);
  });

  it("goes all the way where a person says so", () => {
    const plan = planFor(shop, { wants: [wanted({ ...blocking, atOnce: true })] });
    expect(deeds(plan)).toEqual([
      "scale-to-zero Deployment ml/web",
      "scale-to-zero Deployment ml/api",
      "deny-growth Namespace ml",
    ]);
  });

  it("shows the last rung in a dry run, and says so", () => {
    const plan = planFor(shop, { wants: [wanted()], settings: { mode: "dry-run" } });
    expect(plan.savesPerHour).toBeGreaterThan(0n);
    expect(plan.needs.mode).toBe("dry-run");
    expect(plan.remarks[0]).toMatch(/^a dry run shows the last rung/);
  });

  it("takes the strongest want first, and no object twice", () => {
    const plan = planFor(shop, { wants: [wanted({ atOnce: true }), wanted({ ...blocking, atOnce: true })] });
    const about = plan.steps.map(({ subject }) => subject);
    expect(new Set(about).size).toBe(about.length);
    expect(plan.steps.every(({ policy }) => policy.endsWith("threshold-100-actual-block"))).toBe(true);
  });
});

describe("what may be touched", () => {
  const at = (parts: Parameters<typeof deployment>[0]) => deployment({ replicas: 3, ...parts });

  it("needs a namespace that is opted in, and goes no further than its label", () => {
    const plan = planFor([
      namespace("closed"),
      opted("cool", "freeze"),
      at({ namespace: "closed", name: "a" }),
      at({ namespace: "cool", name: "b" }),
    ]);
    expect(deeds(plan)).toEqual(["deny-growth Namespace cool"]);
    expect(reasons(plan)).toEqual([
      "Namespace closed: namespace closed is not opted in",
      "Namespace cool: it allows freeze at most, not throttle",
    ]);
    expect(plan.leftOut[0]?.hint).toContain("genops.ai/enforce");
  });

  it.each([
    ["protected", { annotations: { "genops.ai/protected": "true" } }, "it is protected (genops.ai/protected)"],
    ["exempt", { labels: { "genops.ai/exempt-until": "2026-11-30" } }, "it is exempt until 2026-11-30T23:59:59.999Z"],
    ["new", { metadata: { creationTimestamp: "2026-11-22T11:50:00Z" } }, "it was made less than 15 minutes ago"],
    ["being deleted", { metadata: { deletionTimestamp: "2026-11-22T11:50:00Z" } }, "it is being deleted"],
    ["critical", { spec: { priorityClassName: "system-cluster-critical" } }, "it is protected (genops.ai/protected)"],
  ])("lets a workload alone that is %s", (_what, parts, reason) => {
    const plan = planFor([opted("ml"), at({ namespace: "ml", name: "a", ...parts })]);
    expect(plan.steps.filter(({ action }) => action !== "deny-growth")).toEqual([]);
    expect(reasons(plan)).toEqual([`Deployment ml/a: ${reason}`]);
    const commands = plan.steps.flatMap((step) => step.commands).join();
    expect(commands).toContain("deployments/a");
  });

  it.each([
    ["on the list", opted("kube-public"), {}, "namespace kube-public is protected"],
    ["on the user's list", opted("vip"), { protectedNamespaces: ["vi*"] }, "namespace vip is protected"],
    ["marked", opted("ml", "block", { "genops.ai/protected": "true" }), {}, "namespace ml is protected"],
    [
      "exempt",
      opted("ml", "block", { "genops.ai/exempt-until": "2026-11-23" }),
      {},
      "namespace ml is exempt until 2026-11-23T23:59:59.999Z",
    ],
  ])("lets a namespace alone that is %s", (_what, place, settings, reason) => {
    const plan = planFor([place, at({ namespace: place.metadata.name, name: "a" })], { settings });
    expect(plan.steps).toEqual([]);
    expect(reasons(plan)).toEqual([`Namespace ${place.metadata.name}: ${reason}`]);
  });

  it("lets go of an exemption that has ended", () => {
    const ended = at({ namespace: "ml", name: "a", labels: { "genops.ai/exempt-until": "2026-11-21" } });
    expect(deeds(planFor([opted("ml"), ended]))).toContain("scale-to-floor Deployment ml/a");
  });

  it("does not stop a whole namespace for a budget that means a part of it", () => {
    const other = at({ namespace: "ml", name: "b", labels: { "genops.ai/team": "web" } });
    const mine = at({ namespace: "ml", name: "a", labels: { "genops.ai/team": "ml" } });
    const plan = planFor([opted("ml", "block", { "genops.ai/team": "ml" }), mine, other], {
      wants: [wanted({ atOnce: true, scopes: [{ team: ["ml"] }] })],
    });
    expect(deeds(plan)).toEqual(["scale-to-floor Deployment ml/a"]);
    expect(reasons(plan)[0]).toContain("would also hit Deployment b, which the budget does not mean");
  });

  it("never mixes up workloads of one name in two namespaces", () => {
    const plan = planFor([
      opted("a"),
      namespace("b"),
      at({ namespace: "a", name: "web", replicas: 3 }),
      at({ namespace: "b", name: "web", replicas: 9 }),
    ]);
    const writes = plan.steps.flatMap(({ write }) => (write.kind === "fields" ? [write] : []));
    expect(writes).toMatchObject([
      { target: { namespace: "a", uid: "deployment-a-web" }, fields: [{ from: { value: 3 } }] },
    ]);
  });
});

describe("order and size", () => {
  const inEnv = (name: string, environment: string, more: object = {}) =>
    deployment({ namespace: "ml", name, replicas: 2, labels: { "genops.ai/environment": environment }, ...more });

  it("is dev, staging, prod; batch, stateless, stateful; GPU; the most expensive", () => {
    const objects = [
      opted("ml"),
      inEnv("p", "prod"),
      inEnv("u", "nobody-knows"),
      inEnv("s", "staging"),
      inEnv("cheap", "dev"),
      inEnv("dear", "dev"),
      inEnv("gpu", "dev", { gpu: "1" }),
      workload("batch/v1", "Job", {
        namespace: "ml",
        name: "job",
        labels: { "genops.ai/environment": "dev" },
        annotations: { "genops.ai/allow": "job" },
      }),
    ];
    const plan = planFor(objects, { perPod: { "deployment-ml-dear": "9" } });
    const order = plan.steps.filter(({ rung }) => rung === "throttle").map(({ subject }) => subject.split("/")[1]);
    expect(order).toEqual(["job", "gpu", "dear", "cheap", "s", "p", "u"]);
  });

  it("takes no more than is needed, and freezes the rest", () => {
    const objects = [opted("ml"), ...["a", "b", "c"].map((name) => deployment({ namespace: "ml", name, replicas: 3 }))];
    const plan = planFor(objects, { wants: [wanted({ atOnce: true, reduceByPerHour: fromInteger(3) })] });
    expect(deeds(plan)).toEqual([
      "scale-to-floor Deployment ml/a",
      "scale-to-floor Deployment ml/b",
      "deny-growth Namespace ml",
    ]);
    expect(plan.savesPerHour).toBe(fromInteger(4));
    expect(plan.leftOut).toEqual([]);
  });

  it("drops what turns out not to be needed", () => {
    const objects = [
      opted("ml"),
      deployment({ namespace: "ml", name: "a", replicas: 2, gpu: "1" }),
      deployment({ namespace: "ml", name: "b", replicas: 2 }),
    ];
    const plan = planFor(objects, {
      perPod: { "deployment-ml-b": "10" },
      wants: [wanted({ atOnce: true, reduceByPerHour: fromInteger(8) })],
    });
    expect(deeds(plan)).toEqual(["scale-to-floor Deployment ml/b", "deny-growth Namespace ml"]);
  });

  it("takes all where all together save too little", () => {
    const objects = [opted("ml"), ...["a", "b"].map((name) => deployment({ namespace: "ml", name, replicas: 3 }))];
    const plan = planFor(objects, { wants: [wanted({ atOnce: true, reduceByPerHour: fromInteger(100) })] });
    expect(plan.steps.filter(({ action }) => action === "scale-to-floor")).toHaveLength(2);
  });

  it("counts what it holds and the bill does not show yet", () => {
    const wants = [wanted({ reduceByPerHour: fromInteger(4), atOnce: true })];
    const holds = heldAfter(planFor([opted("ml"), web], { wants }));
    const now = [
      opted("ml"),
      deployment({ namespace: "ml", name: "web", replicas: 1 }),
      deployment({ namespace: "ml", name: "b", replicas: 3 }),
    ];
    const later = new Date(NOW.getTime() + 3_600_000);
    expect(planFor(now, { wants, holds, now: later, dataAgeHours: 5 }).savesPerHour).toBe(0n);
    expect(planFor(now, { wants, holds, now: later, dataAgeHours: 0.5 }).savesPerHour).toBe(fromInteger(2));
  });

  it("converts the need, or says that there is no rate", () => {
    const wants = [wanted({ atOnce: true, reduceByPerHour: fromInteger(1), currency: "EUR" })];
    expect(reasons(planFor([opted("ml"), web], { wants }))).toEqual([
      "cluster test: there is no exchange rate from EUR to USD",
    ]);
    const plan = planFor([opted("ml"), web], { wants, convert: () => fromInteger(2) });
    expect(deeds(plan)[0]).toBe("scale-to-floor Deployment ml/web");
  });

  it("changes no more objects than a run may; the rest is for the next", () => {
    const objects = [opted("ml"), ...["a", "b", "c"].map((name) => deployment({ namespace: "ml", name, replicas: 3 }))];
    const plan = planFor(objects, { settings: { caps: capsOf({ objectsPerRun: 2 }) } });
    expect(plan.steps).toHaveLength(2);
    expect(reasons(plan)).toEqual([
      "Deployment ml/c: a run may change 2 objects; the rest follows in the next run",
      "Namespace ml: a run may change 2 objects; the rest follows in the next run",
    ]);
  });

  it("takes no more of a namespace's replicas than its share, a part of a workload if need be", () => {
    const settings = { caps: capsOf({ namespaceShare: parseDecimal("0.25") }) };
    const wants = [wanted({ atOnce: true })];
    const plan = planFor([opted("ml"), deployment({ namespace: "ml", name: "a", replicas: 8 })], { settings, wants });
    expect(plan.steps[0]?.write).toMatchObject({ fields: [{ from: { value: 8 }, to: { value: 6 } }] });
    expect(reasons(plan)).toEqual([
      "Deployment ml/a: a run may take 2 of the 8 replicas of namespace ml (25 %); the rest follows in the next run",
    ]);
    const holds = heldAfter(plan);
    const next = planFor([opted("ml"), deployment({ namespace: "ml", name: "a", replicas: 6 })], {
      settings,
      wants,
      holds,
    });
    expect(next.steps.find(({ action }) => action === "scale-to-floor")?.write).toMatchObject({
      fields: [{ from: { value: 6 }, to: { value: 4 } }],
    });
    expect(next.steps[0]?.id).not.toBe(plan.steps[0]?.id);
  });
});

describe("what is held", () => {
  const wants = [wanted({ atOnce: true })];
  const first = planFor([opted("ml"), web], { wants });
  const now = [opted("ml"), deployment({ namespace: "ml", name: "web", replicas: 1 })];

  it("is not planned again", () => {
    const holds = heldAfter(first);
    expect(deeds(planFor(now, { wants, holds }))).toEqual(["deny-growth Namespace ml"]);
    const second = heldAfter(planFor(now, { wants, holds }), holds);
    expect(planFor(now, { wants, holds: second }).steps).toEqual([]);
  });

  it.each([
    [
      { state: "contested", detail: "argocd-controller puts it back" },
      "it is contested: argocd-controller puts it back",
    ],
    [{ state: "contested", reverts: [{ at: "t", manager: "helm" }] }, "it is contested: helm puts it back"],
    [{ state: "overridden" }, "a person changed it after us"],
    [{ state: "failed", detail: "no" }, "the last write was refused: no"],
    [{ state: "pending" }, "a write of ours to it is under way"],
    [{ state: "active" }, "somebody changed /spec/replicas after us; the next check decides"],
  ] as const)("and %j is left alone", (change: Partial<Hold>, reason) => {
    const holds = heldAfter(first);
    const held = Object.values(holds.holds)[0];
    if (held === undefined) throw new Error("nothing is held");
    const changed = { ...holds, holds: { [held.ref.uid]: { ...held, ...change } } };
    const back = [opted("ml"), web];
    expect(reasons(planFor(back, { wants, holds: changed }))).toEqual([`Deployment ml/web: ${reason}`]);
  });

  it("by another want is enough for a namespace", () => {
    const other = [wanted({ policy: "budget/ml/2026-11-01/x", budget: "ml", atOnce: true })];
    const plan = planFor(now, { wants: other, holds: heldAfter(first) });
    expect(plan.steps).toEqual([]);
  });
});

describe("what has no lever", () => {
  it("is said", () => {
    const agent = workload("apps/v1", "DaemonSet", { namespace: "ml", name: "agent" });
    expect(reasons(planFor([opted("ml"), agent]))).toEqual([
      "DaemonSet ml/agent: a DaemonSet has no number of replicas: it goes with its nodes",
    ]);
    expect(reasons(planFor([opted("ml")], { wants: [wanted({ scopes: [{ team: ["x"] }] })] }))).toEqual([
      "cluster test: nothing in it belongs to the scope",
    ]);
  });

  it.each([
    ["failed", "no rights", "deny-growth: the last write was refused: no rights"],
    ["pending", undefined, "deny-growth: a write of ours to it is under way"],
  ] as const)("nor does a policy of ours that is %s get a second one", (state, detail, reason) => {
    const first = heldAfter(planFor([opted("ml")]));
    const own = Object.fromEntries(
      Object.entries(first.own).map(([id, work]) => [
        id,
        { ...work, state, ...(detail === undefined ? {} : { detail }) },
      ]),
    );
    const plan = planFor([opted("ml")], { holds: { ...first, own } });
    expect(plan.steps).toEqual([]);
    expect(reasons(plan)).toEqual([`Namespace ml: ${reason}`]);
  });
});

describe("pools and nodes", () => {
  const pool = {
    ...nodePool("gpu", {}, { labels: { "genops.ai/enforce": "freeze" } }),
    status: { resources: { cpu: "8", memory: "32Gi" } },
  };
  const nodes = ["a", "b", "c"].map((name) => node({ name, pool: "gpu" }));

  it("caps the pool first; once it cannot grow, taints all of its nodes but one", () => {
    const plan = planFor([pool, ...nodes]);
    expect(deeds(plan)).toEqual(["cap-node-pool NodePool gpu"]);
    expect(plan.leftOut.map(({ subject }) => subject)).toEqual(["Node a", "Node b", "Node c"]);
    const capped = { ...pool, spec: { limits: { cpu: "8", memory: "32Gi" } } };
    const next = planFor([capped, ...nodes], { holds: heldAfter(plan) });
    expect(deeds(next)).toEqual(["taint-nodes Node a", "taint-nodes Node b"]);
    expect(reasons(next)).toEqual(["Node c: it is the last node of pool gpu that takes pods"]);
  });

  it("caps a pool once, also where two wants ask for it", () => {
    const both = planFor([pool, ...nodes], { wants: [wanted(), wanted({ ...blocking, policy: "budget/other" })] });
    expect(deeds(both)).toEqual(["cap-node-pool NodePool gpu"]);
  });

  it("needs the pool's own label", () => {
    expect(reasons(planFor([nodePool("gpu"), ...nodes]))).toEqual(["NodePool gpu: node pool gpu is not opted in"]);
  });
});

describe("scale-only rights", () => {
  it("scale Deployments through the scale subresource, and nothing else", () => {
    const cron = workload("batch/v1", "CronJob", { namespace: "ml", name: "nightly" });
    const plan = planFor([...shop, cron], { rights: "scale-only" });
    expect(plan.steps.map(({ write }) => (write.kind === "fields" ? write.via : write.kind))).toEqual(["scale"]);
    expect(reasons(plan)).toContain(
      "CronJob ml/nightly: the rights here are scale-only: only Deployments can be scaled",
    );
    expect(reasons(plan).some((reason) => reason.startsWith("cluster test: the rights here are scale-only"))).toBe(
      true,
    );
  });
});

describe("a whole want is left out", () => {
  it.each([
    [{ wants: [wanted({ expiresAt: "2026-11-22T11:00:00Z" })] }, "it has ended (2026-11-22T11:00:00Z)"],
    [
      { wants: [wanted({ quietUntil: "2026-11-23T00:00:00Z" })] },
      "it is snoozed until 2026-11-23T00:00:00Z; what is held stays",
    ],
    [{ dataAgeHours: 40.5 }, "the billing data is 40 hours old, and nothing is done on data older than 36 hours"],
    [
      { settings: { windows: [{ days: ["mon" as const], from: "09:00", to: "17:00", zone: "Europe/Berlin" }] } },
      "it is outside of the maintenance windows (mon 09:00–17:00 Europe/Berlin)",
    ],
    [
      { wants: [wanted({ scopes: [{ service: ["AmazonEC2"] }] })] },
      "the budget's scope names service, which a cluster cannot tell",
    ],
  ])("%#: with its reason", (parts, reason) => {
    const plan = planFor(shop, parts);
    expect(plan.steps).toEqual([]);
    expect(reasons(plan)).toEqual([`cluster test: ${reason}`]);
  });

  it("but a person's wish does not depend on bills", () => {
    const { budget: _, ...person } = wanted({ policy: "person/ana/1", atOnce: true });
    expect(planFor(shop, { wants: [person], dataAgeHours: 400 }).steps.length).toBeGreaterThan(0);
  });
});

describe("the document", () => {
  it("prices each step until the end of the period", () => {
    const plan = planFor([opted("ml"), web], { wants: [wanted({ atOnce: true })] });
    const [step] = plan.steps;
    // 22 November 12:00 to 1 December: 204 hours.
    expect(step).toMatchObject({
      savesPerHour: fromInteger(4),
      savesUntilEnd: fromInteger(816),
      pods: 4,
      environment: "dev",
    });
    expect(plan).toMatchObject({
      savesPerHour: fromInteger(4),
      savesUntilEnd: fromInteger(816),
      currency: "USD",
      clusterUid: "cluster-uid",
    });
    expect(plan.expiresAt).toBe("2026-11-22T13:00:00.000Z");
  });

  it("appends billing steps and counts what they save", () => {
    const plan = planFor([opted("ml"), web]);
    const [step] = plan.steps;
    if (step === undefined) throw new Error("no step");
    const billing = {
      ...step,
      id: "b",
      layer: "billing" as const,
      action: "resize-node-pool" as const,
      savesPerHour: fromInteger(7),
    };
    const more = planFor([opted("ml"), web], { billingSteps: [billing] });
    expect(more.steps.at(-1)).toEqual(billing);
    expect(more.savesPerHour).toBe(fromInteger(11));
    expect(more.hash).not.toBe(plan.hash);
  });

  it("has a hash of what it would do: not of prices, times and reasons", () => {
    const plan = planFor(shop);
    const same = planFor(shop, {
      perPod: { "deployment-ml-web": "3" },
      now: new Date(NOW.getTime() + 60_000),
      requester: "ana",
    });
    expect(same.hash).toBe(plan.hash);
    expect(plan.hash).toMatch(/^[0-9a-f]{64}$/);
    const other = planFor([opted("ml"), deployment({ namespace: "ml", name: "web", replicas: 6 }), scaled, scaler]);
    expect(other.hash).not.toBe(plan.hash);
  });

  it("summarizes many of one reason", () => {
    const many = Array.from({ length: 30 }, (_, index) =>
      deployment({ namespace: "ml", name: `w${index}`, replicas: 3, annotations: ARGO }),
    );
    const plan = planFor([opted("ml"), ...many]);
    const entries = plan.leftOut.filter(({ reason }) => reason.startsWith("Argo CD"));
    expect(entries.length).toBe(30);
    const capped = planFor(
      [opted("ml"), ...many.map(({ metadata: { name } }) => deployment({ namespace: "ml", name, replicas: 3 }))],
      {
        settings: { caps: capsOf({ objectsPerRun: 2 }) },
      },
    );
    expect(capped.leftOut).toHaveLength(1);
    expect(capped.leftOut[0]?.subject).toMatch(/ and 24 more$/);
  });
});

describe("requests of people", () => {
  const objects = [
    opted("ml"),
    node({ name: "a" }),
    node({ name: "b" }),
    ...deployed({ namespace: "ml", name: "web", nodes: ["a"] }),
  ];
  const by = { policy: "person/ana/1", expiresAt: "2026-11-23T00:00:00.000Z" };
  const plan = (humanActions: Parameters<typeof planFor>[1]) => planFor(objects, { wants: [], ...humanActions });

  it("are rows 15 to 17, each by two persons", () => {
    const cordon = plan({ humanActions: [{ ...by, action: "cordon-node", node: "a" }] });
    expect(deeds(cordon)).toEqual(["cordon-node Node a"]);
    expect(cordon.needs).toEqual({ mode: "approve", approvals: 2 });
    const evict = plan({
      humanActions: [{ ...by, action: "evict-pods", namespace: "ml", kind: "Deployment", name: "web" }],
    });
    expect(evict.steps).toMatchObject([{ action: "evict-pods", reversible: false, namespace: "ml" }]);
    const drive = plan({ humanActions: [{ ...by, action: "no-execute", node: "a" }] });
    expect(drive.needs).toEqual({ mode: "approve", approvals: 2 });
  });

  it("are refused with the reason", () => {
    const refused = plan({
      humanActions: [
        { ...by, action: "cordon-node", node: "zz" },
        { ...by, action: "evict-pods", namespace: "ml", kind: "Deployment", name: "zz" },
        { ...by, action: "evict-pods", namespace: "kube-system", kind: "Deployment", name: "dns" },
      ],
    });
    expect(reasons(refused)).toEqual([
      "Node zz: there is no such node",
      "Deployment ml/zz: there is no such workload",
      "Deployment kube-system/dns: there is no such workload",
    ]);
    const guarded = planFor([opted("ml", "block", { "genops.ai/protected": "true" }), ...objects.slice(1)], {
      wants: [],
      humanActions: [{ ...by, action: "evict-pods", namespace: "ml", kind: "Deployment", name: "web" }],
    });
    expect(reasons(guarded)).toEqual(["Deployment ml/web: namespace ml is protected"]);
    const idle = planFor([opted("ml"), deployment({ namespace: "ml", name: "web" })], {
      wants: [],
      humanActions: [{ ...by, action: "evict-pods", namespace: "ml", kind: "Deployment", name: "web" }],
    });
    expect(reasons(idle)).toEqual(["Deployment ml/web: there is nothing to do: it is so already"]);
  });

  it("are never a budget's", () => {
    const busy = planFor([...objects, object("v1", "Node", { name: "c" })], {
      wants: [wanted({ ...blocking, atOnce: true })],
    });
    expect(busy.steps.filter(({ rung }) => rung === "human")).toEqual([]);
  });
});
