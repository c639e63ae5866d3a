import fc from "fast-check";
import { expect, it } from "vitest";
import type { Observation } from "../../../../shared/core/finding.ts";
import { addDays } from "../../../../shared/core/period.ts";
import { listFeedback } from "../../../../shared/governance/anomalies/feedback/feedback-store.ts";
import { giveFeedback } from "../../../../shared/governance/anomalies/feedback/give-feedback.ts";
import { heedFeedback } from "../../../../shared/governance/anomalies/feedback/heed-feedback.ts";
import { contains, sensitivityOf } from "../../../../shared/governance/anomalies/feedback/sensitivity.ts";
import type { Feedback } from "../../../../shared/governance/anomalies/feedback/types.ts";
import { undoFeedback } from "../../../../shared/governance/anomalies/feedback/undo-feedback.ts";
import { anomaly, openFindings, SCOPE, said } from "../../../unit/governance/anomalies/feedback/support.ts";

const NOW = new Date("2024-09-20T09:00:00Z");
const SERIES = { scope: SCOPE, currency: "USD" };
const KINDS = ["expected", "planned", "wrong"] as const;

const scope = fc.record(
  {
    provider: fc.constantFrom(["aws"], ["gcp"]),
    service: fc.constantFrom(["Compute"], ["Storage"]),
    account: fc.constantFrom(["1"], ["2"]),
  },
  { requiredKeys: [] },
);
const day = fc.nat({ max: 40 }).map((offset) => addDays("2024-09-01", offset));
const anyFeedback: fc.Arbitrary<Feedback> = fc
  .record({
    kind: fc.constantFrom(...KINDS),
    scope,
    since: day,
    length: fc.integer({ min: 1, max: 20 }),
    isUndone: fc.boolean(),
    age: fc.nat({ max: 400 }),
  })
  .map(({ kind, since, length, isUndone, age, ...rest }) =>
    said({
      ...rest,
      kind,
      since,
      at: new Date(NOW.getTime() - age * 86_400_000).toISOString(),
      ...(kind === "planned" ? { planned: { start: since, end: addDays(since, length) } } : {}),
      ...(isUndone ? { undone: { by: "bob", at: NOW.toISOString() } } : {}),
    }),
  );
const anyAnomaly: fc.Arbitrary<Observation> = fc
  .record({ scope, start: day })
  .map(({ scope: where, start }) => anomaly({ scope: where, period: { start, end: addDays(start, 1) } }));

it("leaves nothing behind when everything is taken back, and never has two words in force about one finding", async () => {
  const step = fc.record({ which: fc.nat({ max: 1 }), what: fc.constantFrom(...KINDS, "undo" as const) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
      const { deps, keys } = await openFindings([anomaly(), anomaly({ rule: "absolute-jump" })]);
      const undo = (which: string) => undoFeedback(deps, { which, actor: "bob" }).catch(() => undefined);
      for (const { which, what } of steps) {
        const key = keys[which] ?? "";
        if (what === "undo") await undo(key);
        else
          await giveFeedback(deps, {
            key,
            kind: what,
            actor: "ada",
            ...(what === "planned" ? { to: "2024-09-30" } : {}),
          });
        const inForce = (await listFeedback(deps.store)).filter(({ undone }) => undone === undefined);
        expect(new Set(inForce.map(({ finding }) => finding)).size).toBe(inForce.length);
        expect(new Set((await listFeedback(deps.store)).map(({ id }) => id)).size).toBe(
          (await listFeedback(deps.store)).length,
        );
      }
      for (const key of keys) await undo(key);
      expect(sensitivityOf(await listFeedback(deps.store), SERIES, NOW)).toEqual({
        planned: [],
        newLevels: [],
        caution: 1,
      });
    }),
    { numRuns: 40 },
  );
});

it("makes a series at most three times as cautious, and never bolder", () => {
  fc.assert(
    fc.property(fc.array(anyFeedback, { maxLength: 12 }), scope, (feedback, where) => {
      const { caution } = sensitivityOf(feedback, { scope: where, currency: "USD" }, NOW);
      expect(caution).toBeGreaterThanOrEqual(1);
      expect(caution).toBeLessThanOrEqual(3);
    }),
  );
});

it("only holds back, never invents; and only what something in force was said about", () => {
  fc.assert(
    fc.property(fc.array(anyFeedback, { maxLength: 6 }), fc.array(anyAnomaly, { maxLength: 6 }), (feedback, seen) => {
      const told = heedFeedback(seen, feedback, NOW);
      expect(told.length).toBeLessThanOrEqual(seen.length);
      const inForce = feedback.filter(({ undone }) => undone === undefined);
      for (const one of seen) {
        const [same] = heedFeedback([one], feedback, NOW);
        if (same === undefined) expect(inForce.some((what) => contains(what.scope, one.scope))).toBe(true);
        else expect({ ...same, evidence: one.evidence }).toEqual(one);
      }
    }),
  );
});
