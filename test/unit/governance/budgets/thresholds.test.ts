import { describe, expect, it } from "vitest";
import { add, formatDecimal, fromInteger, parseDecimal } from "../../../../shared/core/decimal.ts";
import { alertStatuses, thresholdLevel, thresholdRule } from "../../../../shared/governance/budgets/thresholds.ts";
import { alert, budget } from "../support.ts";

/** 900 settled and `unsettled` more, of which 90 % is sure. */
function amounts(unsettled: string, forecast = { amount: "0", low: "0", high: "0" }) {
  const unsettledActual = parseDecimal(unsettled);
  return {
    actual: add(fromInteger(900), unsettledActual),
    settledActual: fromInteger(900),
    unsettledActual,
    unsettledLowerBound: parseDecimal(String(Number(unsettled) * 0.9)),
    forecast: {
      amount: parseDecimal(forecast.amount),
      low: parseDecimal(forecast.low),
      high: parseDecimal(forecast.high),
    },
  };
}

function states(alerts: ReturnType<typeof alert>[], given: ReturnType<typeof amounts>) {
  return alertStatuses(budget({ limit: fromInteger(1000), alerts }), given).map(({ state }) => state);
}

describe("alertStatuses", () => {
  it("fires notify on all reported cost, from the threshold on", () => {
    expect(states([alert("99.9"), alert("100"), alert("100.1")], amounts("100"))).toEqual(["fired", "fired", "ok"]);
  });

  it("lets a hard threshold wait for cost that is not settled", () => {
    expect(states([alert("95", "throttle"), alert("100", "block"), alert("101", "block")], amounts("100"))).toEqual([
      "fired",
      "waiting",
      "ok",
    ]);
  });

  it("fires a hard threshold once settled cost and the lower bound reach it", () => {
    expect(states([alert("100", "block")], amounts("112"))).toEqual(["fired"]);
  });

  it("fires forecast thresholds by the forecast, hard ones by its low end", () => {
    const forecast = { amount: "1500", low: "1200", high: "1800" };
    const alerts = [
      alert("140", "notify", "forecast"),
      alert("110", "throttle", "forecast"),
      alert("140", "throttle", "forecast"),
    ];
    expect(states(alerts, amounts("100", forecast))).toEqual(["fired", "fired", "waiting"]);
  });

  it("makes one alert with all recipients of alerts that ask for the same", () => {
    const alerts = [
      { ...alert("80"), recipients: ["a@example.com"] },
      { ...alert("80.0"), recipients: ["b@example.com", "a@example.com"] },
    ];
    const [only, ...others] = alertStatuses(budget({ limit: fromInteger(1000), alerts }), amounts("0"));
    expect([only?.alert.recipients, others]).toEqual([["a@example.com", "b@example.com"], []]);
  });

  it("says what was compared with what", () => {
    const [status] = alertStatuses(
      budget({ limit: fromInteger(1000), alerts: [alert("95", "throttle")] }),
      amounts("100"),
    );
    expect([formatDecimal(status?.counted ?? fromInteger(0)), formatDecimal(status?.at ?? fromInteger(0))]).toEqual([
      "990",
      "950",
    ]);
  });
});

describe("thresholdLevel", () => {
  it("is critical from 100 % on and for hard actions", () => {
    expect([alert("99.9"), alert("100"), alert("50", "throttle"), alert("50", "block")].map(thresholdLevel)).toEqual([
      "warning",
      "critical",
      "critical",
      "critical",
    ]);
  });
});

describe("thresholdRule", () => {
  it("names threshold, basis and action", () => {
    expect(thresholdRule(alert("80.50", "throttle", "forecast"))).toBe("threshold-80.5-forecast-throttle");
  });
});
