import { describe, expect, it } from "vitest";
import { formatDecimal } from "../../../../shared/core/decimal.ts";
import { findingKey } from "../../../../shared/governance/findings/finding-key.ts";
import { observeAlert } from "../../../../shared/governance/inbound-alerts/observe-alert.ts";
import { fixture, googleAlert, googleMessage, SENT_AT } from "./alerts.ts";

function observe(message: unknown) {
  return observeAlert(googleAlert(message), SENT_AT);
}

describe("a budget notification of Google Cloud", () => {
  it("becomes a finding for what was spent and one for the forecast", () => {
    const { observations } = observe(fixture("google-budget.json"));
    expect(observations).toMatchObject([
      {
        rule: "actual-90-percent",
        level: "warning",
        scope: { provider: ["gcp"], billing_account_id: ["01ABCD-234567-89EFAB"] },
        period: { start: "2026-11-01", end: "2026-12-01" },
        subject: "b-1",
        title: "Google Cloud budget ml has used 451.07 of 500.00 EUR since 2026-11-01: alert at 90 %",
        currency: "EUR",
      },
      { rule: "forecast-100-percent", level: "warning" },
    ]);
    expect(observations.map(({ amount }) => formatDecimal(amount))).toEqual(["451.07", "451.07"]);
  });

  it("is nothing below every threshold", () => {
    const message = googleMessage({ alertThresholdExceeded: undefined, forecastThresholdExceeded: undefined });
    expect(observe(message)).toEqual({ observations: [], remarks: ["budget ml is below its thresholds"] });
  });

  it("reads numbers digit by digit", () => {
    const text =
      '{"budgetDisplayName":"ml","alertThresholdExceeded":0.29,"costAmount":123456789012345.123456789,"costIntervalStart":"2026-11-01T07:00:00Z","budgetAmount":1e3,"currencyCode":"USD"}';
    const [seen] = observe(text).observations;
    expect(seen?.rule).toBe("actual-29-percent");
    expect(seen === undefined ? "" : formatDecimal(seen.amount)).toBe("123456789012345.123456789");
    expect(seen?.evidence.facts["limit"]).toBe("1000");
  });

  it("keeps its key while the cost rises, falls and the budget is renamed", () => {
    const keys = [{}, { costAmount: 480 }, { costAmount: 470.5 }, { budgetDisplayName: "renamed" }].map((change) =>
      observe(googleMessage(change)).observations.map(findingKey),
    );
    expect(new Set(keys.flat()).size).toBe(2);
  });

  it("has another key for another threshold, period, kind or budget", () => {
    const key = (change: Readonly<Record<string, unknown>>, budgetId = "b-1") =>
      observeAlert(
        {
          ...googleAlert(googleMessage({ forecastThresholdExceeded: undefined, ...change })),
          attributes: { budgetId },
        },
        SENT_AT,
      )
        .observations.map(findingKey)
        .join();
    const keys = [
      key({}),
      key({ alertThresholdExceeded: 1 }),
      key({ costIntervalStart: "2026-12-01T08:00:00Z" }),
      key({ alertThresholdExceeded: undefined, forecastThresholdExceeded: 0.9 }),
      key({}, "b-2"),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("is critical when the whole budget is spent, and needs no limit", () => {
    const [seen] = observe(googleMessage({ alertThresholdExceeded: 1.2, budgetAmount: undefined })).observations;
    expect([seen?.level, seen?.title]).toEqual([
      "critical",
      "Google Cloud budget ml has used 451.07 EUR since 2026-11-01: alert at 120 %",
    ]);
  });

  it("takes a custom period as one that starts in between", () => {
    const [seen] = observe(googleMessage({ costIntervalStart: "2026-11-15T08:00:00Z" })).observations;
    expect(seen?.period).toEqual({ start: "2026-11-15", end: "2026-12-16" });
  });

  it.each([
    ["an anomaly of the preview", '{"anomalyId":"a","severity":"HIGH","projectId":"p"}'],
    ["no JSON", "budget"],
    ["an empty message", ""],
    ["words for a number", googleMessage({ costAmount: "much" })],
    ["a year that is none", googleMessage({ costIntervalStart: "+275760-09-13T00:00:00Z" })],
    ["a number beyond 38 digits", googleMessage({}).replace("451.07", "1e300")],
    ["a currency that is none", googleMessage({ currencyCode: "EURO" })],
  ])("shows %s as it came", (_what, text) => {
    const { observations } = observe(text);
    expect(observations.map(({ rule, evidence }) => [rule, evidence.facts["message"]])).toEqual([
      ["unrecognised", text],
    ]);
  });
});
