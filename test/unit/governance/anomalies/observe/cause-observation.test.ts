import { describe, expect, it } from "vitest";
import { parseDecimal } from "../../../../../shared/core/decimal.ts";
import { causeObservation } from "../../../../../shared/governance/anomalies/observe/cause-observation.ts";
import type { ExactCost } from "../../../../../shared/governance/anomalies/observe/exact-costs.ts";
import { type Alert, DAY_MS } from "../../../../../shared/governance/anomalies/types.ts";

const DAYS = 10;
const START = Date.parse("2026-01-01");

interface Case {
  keys: Readonly<Record<string, string>>;
  costs: readonly number[];
  alert?: Partial<Alert>;
  exact?: Partial<ExactCost>;
}

/** The last two of ten days are unusual. */
function observed({ keys, costs, alert: more = {}, exact = {} }: Case) {
  const node = { id: "n", currency: "USD", keys, leaves: [0], costs: Float64Array.from(costs) };
  const alert: Alert = {
    at: START + 9 * DAY_MS,
    since: START + 8 * DAY_MS,
    score: 4.256,
    actual: 400,
    expected: 100,
    lower: 90,
    upper: 110,
    direction: "up",
    channel: "point",
    impact: 600,
    ...more,
  };
  const cause = { series: "n", currency: "USD", keys, alert: { ...alert, alertedAt: START + 10 * DAY_MS } };
  const table = { by: Object.keys(keys), start: "2026-01-01", days: DAYS, leaves: [] };
  return causeObservation(
    { cause, node, state: "stands", now: alert },
    {
      table,
      node,
      exact: { actual: parseDecimal("800.005"), settled: parseDecimal("400"), rows: 4, ...exact },
      explained: { contributors: [], facts: { explained: "90 %" } },
    },
  );
}

const step = [100, 100, 100, 100, 100, 100, 100, 100, 400, 400];
const GPU = { provider: "aws", account: "1", service: "GPU" };

describe("causeObservation", () => {
  it("is the exact cost less what was expected, with the range of the deciding day", () => {
    const { amount, evidence, period } = observed({ keys: GPU, costs: step });
    expect(amount).toBe(parseDecimal("600.005"));
    expect(period).toEqual({ start: "2026-01-09", end: "2026-01-10" });
    expect(evidence.settledShare).toBe("0.50");
    expect(evidence.facts).toEqual({
      since: "2026-01-09",
      day: "2026-01-10",
      actual: "400",
      expected: "100",
      lower: "90",
      upper: "110",
      score: "4.26",
      channel: "point",
      direction: "up",
      days: "2",
      totalActual: "800.005",
      totalExpected: "200",
      history: "2026-01-01 100,100,100,100,100,100,100,100,400,400",
      explained: "90 %",
    });
  });

  it("leaves out days of which nothing is known", () => {
    const { evidence } = observed({ keys: GPU, costs: [...step.slice(0, 9), Number.NaN], alert: { impact: 300 } });
    expect(evidence.facts).toMatchObject({
      totalExpected: "100",
      history: "2026-01-01 100,100,100,100,100,100,100,100,400,",
    });
  });

  it.each([
    [{ keys: GPU, costs: step }, "GPU of 1 costs 4.0 × what was expected since 2026-01-09"],
    [{ keys: GPU, costs: step, exact: { team: "ml" } }, "GPU of ml costs 4.0 × what was expected since 2026-01-09"],
    [{ keys: { provider: "aws" }, costs: step }, "aws costs 4.0 × what was expected since 2026-01-09"],
    [{ keys: { provider: "aws", account: "1" }, costs: step }, "1 costs 4.0 × what was expected since 2026-01-09"],
    [{ keys: {}, costs: step }, "All usage costs 4.0 × what was expected since 2026-01-09"],
    [
      { keys: { provider: "aws", service: "GPU", region: "eu", zone: "" }, costs: step },
      "GPU / eu costs 4.0 × what was expected since 2026-01-09",
    ],
    [
      {
        keys: GPU,
        costs: [...step.slice(0, 8), 300, 300],
        alert: { impact: 600 },
        exact: { actual: parseDecimal("600") },
      },
      "GPU of 1 costs 600.00 USD more than expected since 2026-01-09",
    ],
    [
      {
        keys: GPU,
        costs: [...step.slice(0, 8), 4, 4],
        alert: { direction: "down", impact: 192 },
        exact: { actual: parseDecimal("8") },
      },
      "GPU of 1 costs 0.04 × what was expected since 2026-01-09",
    ],
    [
      {
        keys: GPU,
        costs: [...step.slice(0, 8), 0, 0],
        alert: { direction: "down", impact: 200 },
        exact: { actual: parseDecimal("0"), settled: parseDecimal("0") },
      },
      "GPU of 1 costs 200.00 USD less than expected since 2026-01-09",
    ],
  ] satisfies [Case, string][])("names what it is about: %#", (given, title) => {
    expect(observed(given).title).toBe(title);
  });
});
