import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { toAnomalyConfig } from "../../../../shared/config/anomalies.ts";
import { addDays } from "../../../../shared/core/period.ts";
import { findCandidates } from "../../../../shared/governance/anomalies/rules/find-candidates.ts";
import { readDailyCosts } from "../../../../shared/governance/anomalies/rules/read-daily-costs.ts";
import { riseOn } from "../../../../shared/governance/anomalies/rules/rises.ts";
import { spendAtZero } from "../../../../shared/governance/anomalies/rules/spend-at-zero.ts";
import type { SqlEngine } from "../../../../shared/ports/sql-engine.ts";
import { type CubeRow, loadCube, testEngine } from "../../../unit/governance/support.ts";

const START = "2024-08-10";
const DAYS = 42;
const END = addDays(START, DAYS);
const JUDGED = Array.from({ length: 14 }, (_, index) => addDays(END, index - 14));
const config = { ...toAnomalyConfig({}), rulesBy: ["provider", "service"] };
const settledAfterDays = { default: 1 };

let engine: SqlEngine;
beforeAll(async () => {
  engine = await testEngine();
});
afterAll(() => engine.close());

/** A steady month, then days of any height, none at all, or a refund. */
const series = fc
  .record({
    level: fc.integer({ min: 0, max: 400 }),
    noise: fc.array(fc.integer({ min: 0, max: 20 }), { minLength: DAYS, maxLength: DAYS }),
    tail: fc.array(fc.option(fc.integer({ min: -50, max: 900 }), { nil: undefined, freq: 3 }), { maxLength: 12 }),
    provider: fc.constantFrom("aws", "gcp"),
    ends: fc.boolean(),
  })
  .map(({ level, noise, tail, provider, ends }) => {
    const costs = noise.map((more, index) =>
      index < DAYS - tail.length ? level + more : tail[index - DAYS + tail.length],
    );
    const steady = costs.slice(0, DAYS - tail.length);
    return { provider, costs: [...steady, ...(ends ? tail.map(() => undefined) : tail)] };
  });

it("never misses a series in which a rule sees anything", async () => {
  let seen = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(series, { minLength: 1, maxLength: 5 }), async (all) => {
      const rows = all.flatMap(({ provider, costs }, index) =>
        costs.flatMap((cost, day): CubeRow[] =>
          cost === undefined
            ? []
            : [{ date: addDays(START, day), effective: String(cost), provider, service: `S${index}` }],
        ),
      );
      await loadCube(engine, rows);
      await engine.run(
        "CREATE OR REPLACE TEMP TABLE everything AS SELECT DISTINCT currency, provider AS k0, service AS k1 FROM cube",
      );
      const input = { cubeRelation: "cube", settledAfterDays, start: START, end: END };
      const daily = await readDailyCosts(engine, { ...input, by: config.rulesBy, among: "everything" });
      const hit = daily.series.filter(
        (one) =>
          JUDGED.some((day) => riseOn(one, day, config) !== undefined) ||
          spendAtZero(one, {
            rule: config.spendAtZero,
            caution: 1,
            settledAfterDays,
            days: JUDGED,
            today: addDays(END, -1),
          }).length > 0,
      );
      await findCandidates(engine, "candidates", { ...input, config, feedback: [], judgedFrom: JUDGED[0] ?? START });
      const found = new Set((await engine.query("SELECT k0 || k1 AS name FROM candidates")).map(({ name }) => name));
      for (const { keys } of hit) expect(found).toContain(`${keys["provider"]}${keys["service"]}`);
      seen += hit.length;
    }),
    { numRuns: 30 },
  );
  expect(seen).toBeGreaterThan(0);
}, 30_000);
