import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { beginPlan } from "../../../shared/clusters/enforcement/approvals/begin-plan.ts";
import { decide } from "../../../shared/clusters/enforcement/approvals/decide.ts";
import { proposePlan } from "../../../shared/clusters/enforcement/approvals/plan-records.ts";
import { settlePlan } from "../../../shared/clusters/enforcement/approvals/settle-plan.ts";
import type { Plan } from "../../../shared/clusters/enforcement/types.ts";
import type { Approver } from "../../../shared/config/types.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { createMemoryLake } from "../../support/memory-lake.ts";
import { approvablePlan, scaleStep } from "../../support/plans.ts";

/** Five people; who they are, by number, is the truth that the rules have to find out from names. */
const PEOPLE = [0, 1, 2, 3, 4] as const;
const HOUR = 3_600_000;

/** Person 3 is not listed, person 4 only for dev. */
const APPROVERS: Approver[] = [
  { identity: "p0@example.com", slack: "U0", environments: [] },
  { identity: "p1@example.com", slack: "U1", environments: [] },
  { identity: "p2@example.com", slack: "U2", environments: ["prod", "dev"] },
  { identity: "p4@example.com", slack: "U4", environments: ["dev"] },
];

type Act =
  | { kind: "approve" | "reject" | "snooze"; person: number; by: "oidc" | "slack" }
  | { kind: "wait"; ms: number }
  | { kind: "propose"; person: number | undefined };

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: said("approve") },
  { weight: 1, arbitrary: said("reject") },
  { weight: 1, arbitrary: said("snooze") },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: HOUR }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("propose" as const),
      person: fc.option(fc.constantFrom(...PEOPLE), { nil: undefined }),
    }),
  },
);

function said<K extends "approve" | "reject" | "snooze">(kind: K) {
  return fc.record({
    kind: fc.constant(kind),
    person: fc.constantFrom(...PEOPLE),
    by: fc.constantFrom("oidc" as const, "slack" as const),
  });
}

const plans: Plan[] = [
  approvablePlan({ expiresAt: "2026-11-23T16:00:00.000Z" }),
  approvablePlan({
    steps: [scaleStep({ rung: "block", environment: "prod" })],
    needs: { mode: "approve", approvals: 2 },
    expiresAt: "2026-11-22T10:00:00.000Z",
  }),
  approvablePlan({ steps: [scaleStep({ rung: "human", environment: "dev", action: "no-execute" })] }),
];

/** Whether it counts that a person says this now, in other words. */
function counts(
  plan: Plan,
  log: readonly Said[],
  requesters: ReadonlySet<number>,
  { kind, person, at }: Said,
): boolean {
  if (!isListed(plan, person) || log.some((each) => each.kind === "reject") || at >= Date.parse(plan.expiresAt))
    return false;
  if (kind !== "approve") return true;
  const fresh = log.slice(log.findLastIndex((each) => each.kind === "snooze") + 1);
  return !requesters.has(person) && !fresh.some((each) => each.person === person && at < each.at + HOUR);
}

function isListed({ steps }: Plan, person: number): boolean {
  return person <= 2 || (person === 4 && !steps.some(({ environment }) => environment === "prod"));
}

/** The rules in other words: over who said what when, by person and not by name, for one life of the plan. */
function mayBegin(plan: Plan, log: readonly Said[], requesters: ReadonlySet<number>, now: number): boolean {
  const valid = log.filter(({ person }) => isListed(plan, person));
  // The end of what asks for the plan lies beyond every sequence here.
  if (valid.some(({ kind }) => kind === "reject") || now >= Date.parse(plan.expiresAt)) return false;
  const lastSnooze = valid.findLastIndex(({ kind }) => kind === "snooze");
  const fresh = valid.slice(lastSnooze + 1).filter(({ at }) => now < at + HOUR);
  const people = new Set(fresh.map(({ person }) => person).filter((person) => !requesters.has(person)));
  return people.size >= (plan.steps.some(({ rung }) => rung !== "throttle") ? 2 : 1);
}

interface Said {
  kind: "approve" | "reject" | "snooze";
  person: number;
  at: number;
}

describe("a plan over any sequence of what people do", () => {
  it("is approved if and only if the rules say so", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...plans), fc.array(act, { maxLength: 25 }), async (plan, acts) => {
        const clock = createFakeClock("2026-11-22T04:00:00.000Z");
        const store = createMemoryLake(() => clock.now());
        const deps = { store, clock, enforcement: { approvers: APPROVERS, approvalExpiresMinutes: 60 } };
        let record = await proposePlan(deps, plan);
        let log: Said[] = [];
        let requesters = new Set<number>();
        for (const [index, each] of acts.entries()) {
          const now = clock.now().getTime();
          if (each.kind === "wait") clock.advance(each.ms);
          else if (each.kind === "propose") {
            const requester = each.person === undefined ? "genops" : `p${each.person}@example.com`;
            const again = await proposePlan(deps, { ...plan, requester });
            const isNew = again.proposedAt !== record.proposedAt;
            if (isNew) [log, requesters] = [[], new Set()];
            if (each.person !== undefined && (isNew || again.requesters.includes(requester)))
              requesters.add(each.person);
            record = again;
          } else {
            const name = each.by === "slack" ? `slack:U${each.person}` : `oidc:p${each.person}@example.com`;
            const until = each.kind === "snooze" ? { until: new Date(now + HOUR / 2).toISOString() } : {};
            const at = clock.now().toISOString();
            const outcome = await decide(deps, plan.hash, {
              id: `${index}`,
              kind: each.kind,
              names: [name],
              at,
              ...until,
            });
            const said: Said = { kind: each.kind, person: each.person, at: now };
            expect(outcome.counted).toBe(counts(plan, log, requesters, said));
            if (outcome.counted) log.push(said);
          }
          const settled = await settlePlan(deps, plan.hash);
          const expected = mayBegin(plan, log, requesters, clock.now().getTime());
          expect(settled?.state === "approved").toBe(expected);
        }
        const expected = mayBegin(plan, log, requesters, clock.now().getTime());
        expect((await beginPlan(deps, plan.hash)).begun).toBe(expected);
      }),
      { numRuns: 400 },
    );
  });

  it("counts nothing from a person without the right, and no decision about another hash", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(said("approve"), { minLength: 1, maxLength: 12 }), async (acts) => {
        const [plan, other] = plans;
        if (plan === undefined || other === undefined) throw new Error("two plans");
        const clock = createFakeClock("2026-11-22T04:00:00.000Z");
        const store = createMemoryLake(() => clock.now());
        const deps = { store, clock, enforcement: { approvers: APPROVERS, approvalExpiresMinutes: 60 } };
        await proposePlan(deps, plan);
        await proposePlan(deps, other);
        for (const [index, { person, by }] of acts.entries()) {
          const name = by === "slack" ? `slack:U${person}` : `oidc:p${person}@example.com`;
          const at = clock.now().toISOString();
          const outcome = await decide(deps, plan.hash, { id: `${index}`, kind: "approve", names: [name], at });
          if (person === 3) expect(outcome.counted).toBe(false);
        }
        expect((await beginPlan(deps, other.hash)).begun).toBe(false);
      }),
      { numRuns: 100 },
    );
  });
});
