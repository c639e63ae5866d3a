import { describe, expect, it } from "vitest";
import { beginPlan } from "../../../../../shared/clusters/enforcement/approvals/begin-plan.ts";
import { type DecisionOutcome, decide } from "../../../../../shared/clusters/enforcement/approvals/decide.ts";
import type { ApprovalDeps } from "../../../../../shared/clusters/enforcement/approvals/deps.ts";
import { oidcName, slackName } from "../../../../../shared/clusters/enforcement/approvals/people.ts";
import {
  advancePlan,
  listPlans,
  proposePlan,
  readPlan,
} from "../../../../../shared/clusters/enforcement/approvals/plan-records.ts";
import { settlePlan } from "../../../../../shared/clusters/enforcement/approvals/settle-plan.ts";
import type { DecisionKind } from "../../../../../shared/clusters/enforcement/approvals/types.ts";
import type { Plan } from "../../../../../shared/clusters/enforcement/types.ts";
import type { Approver } from "../../../../../shared/config/types.ts";
import { createFakeClock } from "../../../../support/fake-clock.ts";
import { createMemoryLake } from "../../../../support/memory-lake.ts";
import { ALICE, approvablePlan, BOB, DORA, scaleStep, textHash } from "../../../../support/plans.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function house(approvers: readonly Approver[] = [ALICE, BOB, DORA]) {
  const clock = createFakeClock("2026-11-22T04:00:00.000Z");
  const store = createMemoryLake(() => clock.now());
  const deps: ApprovalDeps = { store, clock, enforcement: { approvers, approvalExpiresMinutes: 60 } };
  let ids = 0;
  const say = (kind: DecisionKind, names: string | readonly string[], plan: Plan, more: { until?: string } = {}) =>
    decide(deps, plan.hash, {
      id: `d${++ids}`,
      kind,
      names: typeof names === "string" ? [names] : names,
      at: clock.now().toISOString(),
      ...more,
    });
  const propose = (plan: Plan, reopen = false) => proposePlan(deps, plan, { reopen });
  return { deps, clock, store, say, propose };
}

const slack = (approver: Approver) => slackName(approver.slack ?? "");
const oidc = (approver: Approver) => oidcName(approver.identity);
const whyOf = (outcome: DecisionOutcome) => (outcome.counted ? "it counts" : outcome.why);

const prodBlock = approvablePlan({
  steps: [scaleStep({ rung: "block", environment: "prod" })],
  needs: { mode: "approve", approvals: 2 },
});

describe("an approval", () => {
  it("of one listed person is enough for a throttle, and says who it was", async () => {
    const { propose, say } = house();
    const plan = approvablePlan();
    expect((await propose(plan)).state).toBe("waiting");
    const outcome = await say("approve", slack(ALICE), plan);
    expect(outcome).toMatchObject({
      counted: true,
      record: { state: "approved", detail: "approved by alice@example.com" },
    });
  });

  it("is kept with the plan exactly as it was proposed", async () => {
    const { propose, store } = house();
    const plan = approvablePlan({ leftOut: [{ subject: "Deployment a/b", policy: "p", reason: "no label" }] });
    await propose(plan);
    expect((await readPlan(store, plan.hash))?.plan).toEqual(plan);
    expect((await listPlans(store)).map((record) => record.plan.hash)).toEqual([plan.hash]);
  });

  it("is needed from two different people for a block in prod, whatever the plan says of itself", async () => {
    const { propose, say } = house();
    const plan = { ...prodBlock, needs: { mode: "approve", approvals: 1 } as const };
    await propose(plan);
    expect(await say("approve", slack(ALICE), plan)).toMatchObject({ counted: true, record: { state: "waiting" } });
    expect(whyOf(await say("approve", slack(ALICE), plan))).toMatch(/a person counts once/);
    expect(whyOf(await say("approve", oidc(ALICE), plan))).toMatch(/a person counts once/);
    expect(await say("approve", oidc(BOB), plan)).toMatchObject({ counted: true, record: { state: "approved" } });
  });

  it.each(["prod", "production", "live", ""])(
    "is needed from two people for a block in %j, also of a plan that calls itself automatic",
    async (environment) => {
      const { propose, say, deps } = house();
      const plan = approvablePlan({
        steps: [scaleStep({ rung: "block", environment })],
        needs: { mode: "auto", approvals: 0 },
      });
      expect((await propose(plan)).state).toBe("waiting");
      await say("approve", slack(ALICE), plan);
      expect(await beginPlan(deps, plan.hash)).toMatchObject({ begun: false, why: "it has 1 of 2 approvals" });
    },
  );

  it("counts once for a person who is listed twice, when one token proves both names", async () => {
    const twice = [
      { identity: "sub-1", environments: [] },
      { ...ALICE, environments: [] },
    ];
    const { propose, say, deps } = house(twice);
    await propose(prodBlock);
    expect(await say("approve", slack(ALICE), prodBlock)).toMatchObject({ counted: true });
    expect(whyOf(await say("approve", ["oidc:alice@example.com", "oidc:sub-1"], prodBlock))).toMatch(/counts once/);
    expect((await beginPlan(deps, prodBlock.hash)).begun).toBe(false);
  });

  it("does not count from whom nobody listed, for an environment that is not theirs, or from who asked for the plan", async () => {
    const { propose, say } = house();
    const plan = { ...prodBlock, requester: "bob@example.com" };
    await propose(plan);
    expect(whyOf(await say("approve", "slack:UMALLORY", plan))).toMatch(/^Slack user UMALLORY is not listed in/);
    expect(whyOf(await say("approve", slack(DORA), plan))).toMatch(/you may not decide about prod .*names dev for you/);
    expect(whyOf(await say("approve", slack(BOB), plan))).toMatch(/you asked for this plan yourself/);
    expect(whyOf(await say("approve", "oidc:BOB@example.com".toLowerCase(), plan))).toMatch(/you asked for this plan/);
    expect(await say("approve", oidc(ALICE), plan)).toMatchObject({ counted: true, record: { state: "waiting" } });
  });

  it.each(["alice", "ALICE", "alice@example.com", "slack:ualice"])(
    "does not count from who asked for the plan as %s, the way a command line or a token names them",
    async (requester) => {
      const { propose, say } = house();
      const plan = approvablePlan({ requester });
      await propose(plan);
      expect(whyOf(await say("approve", slack(ALICE), plan))).toMatch(/you asked for this plan yourself/);
      expect(whyOf(await say("approve", "oidc:alice@example.com", plan))).toMatch(/you asked for this plan yourself/);
      expect(await say("approve", slack(BOB), plan)).toMatchObject({ counted: true });
    },
  );

  it("of who is limited to one budget does not count where another budget shares its policy", async () => {
    const { propose, say } = house([{ ...DORA, environments: ["team/ml"] }, ALICE]);
    const { wants } = approvablePlan();
    const plan = approvablePlan({ wants: [...wants, ...wants.map((want) => ({ ...want, budget: "team/shop" }))] });
    await propose(plan);
    expect(whyOf(await say("approve", slack(DORA), plan))).toMatch(/you may not decide about dev/);
    expect(await say("approve", slack(ALICE), plan)).toMatchObject({ counted: true });
  });

  it("is not given by an address that only looks the same: letters of other alphabets are no capitals of ours", async () => {
    const { propose, say } = house([{ identity: "kim@example.com", environments: [] }]);
    const plan = approvablePlan();
    await propose(plan);
    expect(whyOf(await say("approve", oidcName("\u212aim@example.com"), plan))).toMatch(/is not listed in/);
    expect(await say("approve", oidcName("KIM@Example.com"), plan)).toMatchObject({ counted: true });
  });

  it("may be limited to budgets and policies as well as environments", async () => {
    const { propose, say } = house([{ ...DORA, environments: ["team/ml"] }]);
    await propose(prodBlock);
    expect(await say("approve", slack(DORA), prodBlock)).toMatchObject({ counted: true });
  });

  it("ends after an hour", async () => {
    const { propose, say, clock, deps } = house();
    const plan = approvablePlan();
    await propose(plan);
    await say("approve", slack(ALICE), plan);
    clock.advance(HOUR - 1);
    expect((await settlePlan(deps, plan.hash))?.state).toBe("approved");
    clock.advance(1);
    expect(await settlePlan(deps, plan.hash)).toMatchObject({ state: "waiting" });
    expect(await beginPlan(deps, plan.hash)).toMatchObject({ begun: false, why: "it has 0 of 1 approvals" });
    expect(await say("approve", slack(ALICE), plan)).toMatchObject({ counted: true, record: { state: "approved" } });
  });

  it("no longer counts when its person is taken off the list", async () => {
    const { propose, say, deps } = house();
    const plan = approvablePlan();
    await propose(plan);
    await say("approve", slack(ALICE), plan);
    const later = { ...deps, enforcement: { ...deps.enforcement, approvers: [BOB] } };
    expect(await beginPlan(later, plan.hash)).toMatchObject({ begun: false });
  });

  it("of another hash is worth nothing", async () => {
    const { propose, say, deps } = house();
    const plan = approvablePlan();
    const other = approvablePlan({ steps: [scaleStep({ name: "other" })] });
    await propose(plan);
    await propose(other);
    await say("approve", slack(ALICE), plan);
    expect(await beginPlan(deps, other.hash)).toMatchObject({ begun: false });
    expect(whyOf(await say("approve", slack(ALICE), { ...plan, hash: textHash("unknown") }))).toMatch(/no such plan/);
  });

  it("is for what the hash says: a plan that was changed behind its hash is never begun", async () => {
    const { propose, say, deps } = house();
    const plan = approvablePlan();
    const [step] = approvablePlan({ steps: [scaleStep({ name: "payments" })] }).steps;
    if (step === undefined) throw new Error("a plan has a step");
    const changed = { ...plan, steps: [step] };
    await propose(changed);
    await say("approve", slack(ALICE), changed);
    expect(await beginPlan(deps, plan.hash)).toMatchObject({
      begun: false,
      why: expect.stringMatching(/not what its hash says/),
    });
  });

  it("comes too late for a plan that has expired", async () => {
    const { propose, say, clock } = house();
    const plan = approvablePlan();
    await propose(plan);
    clock.advance(12 * HOUR);
    const outcome = await say("approve", slack(ALICE), plan);
    expect(outcome).toMatchObject({ counted: false, record: { state: "expired" } });
    expect(whyOf(outcome)).toMatch(/it expired at/);
  });

  it("is the same when it is delivered again, and so is a refusal", async () => {
    const { propose, deps, clock } = house();
    await propose(prodBlock);
    const at = clock.now().toISOString();
    const good = { id: "event-1", kind: "approve", names: [slack(ALICE)], at } as const;
    const bad = { id: "event-2", kind: "approve", names: ["slack:UX"], at } as const;
    const first = await decide(deps, prodBlock.hash, good);
    expect(await decide(deps, prodBlock.hash, good)).toEqual(first);
    const refused = await decide(deps, prodBlock.hash, bad);
    expect(await decide(deps, prodBlock.hash, bad)).toEqual(refused);
    expect(first).toMatchObject({ counted: true });
  });

  it("changes nothing in dry-run", async () => {
    const { propose, say, deps } = house();
    const plan = approvablePlan({ needs: { mode: "dry-run", approvals: 1 } });
    await propose(plan);
    expect(whyOf(await say("approve", slack(ALICE), plan))).toMatch(/dry-run/);
    expect(await beginPlan(deps, plan.hash)).toMatchObject({ begun: false, why: expect.stringMatching(/dry-run/) });
  });
});

describe("a no", () => {
  it("is final for a plan: nobody can approve it any more, and proposing it again does not help", async () => {
    const { propose, say, deps } = house();
    const plan = approvablePlan();
    await propose(plan);
    expect(await say("reject", slack(BOB), plan)).toMatchObject({ counted: true, record: { state: "rejected" } });
    expect(whyOf(await say("approve", slack(ALICE), plan))).toMatch(/^bob@example.com has rejected it/);
    expect((await propose(plan)).state).toBe("rejected");
    expect(await beginPlan(deps, plan.hash)).toMatchObject({ begun: false, why: "it is rejected" });
  });

  it("takes back what was approved, as long as it has not begun", async () => {
    const { propose, say, deps } = house();
    const plan = approvablePlan();
    await propose(plan);
    await say("approve", slack(ALICE), plan);
    expect(await say("reject", slack(BOB), plan)).toMatchObject({ counted: true, record: { state: "rejected" } });
    expect((await beginPlan(deps, plan.hash)).begun).toBe(false);
  });

  it("may come from whom asked for the plan, and is lifted when a person asks for the plan by hand", async () => {
    const { propose, say, clock } = house();
    const plan = approvablePlan({ requester: "bob@example.com" });
    await propose(plan);
    await say("reject", slack(BOB), plan);
    clock.advance(MINUTE);
    expect(await propose(plan, true)).toMatchObject({ state: "waiting", requesters: ["bob@example.com"] });
    expect(await say("approve", slack(ALICE), plan)).toMatchObject({ counted: true, record: { state: "approved" } });
  });

  it("ends with what asked for the plan", async () => {
    const { propose, say, clock } = house();
    const plan = approvablePlan();
    await propose(plan);
    await say("reject", slack(BOB), plan);
    clock.advance(9 * 24 * HOUR);
    expect((await propose({ ...plan, expiresAt: "2026-12-01T12:00:00.000Z" })).state).toBe("waiting");
  });
});

describe("a snooze", () => {
  it("is quiet until its end, takes back earlier approvals, and is ended by new ones", async () => {
    const { propose, say, clock, deps } = house();
    await propose(prodBlock);
    await say("approve", slack(ALICE), prodBlock);
    const until = "2026-11-22T08:00:00.000Z";
    expect(await say("snooze", slack(BOB), prodBlock, { until })).toMatchObject({
      record: { state: "snoozed", until },
    });
    expect(await say("approve", slack(BOB), prodBlock)).toMatchObject({ record: { state: "snoozed" } });
    expect(await say("approve", slack(ALICE), prodBlock)).toMatchObject({ record: { state: "approved" } });
    clock.advance(4 * HOUR);
    expect(await settlePlan(deps, prodBlock.hash)).toMatchObject({ state: "waiting" });
  });

  it("holds even what needs no approval", async () => {
    const { propose, say, deps, clock } = house();
    const plan = approvablePlan({ needs: { mode: "auto", approvals: 0 } });
    expect((await propose(plan)).state).toBe("approved");
    await say("snooze", slack(ALICE), plan, { until: "2026-11-22T08:00:00.000Z" });
    expect((await beginPlan(deps, plan.hash)).begun).toBe(false);
    clock.advance(4 * HOUR);
    expect((await beginPlan(deps, plan.hash)).begun).toBe(true);
  });

  it("does not last for ever", async () => {
    const { propose, say } = house();
    const plan = approvablePlan();
    await propose(plan);
    const month = { until: "2026-12-24T00:00:00.000Z" };
    expect(whyOf(await say("snooze", slack(ALICE), plan, month))).toMatch(/more than 31 days away/);
    const ever = { until: "2099-01-01T00:00:00.000Z" };
    expect(whyOf(await say("exempt", slack(ALICE), plan, ever))).toMatch(/more than 366 days away/);
  });

  it("needs an end in the future", async () => {
    const { propose, say } = house();
    const plan = approvablePlan();
    await propose(plan);
    const past = { until: "2026-11-22T03:59:00.000Z" };
    expect(whyOf(await say("snooze", slack(ALICE), plan, past))).toMatch(/in the past/);
  });
});

describe("a beginning", () => {
  it("ends all deciding, may be repeated after a crash, and leads through the plan's life", async () => {
    const { propose, say, deps, clock } = house();
    const plan = approvablePlan();
    await propose(plan);
    await say("approve", slack(ALICE), plan);
    expect(await beginPlan(deps, plan.hash)).toMatchObject({ begun: true, record: { state: "applying" } });
    expect((await beginPlan(deps, plan.hash)).begun).toBe(true);
    expect(whyOf(await say("reject", slack(BOB), plan))).toMatch(/it was begun at .*`genops enforce restore`/);
    await advancePlan(deps, plan.hash, { state: "applying", progress: { done: 1, of: 1 } });
    await advancePlan(deps, plan.hash, { state: "applied" });
    await advancePlan(deps, plan.hash, { state: "applied" });
    clock.advance(HOUR);
    const restored = await advancePlan(deps, plan.hash, { state: "restored", detail: "new period" });
    expect(restored.changes.map(({ text }) => text)).toEqual([
      "proposed",
      "approved by alice@example.com (1 of 1)",
      "being applied",
      "applied 1 of 1",
      "restored 1 of 1: new period",
    ]);
    await expect(advancePlan(deps, plan.hash, { state: "applied" })).rejects.toThrow(/cannot become applied/);
  });

  it("that died before its note is completed by the next one", async () => {
    const { propose, say, deps, store } = house();
    const plan = approvablePlan();
    await propose(plan);
    await say("approve", slack(ALICE), plan);
    const died = { ...deps, store: { ...store, put: failing(store.put, `enforcement/plans/${plan.hash}.json`) } };
    await expect(beginPlan(died, plan.hash)).rejects.toThrow("the process ends");
    expect(whyOf(await say("reject", slack(BOB), plan))).toMatch(/it was begun/);
    expect(await beginPlan(deps, plan.hash)).toMatchObject({ begun: true, record: { state: "applying" } });
  });

  it("that died is not made up for after the plan's end", async () => {
    const { propose, say, deps, store, clock } = house();
    const plan = approvablePlan({ expiresAt: "2026-11-22T04:30:00.000Z" });
    await propose(plan);
    await say("approve", slack(ALICE), plan);
    const died = { ...deps, store: { ...store, put: failing(store.put, `enforcement/plans/${plan.hash}.json`) } };
    await expect(beginPlan(died, plan.hash)).rejects.toThrow("the process ends");
    clock.advance(30 * MINUTE);
    expect(await beginPlan(deps, plan.hash)).toMatchObject({ begun: false, why: "it is expired" });
    expect(await settlePlan(deps, plan.hash)).toMatchObject({ state: "expired" });
    const again = await propose({ ...plan, expiresAt: "2026-11-22T16:00:00.000Z" });
    expect(again.state).toBe("waiting");
    expect(await say("approve", slack(ALICE), plan)).toMatchObject({ counted: true, record: { state: "approved" } });
  });

  it("and a decision about an earlier life of the plan change nothing in the present one", async () => {
    const { propose, say, deps, store } = house();
    const plan = approvablePlan();
    await propose(plan);
    await say("approve", slack(ALICE), plan);
    // Both have read the record when the plan is rejected, asked for anew, and rejected again.
    const renewed = async () => {
      await say("reject", slack(BOB), plan);
      await propose(plan, true);
      await say("reject", slack(BOB), plan);
    };
    const late = { ...deps, store: { ...store, get: interrupted(store.get, "enforcement/approvals/", renewed) } };
    expect(await beginPlan(late, plan.hash)).toMatchObject({
      begun: false,
      why: expect.stringMatching(/put forward anew/),
    });
    const at = "2026-11-22T04:00:00.000Z";
    const again = { ...deps, store: { ...store, get: interrupted(store.get, "enforcement/approvals/", renewed) } };
    await propose(plan, true);
    const outcome = await decide(again, plan.hash, { id: "late", kind: "approve", names: [slack(ALICE)], at });
    expect(whyOf(outcome)).toMatch(/put forward anew/);
    expect((await readPlan(store, plan.hash))?.state).toBe("rejected");
    expect((await beginPlan(deps, plan.hash)).begun).toBe(false);
  });

  it("is not unsaid by somebody who looked before it", async () => {
    const { propose, say, deps, store } = house();
    const plan = approvablePlan();
    await propose(plan);
    const approve = async () => void (await say("approve", slack(ALICE), plan));
    const late = { ...deps, store: { ...store, get: interrupted(store.get, "enforcement/plans/", approve) } };
    expect(await settlePlan(late, plan.hash)).toMatchObject({ state: "approved", decided: 1 });
  });

  it("counts every person once, however many click at the same time", async () => {
    const { propose, deps, clock, store } = house();
    await propose(prodBlock);
    const names = [slack(ALICE), oidc(ALICE), slack(BOB), oidc(BOB), "slack:UX", slack(DORA)];
    const at = clock.now().toISOString();
    const outcomes = await Promise.all(
      names.map((name, index) => decide(deps, prodBlock.hash, { id: `${index}`, kind: "approve", names: [name], at })),
    );
    expect(outcomes.filter(({ counted }) => counted)).toHaveLength(2);
    const record = await readPlan(store, prodBlock.hash);
    expect(record).toMatchObject({ state: "approved", decided: 2 });
    expect(record?.changes.filter(({ text }) => text.startsWith("approved by"))).toHaveLength(2);
  });

  it("and a rejection at the same time: exactly one of them wins", async () => {
    for (let round = 0; round < 20; round++) {
      const { propose, say, deps } = house();
      const plan = approvablePlan();
      await propose(plan);
      await say("approve", slack(ALICE), plan);
      const [begun, rejected] = await Promise.all([beginPlan(deps, plan.hash), say("reject", slack(BOB), plan)]);
      expect(begun.begun).not.toBe(rejected.counted);
    }
  });

  it("needs new approvals when the same plan comes again after its end", async () => {
    const { propose, say, deps, clock } = house();
    const plan = approvablePlan();
    await propose(plan);
    await say("approve", slack(ALICE), plan);
    await beginPlan(deps, plan.hash);
    await advancePlan(deps, plan.hash, { state: "applied", progress: { done: 1, of: 1 } });
    await advancePlan(deps, plan.hash, { state: "restored" });
    clock.advance(MINUTE);
    expect(await propose(plan)).toMatchObject({ state: "waiting" });
    expect((await beginPlan(deps, plan.hash)).begun).toBe(false);
    const early = { id: "old", kind: "approve", names: [slack(ALICE)], at: "2026-11-22T04:00:00.000Z" } as const;
    expect(whyOf(await decide(deps, plan.hash, early))).toMatch(/put forward anew/);
  });
});

describe("proposing again", () => {
  it("keeps approvals, brings prices up to date, and remembers everybody who asked", async () => {
    const { propose, say } = house();
    await propose(prodBlock);
    await say("approve", slack(ALICE), prodBlock);
    const first = await propose({ ...prodBlock, createdAt: "2026-11-22T04:30:00.000Z" });
    expect(first.revision).toBe(2);
    const again = await propose({ ...prodBlock, requester: "bob@example.com", expiresAt: "2026-11-22T20:00:00.000Z" });
    expect(again).toMatchObject({ revision: 3, state: "waiting", requesters: ["genops", "bob@example.com"] });
    expect(whyOf(await say("approve", slack(BOB), prodBlock))).toMatch(/you asked for this plan yourself/);
  });
});

/** Lets something happen before the first read below a prefix. */
function interrupted<R>(
  get: (key: string) => Promise<R>,
  prefix: string,
  happens: () => Promise<void>,
): (key: string) => Promise<R> {
  let waits = true;
  return async (key) => {
    if (waits && key.startsWith(prefix)) {
      waits = false;
      await happens();
    }
    return get(key);
  };
}

function failing<A extends [string, ...unknown[]], R>(
  put: (...args: A) => Promise<R>,
  key: string,
): (...args: A) => Promise<R> {
  return (...args) => (args[0] === key ? Promise.reject(new Error("the process ends")) : put(...args));
}
