import { rm, writeFile } from "node:fs/promises";
import { afterAll, describe, expect, it } from "vitest";
import { listPlans } from "../../../../shared/clusters/enforcement/approvals/plan-records.ts";
import { readStoredHolds } from "../../../../shared/clusters/enforcement/hold/document.ts";
import { listFindings } from "../../../../shared/governance/findings/finding-store.ts";
import { applyApproved } from "../../../../shared/usecases/enforce/apply-approved.ts";
import { listDryRuns } from "../../../../shared/usecases/enforce/dry-run-log.ts";
import { createIsStopped, setKillSwitch } from "../../../../shared/usecases/enforce/kill-switch.ts";
import { planNow } from "../../../../shared/usecases/enforce/plan-now.ts";
import { restoreByHand } from "../../../../shared/usecases/enforce/restore-by-hand.ts";
import { enforceOnce } from "../../../../shared/usecases/enforce/run.ts";
import { atOnce, settleWants, wantByHand, wantsNow } from "../../../../shared/usecases/enforce/settle-wants.ts";
import { enforceStatus, heldWork, statusJson } from "../../../../shared/usecases/enforce/status.ts";
import { createFolders } from "../../../support/collect-deps.ts";
import { type EnforceWorld, openEnforceWorld } from "../../../support/enforce-world.ts";

const folders = createFolders();
afterAll(() => folders.clean());

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const open = (more: Partial<Parameters<typeof openEnforceWorld>[0]> = {}) => openEnforceWorld({ folders, ...more });

/** Rung by rung until nothing changes any more. */
async function settle(world: EnforceWorld, rounds = 3): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    await enforceOnce(world.runtime);
    world.clock.advance(60_000);
  }
}

const stop = ({ runtime }: EnforceWorld, stopped = true) =>
  setKillSwitch({ store: runtime.lake, clock: runtime.clock }, { stopped, by: "ada", reason: "a test" });
const types = ({ events }: EnforceWorld) => events.map(({ event }) => event.type);
const held = async ({ runtime }: EnforceWorld) => heldWork(await enforceStatus(runtime));
const writes = ({ server }: EnforceWorld) =>
  server.requests.filter(({ method, query }) => method !== "GET" && !query.has("dryRun"));
/** Without it nothing of ours keeps anybody from scaling up again. */
const ADMISSION = ["admissionregistration.k8s.io"];
const batch = { apiVersion: "apps/v1", kind: "Deployment", namespace: "ml", name: "batch" };

describe("a run in mode auto", () => {
  it("throttles at 95 %, blocks at 100 %, and tells what it changed", async () => {
    const world = await open();
    await world.stands(96);
    await settle(world);
    expect([world.replicas("batch"), world.replicas("trainer")]).toEqual([1, 1]);
    await world.stands(101);
    await settle(world);
    expect([world.replicas("batch"), world.replicas("trainer")]).toEqual([0, 0]);
    expect(new Set(types(world))).toEqual(new Set(["genops.action.applied"]));
    const status = await enforceStatus(world.runtime);
    expect(status.clusters.map(({ cluster }) => cluster)).toEqual(["lab"]);
    const document = statusJson(status);
    expect(document.held.length).toBeGreaterThan(4);
    expect(document.held.every(({ savesPerHour }) => typeof savesPerHour === "string")).toBe(true);
  });

  it("does nothing while no budget wants anything, and says what a threshold still waits for", async () => {
    const world = await open();
    await world.stands(50);
    const report = await enforceOnce(world.runtime);
    expect([report.wants, report.notYet, writes(world)]).toEqual([[], [], []]);
    await world.stands(96, { more: { missingRates: ["EUR"] } });
    const { notYet } = await enforceOnce(world.runtime);
    expect(notYet.map(({ reason }) => reason).join()).toContain("no exchange rate for EUR");
  });

  it("gives back when the budget was raised, and at the period's end", async () => {
    const world = await open();
    await world.stands(96);
    await settle(world);
    world.clock.advance(2 * HOUR_MS);
    await world.stands(40, { limit: 3000 });
    await settle(world);
    expect([world.replicas("batch"), await held(world)]).toEqual([3, []]);
    expect(types(world)).toContain("genops.action.restored");
    expect((await listPlans(world.runtime.lake)).map(({ state }) => state)).toEqual(
      expect.arrayContaining(["restored"]),
    );

    world.clock.advance(2 * HOUR_MS);
    await world.stands(96, { limit: 3000 });
    await settle(world);
    expect(world.replicas("batch")).toBe(1);
    world.clock.advance(11 * DAY_MS);
    await settle(world, 2);
    expect([world.replicas("batch"), await held(world)]).toEqual([3, []]);
  });

  it("tells in the same run that a plan was restored", async () => {
    const world = await open();
    await world.stands(96);
    await settle(world);
    world.clock.advance(11 * DAY_MS);
    await enforceOnce(world.runtime);
    const states = (await listPlans(world.runtime.lake)).map(({ state }) => state);
    expect(new Set(states)).toEqual(new Set(["restored"]));
  });

  it("goes on with other clusters when one cannot be reached", async () => {
    const world = await open({ clusters: ["away", "lab"] });
    await world.servers["away"]?.disappear();
    await world.stands(96);
    const { clusters } = await enforceOnce(world.runtime);
    expect(clusters.map(({ cluster, problem }) => [cluster, problem !== undefined])).toEqual([
      ["away", true],
      ["lab", false],
    ]);
    await settle(world, 2);
    expect(world.replicas("batch", "lab")).toBe(1);
  });

  it("acts only on clusters that are named, and refuses names that nobody knows", async () => {
    const world = await open({ clusters: ["one", "two"] });
    await world.stands(96);
    const { clusters } = await enforceOnce(world.runtime, { clusters: ["two"] });
    expect(clusters.map(({ cluster }) => cluster)).toEqual(["two"]);
    await expect(enforceOnce(world.runtime, { clusters: ["three"] })).rejects.toThrow("there is no cluster three");
  });

  it("leaves the rest to the next invocation when the time is nearly over, and tells what was done", async () => {
    let remaining = 600_000;
    const world = await open({ clusters: ["one", "two"], deadline: { remainingMs: () => remaining } });
    await world.stands(96);
    world.servers["one"]?.onRequest({ method: "PATCH" }, () => {
      remaining = 30_000;
    });
    const { clusters, left } = await enforceOnce(world.runtime);
    expect([clusters.map(({ cluster }) => cluster), left]).toEqual([["one"], ["two"]]);
    expect(types(world)).toContain("genops.action.applied");
  });

  it("does not act on what is known of budgets that stand nowhere any more", async () => {
    const world = await open();
    await world.stands(96);
    await settleWants(world.runtime);
    await world.stands(10, { more: { budget: "another" } });
    const settled = await settleWants(world.runtime);
    expect([settled.wants.length, (settled.dataAgeHours ?? 0) > 1_000]).toEqual([1, true]);
    await enforceOnce(world.runtime);
    expect(writes(world)).toEqual([]);
  });
});

describe("the kill switch", () => {
  it("keeps a run from beginning, and automatic restores too; a restore by hand still works", async () => {
    const world = await open();
    await world.stands(96);
    await settle(world);
    await stop(world);
    const before = writes(world).length;
    world.clock.advance(11 * DAY_MS);
    const report = await enforceOnce(world.runtime);
    expect([report.stopped, writes(world).length]).toEqual([expect.stringContaining("by ada: a test"), before]);
    expect(world.replicas("batch")).toBe(1);
    const [restored] = await restoreByHand(world.runtime, { what: { kind: "all" } });
    expect(restored?.problem).toBeUndefined();
    expect([world.replicas("batch"), await held(world)]).toEqual([3, []]);
    await stop(world, false);
    expect((await enforceOnce(world.runtime)).stopped).toBeUndefined();
  });

  it("stops between two writes", async () => {
    const world = await open();
    await world.stands(101);
    world.server.onRequest(
      ({ method, query }) => method !== "GET" && query.has("dryRun"),
      async () => {
        await stop(world);
        // An answer of the switch serves for a second.
        world.clock.advance(2_000);
      },
    );
    const { clusters } = await enforceOnce(world.runtime);
    expect(writes(world)).toEqual([]);
    expect(clusters[0]?.plans.map(({ report }) => report?.aborted)).toEqual([expect.stringContaining("stopped")]);
    expect([world.replicas("batch"), world.replicas("trainer")]).toEqual([3, 3]);
  });

  it("stops when it cannot be read", async () => {
    const world = await open();
    const { lake } = world.runtime;
    await lake.put("enforcement/stop.json", new TextEncoder().encode("no JSON"));
    expect(await createIsStopped(lake)()).toBe(true);
    await world.stands(101);
    await expect(enforceOnce(world.runtime)).rejects.toThrow("stop.json");
    expect(writes(world)).toEqual([]);
  });
});

describe("other modes", () => {
  it("writes a dry run down, once a day and plan, and touches nothing", async () => {
    const world = await open({ enforcement: "mode: dry-run" });
    await world.stands(96);
    const { clusters } = await enforceOnce(world.runtime);
    expect(clusters[0]?.plans.map(({ outcome, why }) => [outcome, why])).toEqual([
      ["dry-run", "enforcement.mode is dry-run for it"],
    ]);
    world.clock.advance(HOUR_MS);
    await enforceOnce(world.runtime);
    const logged = await listDryRuns(world.runtime.lake, "2026-11-22");
    expect(logged.map(({ firstSeenAt, lastSeenAt }) => [firstSeenAt, lastSeenAt])).toEqual([
      ["2026-11-22T12:00:00.000Z", "2026-11-22T13:00:00.000Z"],
    ]);
    expect(await listDryRuns(world.runtime.lake, "2026-11-23")).toEqual([]);
    expect([writes(world), await listPlans(world.runtime.lake)]).toEqual([[], []]);
  });

  it("asks people in mode approve, once", async () => {
    const world = await open({ enforcement: "mode: approve, approvers: [{ identity: ada@example.com }]" });
    await world.stands(96);
    const { clusters } = await enforceOnce(world.runtime);
    expect(clusters[0]?.plans.map(({ outcome, why }) => [outcome, why])).toEqual([
      ["waiting", "it has 0 of 1 approvals"],
    ]);
    await enforceOnce(world.runtime);
    const plans = await listPlans(world.runtime.lake);
    expect(plans.map(({ state, revision }) => [state, revision])).toEqual([["waiting", 1]]);
    expect(writes(world)).toEqual([]);
  });

  it("does what one environment allows while another waits for people", async () => {
    const world = await open({
      enforcement: "mode: auto, environments: { staging: approve }, approvers: [{ identity: ada@example.com }]",
    });
    world.server.patch(
      { apiVersion: "v1", kind: "Namespace", name: "ml" },
      { metadata: { labels: { "genops.ai/environment": "staging" } } },
    );
    world.server.apply({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name: "lab",
        labels: { "genops.ai/enforce": "block", "genops.ai/team": "ml", "genops.ai/environment": "dev" },
      },
    });
    const want = atOnce(wantByHand(world.runtime, { scope: ["team=ml"], rung: "freeze", by: "ada" }));
    const [planned] = await planNow(world.runtime, { wants: [want], requester: "ada" });
    expect(planned?.plans.map(({ needs }) => needs.mode)).toEqual(["auto", "approve"]);
    await world.stands(96);
    const { clusters } = await enforceOnce(world.runtime);
    expect(clusters[0]?.plans.map(({ outcome }) => outcome)).toEqual(["applied", "waiting"]);
    const own = Object.values((await readStoredHolds(world.runtime.lake, "lab"))?.own ?? {});
    expect(new Set(own.map(({ environment }) => environment))).toEqual(new Set(["dev"]));
  });

  it("waits for people on the rungs that say so", async () => {
    const world = await open({
      enforcement: "mode: auto, rungs: { block: approve }, approvers: [{ identity: ada@example.com }]",
    });
    await world.stands(101);
    await settle(world, 4);
    expect(world.replicas("batch")).toBe(1);
    const waiting = (await listPlans(world.runtime.lake)).filter(({ state }) => state === "waiting");
    expect(waiting.length).toBeGreaterThan(0);
    expect(waiting.flatMap(({ plan }) => plan.steps.map(({ rung }) => rung))).toEqual(
      expect.arrayContaining(["block"]),
    );
  });

  it("plans on a snapshot in any mode, and writes nothing to it", async () => {
    const world = await open({ clusters: ["lab"] });
    const text = JSON.stringify({ apiVersion: "v1", kind: "List", items: Object.values(world.server.snapshot()) });
    await writeFile(`${world.folder}/cluster.json`, text);
    const runtime = await world.open({
      yaml: `lake: file:./lake
clusters: [{ name: file, provider: snapshot, location: cluster.json }]
enforcement: { mode: auto, enterAfter: 1, caps: { namespaceShare: 1 } }
`,
    });
    await world.stands(96);
    const { clusters } = await enforceOnce(runtime);
    expect(clusters.map(({ cluster, plans }) => [cluster, plans.map(({ outcome, why }) => [outcome, why])])).toEqual([
      ["file", [["dry-run", "a snapshot is never written"]]],
    ]);
    expect(await readStoredHolds(runtime.lake, "file")).toBeUndefined();
    expect(await restoreByHand(runtime, { what: { kind: "all" } })).toEqual([]);
  });
});

describe("what others do to what is held", () => {
  it("makes a finding of what a person took back, leaves it alone, and resolves it when it is no longer held", async () => {
    const world = await open({ without: ADMISSION });
    await world.stands(96);
    await settle(world);
    world.server.patch(batch, { spec: { replicas: 5 } }, { as: "kubectl-scale" });
    await settle(world, 2);
    expect(world.replicas("batch")).toBe(5);
    const open1 = (await listFindings({ store: world.runtime.lake })).filter(({ state }) => state === "open");
    expect(open1.map(({ rule, subject, level }) => [rule, subject, level])).toEqual([
      ["enforcement-overridden", "lab/Deployment ml/batch", "info"],
    ]);
    await settle(world, 2);
    const again = await listFindings({ store: world.runtime.lake });
    expect(again.map(({ revision }) => revision)).toEqual(open1.map(({ revision }) => revision));

    await restoreByHand(world.runtime, { what: { kind: "all" } });
    await world.stands(10);
    world.clock.advance(2 * HOUR_MS);
    await settle(world, 2);
    expect(world.replicas("batch")).toBe(5);
    expect((await listFindings({ store: world.runtime.lake })).map(({ state }) => state)).toEqual(["resolved"]);
  });

  it("stops fighting a controller, tells whose field it is, and keeps the hint that it told", async () => {
    const world = await open({ without: ADMISSION });
    await world.stands(96);
    await settle(world);
    for (let round = 0; round < 4; round++) {
      world.server.patch(batch, { spec: { replicas: 3 } }, { as: "argocd-controller" });
      await enforceOnce(world.runtime);
      world.clock.advance(60_000);
    }
    expect(world.replicas("batch")).toBe(3);
    expect(types(world)).toContain("genops.action.contested");
    const first = (await listFindings({ store: world.runtime.lake })).find(({ state }) => state === "open");
    expect([first?.rule, first?.level, first?.evidence.facts?.["hint"]]).toEqual([
      "enforcement-contested",
      "warning",
      expect.stringContaining("ignoreDifferences"),
    ]);
    await settle(world, 3);
    const after = (await listFindings({ store: world.runtime.lake })).find(({ key }) => key === first?.key);
    expect([after?.revision, after?.evidence.facts?.["hint"]]).toEqual([
      first?.revision,
      first?.evidence.facts?.["hint"],
    ]);
  });
});

describe("a restore by hand", () => {
  it("works from the objects alone when the lake is gone", async () => {
    const world = await open();
    await world.stands(101);
    await settle(world, 5);
    expect(world.replicas("batch")).toBe(0);
    await rm(`${world.folder}/lake`, { recursive: true });
    const fresh = await world.open();
    const [restored] = await restoreByHand(fresh, { what: { kind: "annotations" } });
    expect(restored?.problem).toBeUndefined();
    expect([world.replicas("batch"), world.replicas("trainer")]).toEqual([3, 3]);
    const marks = Object.values(world.server.snapshot()).filter((each) =>
      JSON.stringify(each.metadata).includes("genops.ai/enforcement"),
    );
    expect(marks).toEqual([]);
  });

  it("gives back one policy, one step, or what is in one cluster", async () => {
    const world = await open({ clusters: ["one", "two"] });
    await world.stands(96);
    await settle(world);
    await restoreByHand(world.runtime, { clusters: ["two"], what: { kind: "all" } });
    expect([world.replicas("batch", "one"), world.replicas("batch", "two")]).toEqual([1, 3]);
    const [work] = (await held(world)).filter(({ subject }) => subject.endsWith("ml/batch"));
    await restoreByHand(world.runtime, { what: { kind: "steps", steps: [work?.step ?? ""] } });
    expect([world.replicas("batch", "one"), world.replicas("trainer", "one")]).toEqual([3, 1]);
    await restoreByHand(world.runtime, { what: { kind: "policies", policies: [work?.policy ?? ""] } });
    expect([world.replicas("trainer", "one"), await held(world)]).toEqual([3, []]);
  });

  it("says which cluster did not answer, and goes on with the others", async () => {
    const world = await open({ clusters: ["away", "lab"] });
    await world.stands(96);
    await settle(world);
    await world.servers["away"]?.disappear();
    const restores = await restoreByHand(world.runtime, { what: { kind: "all" } });
    expect(restores.map(({ cluster, problem }) => [cluster, problem !== undefined])).toEqual([
      ["away", true],
      ["lab", false],
    ]);
    expect(world.replicas("batch", "lab")).toBe(3);
  });

  it("goes on until nothing is left, however few objects a run may give back", async () => {
    const world = await open({ caps: "restoresPerRun: 1" });
    await world.stands(96);
    await settle(world);
    const [restored] = await restoreByHand(world.runtime, { what: { kind: "all" } });
    expect(restored?.reports.length).toBeGreaterThan(2);
    expect(await held(world)).toEqual([]);
  });
});

describe("wants", () => {
  it("end for a reason", async () => {
    const world = await open();
    await world.stands(96);
    const [want] = (await settleWants(world.runtime)).wants;
    world.clock.advance(2 * HOUR_MS);
    await world.stands(10);
    expect((await settleWants(world.runtime)).ended.get(want?.policy ?? "")).toBe("no longer wanted");
    world.clock.advance(11 * DAY_MS);
    expect((await settleWants(world.runtime)).ended.get(want?.policy ?? "")).toBe("new period");
  });

  it("are previewed at once, with what they still wait for", async () => {
    const world = await open({ enforcement: "mode: auto" });
    const runtime = await world.open({ yaml: "lake: file:./lake\nenforcement: { enterAfter: 3 }\n" });
    await world.stands(96);
    const { wants, notYet } = await wantsNow(runtime);
    expect(wants.map(({ rung }) => rung)).toEqual(["throttle"]);
    expect(notYet.map(({ reason }) => reason)).toEqual(["1 of 3 consecutive evaluations have reached the threshold"]);
    expect((await settleWants(runtime)).wants).toEqual([]);
  });

  it("of a person need a scope, a rung and an end to come", async () => {
    const { runtime } = await open();
    const wish = { scope: ["team=ml", "team=web", "environment=dev"], rung: "block", by: "ada" };
    const want = wantByHand(runtime, wish);
    expect(want).toMatchObject({
      action: "block",
      scopes: [{ team: ["ml", "web"], environment: ["dev"] }],
      expiresAt: "2026-11-23T12:00:00.000Z",
      period: { start: "2026-11-01", end: "2026-11-24" },
    });
    const until = wantByHand(runtime, { ...wish, rung: "freeze", until: "2026-11-24T00:00:00Z" });
    expect([until.action, until.period.end]).toEqual(["throttle", "2026-11-24"]);
    for (const bad of [
      { rung: "human" },
      { rung: "" },
      { until: "2020-01-01T00:00:00Z" },
      { until: "soon" },
      { scope: ["team"] },
      { scope: ["=ml"] },
      { scope: ["team="] },
    ])
      expect(() => wantByHand(runtime, { ...wish, ...bad })).toThrow(/--(rung|until|scope)/);
    const odd = wantByHand(runtime, { ...wish, scope: ["constructor=a", "__proto__=b"] });
    expect(odd.scopes.map((scope) => Object.entries(scope))).toEqual([
      [
        ["constructor", ["a"]],
        ["__proto__", ["b"]],
      ],
    ]);
  });

  it.each([
    ["dry-run", "enforcement.mode is dry-run now"],
    ["approve", "it needs 1 approval by the configuration of now: plan it again"],
  ] as const)("do not begin when the configuration has become more careful (%s) since", async (mode, why) => {
    const world = await open();
    const want = wantByHand(world.runtime, { scope: ["team=ml"], rung: "throttle", by: "ada" });
    const [planned] = await planNow(world.runtime, { wants: [want], requester: "ada@example.com", propose: true });
    const [record] = planned?.records ?? [];
    expect(record?.state).toBe("approved");
    const { config } = world.runtime;
    const careful = { ...world.runtime, config: { ...config, enforcement: { ...config.enforcement, mode } } };
    const outcome = await applyApproved(careful, record?.plan.hash ?? "");
    expect(outcome).toMatchObject({ outcome: "waiting", why });
    expect(world.replicas("batch")).toBe(3);
  });

  it("of a person are not ended by the engine, but by their expiry", async () => {
    const world = await open();
    const want = wantByHand(world.runtime, { scope: ["team=ml"], rung: "throttle", by: "ada" });
    const [planned] = await planNow(world.runtime, { wants: [want], requester: "ada@example.com", propose: true });
    const [record] = planned?.records ?? [];
    expect((await applyApproved(world.runtime, record?.plan.hash ?? "")).outcome).toBe("applied");
    expect(world.replicas("batch")).toBe(1);
    await settle(world, 2);
    expect(world.replicas("batch")).toBe(1);
    world.clock.advance(DAY_MS);
    await settle(world, 1);
    expect([world.replicas("batch"), await held(world)]).toEqual([3, []]);
  });
});
