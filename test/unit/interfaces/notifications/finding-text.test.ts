import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDecimal } from "../../../../shared/core/decimal.ts";
import { encodeFinding, FindingSchema } from "../../../../shared/governance/findings/schema.ts";
import {
  amountText,
  describeFinding,
  periodText,
  scopeText,
} from "../../../../shared/interfaces/notifications/finding-text.ts";
import { anyFinding, finding, resolved, unusual } from "./support.ts";

describe("describeFinding", () => {
  it("says what, where, how much, by whom and what is wanted", () => {
    expect(describeFinding(finding())).toEqual({
      status: "Warning",
      symbol: "🟠",
      title: "Budget team/ai-research is at 83 % of its limit",
      summary: "12,450.50 USD, 2026-11",
      rows: [
        { label: "Amount", value: "12,450.50 USD", fixed: true },
        { label: "Period", value: "2026-11", fixed: true },
        { label: "Scope", value: "provider aws; team ai-research", fixed: true },
        { label: "Threshold", value: "80 %", fixed: false },
        { label: "Used", value: "83 %", fixed: false },
        { label: "Limit", value: "15000 USD", fixed: false },
      ],
      contributors: [
        { label: "service Amazon EC2, account 111122223333", value: "9,000.00 USD (72 %)", fixed: false },
        { label: "service Amazon S3", value: "450.50 USD (4 %)", fixed: false },
      ],
      moreContributors: 0,
      wanted: ["throttle team ai-research"],
      waitsFor: "the bill of 2026-11-21",
      hint: "",
      notes: ["Settled: 91 %", "Opened 2026-11-22T07:00:00.000Z", "For #ml-costs", "Key budget-ml-2026-11-80"],
    });
  });

  it("says of an anomaly what was expected and is usual, its history, who makes it, and how to answer", () => {
    const words = describeFinding(unusual());
    expect(words.rows.slice(3).map(({ label, value }) => `${label}: ${value}`)).toEqual([
      "Cost: 180.00 USD since 2024-09-18",
      "Expected: 40.00 USD",
      "Usual: 15.00 USD to 26.00 USD on 2024-09-19, which cost 90.00 USD",
      "Since: 2024-09-18",
      "History: ▃▃▃[██] 2024-09-15 to 2024-09-19",
      "Seen by: unusual-cost, over-yesterday",
      "Explained: 97 %",
    ]);
    expect(words.contributors.map(({ label, value }) => `${label}: ${value}`)).toEqual([
      "account 111: 112.00 USD (80 %)",
      "no account: 28.00 USD (20 %)",
    ]);
    expect(words.hint).toBe("genops anomalies feedback 1a2b3c4d5e6f expected | planned --to LAST-DAY | wrong");
    expect(describeFinding(unusual({ state: "resolved" })).hint).toBe("");
  });

  it("names our own budget that a cloud's alert is about", () => {
    const row = (related: { budget: string; finding?: string }) =>
      describeFinding(finding({ kind: "cloud-alert", related })).rows.find(({ label }) => label === "Our budget");
    expect(row({ budget: "team/ml", finding: "budget-ml-80" })?.value).toBe("team/ml, finding budget-ml-80");
    expect(row({ budget: "team/ml" })?.value).toBe("team/ml, nothing found");
  });

  it("says why a finding is resolved", () => {
    const words = describeFinding(resolved());
    expect(words.status).toBe("Resolved");
    expect(words.rows).toContainEqual({
      label: "Why",
      value: "a restatement brought it below the threshold",
      fixed: true,
    });
  });

  it("shows five contributors and counts the others", () => {
    const contributors = Array.from({ length: 8 }, (_, index) => ({
      keys: { account: String(index) },
      amount: parseDecimal("1"),
    }));
    const words = describeFinding(finding({ evidence: { ...finding().evidence, contributors } }));
    expect([words.contributors.length, words.moreContributors]).toEqual([5, 3]);
  });

  it("copes with any finding", () => {
    fc.assert(
      fc.property(anyFinding, (any) => {
        const { rows, contributors, notes } = describeFinding(any);
        for (const text of [...rows, ...contributors].map(({ value }) => value).concat(notes))
          expect(text).not.toMatch(/[\r\n\u202e]/);
      }),
      { numRuns: 50 },
    );
  });
});

describe("amountText", () => {
  it.each([
    ["0", "0.00 USD"],
    ["-1234567.005", "-1,234,567.00 USD"],
    ["999.999", "1,000.00 USD"],
    ["0.0004", "0.000400 USD"],
    ["-0.0000000001", "-0.0000000001 USD"],
  ])("writes %s as %s", (amount, text) => {
    expect(amountText(parseDecimal(amount), "USD")).toBe(text);
  });
});

describe("periodText", () => {
  it.each([
    ["2024-12-01", "2025-01-01", "2024-12"],
    ["2024-09-01", "2024-09-02", "2024-09-01"],
    ["2024-09-01", "2024-09-08", "2024-09-01 to 2024-09-07"],
    ["soon", "later", "soon to later"],
  ])("writes %s..%s as %s", (start, end, text) => {
    expect(periodText({ start, end })).toBe(text);
  });
});

describe("scopeText", () => {
  it("calls the empty scope all costs", () => {
    expect(scopeText({})).toBe("all costs");
    expect(scopeText({ team: [""] })).toBe("team none");
  });
});

describe("encodeFinding", () => {
  it("carries amounts as decimal strings and reads back as the same finding", () => {
    const whole = resolved({ amount: parseDecimal("0.000000000000000001"), actor: "someone@example.com" });
    const document = encodeFinding(whole);
    expect(document.amount).toBe("0.000000000000000001");
    expect(FindingSchema.parse(JSON.parse(JSON.stringify(document)))).toEqual(whole);
  });
});
