import { describe, expect, it } from "vitest";
import {
  anomalyRows,
  anomalyView,
  feedbackHint,
  isAnomaly,
  otherFacts,
} from "../../../shared/interfaces/anomaly-view.ts";

const facts = {
  since: "2024-09-03",
  day: "2024-09-04",
  actual: "90",
  expected: "30",
  lower: "25",
  upper: "36",
  totalActual: "170",
  totalExpected: "60",
  channel: "drift",
  score: "7.10",
  direction: "up",
  rules: "unusual-cost, over-yesterday",
  history: "2024-09-01 30,,80,90",
  feedback: "called wrong by ada",
  explained: "97 %",
};

function finding(given: Partial<Record<string, string>> = facts, rule = "unusual-cost") {
  const known = Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  return {
    key: "anomaly-usd-unusual-cost-2024-09-03-1a2b3c4d5e6f",
    kind: "anomaly",
    rule,
    currency: "USD",
    period: { start: "2024-09-03" },
    evidence: { facts: known },
  };
}

describe("anomalyView", () => {
  it("takes the evidence of an anomaly apart", () => {
    expect(anomalyView(finding())).toEqual({
      day: "2024-09-04",
      actual: "90",
      expected: "30",
      range: { lower: "25", upper: "36" },
      since: "2024-09-03",
      total: { actual: "170", expected: "60" },
      direction: "up",
      channel: "drift",
      score: "7.10",
      rules: ["unusual-cost", "over-yesterday"],
      history: {
        start: "2024-09-01",
        end: "2024-09-04",
        costs: [30, null, 80, 90],
        marked: [false, false, true, true],
        sparkline: "▃·[▇█]",
      },
      feedback: "called wrong by ada",
    });
  });

  it("marks one day where the rule is about one", () => {
    const rules = { since: "2024-09-03", history: facts.history, rules: "over-yesterday" };
    expect(anomalyView(finding(rules)).history?.sparkline).toBe("▃·[▇]█");
  });

  it("does without facts that are missing or no amounts", () => {
    expect(
      anomalyView(finding({ lower: "?", upper: "3", totalActual: "x", totalExpected: "1", history: "no" })),
    ).toEqual({
      day: "2024-09-03",
      since: "2024-09-03",
      rules: ["unusual-cost"],
    });
    expect(
      anomalyView({ key: "k", kind: "anomaly", currency: "USD", evidence: { facts: { history: facts.history } } }),
    ).toMatchObject({ since: "", rules: [""] });
  });
});

describe("anomalyRows", () => {
  it("says what it cost, what was expected, what is usual, since when, and what people said", () => {
    expect(anomalyRows(finding()).map(({ label, value }) => [label, value])).toEqual([
      ["Cost", "170.00 USD since 2024-09-03"],
      ["Expected", "60.00 USD"],
      ["Usual", "25.00 USD to 36.00 USD on 2024-09-04, which cost 90.00 USD"],
      ["Since", "2024-09-03"],
      ["History", "▃·[▇█] 2024-09-01 to 2024-09-04"],
      ["Seen by", "unusual-cost, over-yesterday"],
      ["Feedback", "called wrong by ada"],
    ]);
  });

  it("leaves out what is not known", () => {
    expect(
      anomalyRows(finding({ actual: "90", lower: "1", upper: "2" })).map(({ label, value }) => [label, value]),
    ).toEqual([
      ["Cost", "90.00 USD"],
      ["Usual", "1.00 USD to 2.00 USD on 2024-09-03, which cost 90.00 USD"],
      ["Since", "2024-09-03"],
    ]);
    expect(anomalyRows(finding({ lower: "1", upper: "2" }))[0]?.value).toBe("1.00 USD to 2.00 USD on 2024-09-03");
    expect(anomalyRows(finding({ actual: "much" }))[0]?.value).toBe("much");
  });
});

describe("otherFacts", () => {
  it("are those that the rows do not tell", () => {
    expect(otherFacts(facts)).toEqual([["explained", "97 %"]]);
  });
});

describe("feedbackHint", () => {
  it("is a command with the short key", () => {
    expect(feedbackHint(finding())).toBe(
      "genops anomalies feedback 1a2b3c4d5e6f expected | planned --to LAST-DAY | wrong",
    );
    expect(isAnomaly(finding())).toBe(true);
  });
});
