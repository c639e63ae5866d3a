import { describe, expect, it } from "vitest";
import { formatDecimal } from "../../../../shared/core/decimal.ts";
import type { Observation } from "../../../../shared/core/finding.ts";
import { observeAlert } from "../../../../shared/governance/inbound-alerts/observe-alert.ts";
import { fixture, SENT_AT, snsAlert } from "./alerts.ts";

const TEXT = fixture("aws-budget.txt");

function only(text: string, topic?: string): Observation {
  const alert = snsAlert(text, topic === undefined ? {} : { attributes: { topic } });
  const { observations } = observeAlert(alert, SENT_AT);
  const [observation, ...others] = observations;
  if (observation === undefined || others.length > 0) throw new Error("not exactly one observation");
  return observation;
}

describe("the text of AWS Budgets", () => {
  it("becomes a finding of its budget, period and threshold", () => {
    const { evidence, amount, ...seen } = only(TEXT);
    expect(seen).toMatchObject({
      kind: "cloud-alert",
      rule: "actual-400-usd",
      level: "warning",
      scope: { provider: ["aws"], account: ["111122223333"] },
      period: { start: "2026-11-01", end: "2026-12-01" },
      subject: "ml training",
      title: "AWS budget ml training has used 412.55 of 500.00 USD since 2026-11-01: alert at 400.00 USD",
      currency: "USD",
    });
    expect(formatDecimal(amount)).toBe("412.55");
    expect(evidence.facts).toMatchObject({
      budget: "ml training",
      limit: "500",
      threshold: "80%",
      thresholdAmount: "400",
      basis: "actual",
      sent: SENT_AT,
    });
  });

  it("counts a daily budget's alert for the day before it was written", () => {
    expect(only(fixture("aws-budget-daily.txt"))).toMatchObject({
      period: { start: "2026-03-04", end: "2026-03-05" },
      rule: "actual-0.75-usd",
    });
  });

  it.each([
    ["for the current quarter", { start: "2026-10-01", end: "2027-01-01" }],
    ["for the current year", { start: "2026-01-01", end: "2027-01-01" }],
    ["for some time", { start: "2026-11-01", end: "2026-12-01" }],
    ["per day", { start: "2026-11-22", end: "2026-11-23" }],
  ])("takes the period from “%s”", (words, period) => {
    expect(only(TEXT.replace("for the current month", words)).period).toEqual(period);
  });

  it("tells a forecast from what was spent", () => {
    const forecast = only(TEXT.replaceAll("ACTUAL", "FORECASTED").replaceAll("$412.55", "$560.00"));
    expect(forecast.rule).toBe("forecast-400-usd");
    expect(forecast.title).toBe(
      "AWS budget ml training is heading for 560.00 of 500.00 USD since 2026-11-01: alert at 400.00 USD",
    );
  });

  it("reads captures that carry the percentage, and thresholds that are one", () => {
    const captured = only(TEXT.replace("> $400.00\n", "> $400.00 (80.0% of your budget)\n"));
    expect([captured.rule, captured.evidence.facts["percentOfBudget"]]).toEqual(["actual-400-usd", "80%"]);
    expect(only(TEXT.replace("> $400.00\n", "> 80.5%\n")).rule).toBe("actual-80.5-percent");
  });

  it("is critical at the whole limit and above", () => {
    expect(only(TEXT.replace("> $400.00\n", "> $500.00\n")).level).toBe("critical");
  });

  it("reads other line ends, no account, no date and another currency", () => {
    const text = TEXT.replace(/^AWS Account.*\n/m, "")
      .replace(/^AWS Budget Notification.*\n/m, "")
      .replaceAll("$", "¥")
      .replaceAll("\n", "\r\n");
    expect(only(text, "arn:aws-cn:sns:cn-north-1:111122223333:budgets")).toMatchObject({
      scope: { provider: ["aws"] },
      currency: "CNY",
      period: { start: "2026-11-01", end: "2026-12-01" },
    });
  });

  it("shows budgets of hours and percent in the words of the message, without inventing money", () => {
    const usage = TEXT.replace("Budget Type: Cost", "Budget Type: Usage")
      .replace("> $400.00\n", "> 750 Hrs\n")
      .replace("ACTUAL Amount: $412.55", "ACTUAL Amount: 760 Hrs")
      .replace("$500.00", "800 Hrs");
    const seen = only(usage);
    expect(formatDecimal(seen.amount)).toBe("0");
    expect(seen.title).toBe("AWS budget ml training: actual > 750 Hrs, says AWS");
    expect(seen.evidence.facts).toMatchObject({ counted: "760 Hrs", budgeted: "800 Hrs", alertAt: "750 Hrs" });
  });

  it.each([
    ["another text", "The build has failed."],
    ["no amount", TEXT.replace(/^ACTUAL Amount.*\n/m, "")],
    ["a wrong amount", TEXT.replace("ACTUAL Amount: $412.55", "ACTUAL Amount: plenty")],
    ["a wrong limit", TEXT.replace("Budgeted Amount: $500.00", "Budgeted Amount: a lot")],
    ["the other amount", TEXT.replace("ACTUAL Amount", "FORECASTED Amount")],
    ["an amount beyond 38 digits", TEXT.replace("$412.55\n\n", `$${"9".repeat(50)}\n\n`)],
  ])("shows %s as it came", (_what, text) => {
    const seen = only(text);
    expect(seen.rule).toBe("unrecognised");
    expect(seen.evidence.facts["message"]).toBe(text);
  });
});
