import { describe, expect, it } from "vitest";
import { formatDecimal } from "../../../../shared/core/decimal.ts";
import type { Observation } from "../../../../shared/core/finding.ts";
import { observeAlert } from "../../../../shared/governance/inbound-alerts/observe-alert.ts";
import { azureAlert, fixture, SENT_AT } from "./alerts.ts";

const SUBSCRIPTION = "11111111-1111-1111-1111-111111111111";

function only(text: string): Observation {
  const [observation, ...others] = observeAlert(azureAlert(text), SENT_AT).observations;
  if (observation === undefined || others.length > 0) throw new Error("not exactly one observation");
  return observation;
}

/** The common schema with other alert data. */
function common(change: Readonly<Record<string, unknown>> = {}): Observation {
  const message = JSON.parse(fixture("azure-budget-common.json")) as { data: { alertContext: { AlertData: object } } };
  const { alertContext } = message.data;
  alertContext.AlertData = { ...alertContext.AlertData, ...change };
  return only(JSON.stringify(message));
}

function legacy(change: Readonly<Record<string, unknown>> = {}): Observation {
  const message = JSON.parse(fixture("azure-budget-legacy.json")) as { data: object };
  return only(JSON.stringify({ ...message, data: { ...message.data, ...change } }));
}

describe("a budget alert of Azure, common schema", () => {
  it("is read with localized amounts in the currency of its own field", () => {
    const seen = common();
    expect(seen).toMatchObject({
      kind: "cloud-alert",
      rule: "actual-400-eur",
      level: "warning",
      scope: { provider: ["azure"], account: [SUBSCRIPTION] },
      period: { start: "2026-11-01", end: "2026-12-01" },
      subject: "ml",
      title: "Azure budget ml has used 11111.00 of 500.00 EUR since 2026-11-01: alert at 400.00 EUR",
      currency: "EUR",
    });
    expect(formatDecimal(seen.amount)).toBe("11111");
  });

  it("reads amounts of other languages", () => {
    const seen = common({
      SpentAmount: "1.234,56 €",
      NotificationThresholdAmount: "1.000,00 €",
      BudgetThreshold: "1.000,00 €",
    });
    expect([formatDecimal(seen.amount), seen.rule, seen.level]).toEqual(["1234.56", "actual-1000-eur", "critical"]);
  });

  it("tells a forecast with its amount", () => {
    const seen = common({ ThresholdType: "Forecasted", ForecastedTotalForPeriod: "$700.00", SpentAmount: "$300.00" });
    expect([seen.rule, formatDecimal(seen.amount), seen.evidence.facts["spent"]]).toEqual([
      "forecast-400-eur",
      "700",
      "$300.00",
    ]);
  });

  it("takes what may be null as not said", () => {
    const seen = common({
      Scope: null,
      ThresholdType: null,
      BudgetType: null,
      BudgetThreshold: null,
      NotificationThresholdAmount: null,
      BudgetName: null,
      BudgetStartDate: null,
      BudgetCreator: null,
      Unit: null,
    });
    expect(seen).toMatchObject({
      subject: "ml",
      currency: "USD",
      level: "warning",
      scope: { account: [SUBSCRIPTION] },
    });
    expect(seen.title).toContain("a threshold that the message does not name");
  });

  it("keeps equal names in two resource groups apart, whatever the path's case", () => {
    const inGroup = (name: string) =>
      common({ Scope: `/Subscriptions/${SUBSCRIPTION}/ResourceGroups/${name}` }).subject;
    expect([inGroup("Web"), inGroup("web"), inGroup("ml")]).toEqual(["ml in web", "ml in web", "ml in ml"]);
  });

  it("names the scope of budgets that belong to no subscription", () => {
    const seen = common({ Scope: "/providers/Microsoft.Billing/billingAccounts/42", BudgetId: null });
    expect(seen.scope).toEqual({ provider: ["azure"] });
    expect(seen.subject).toBe("ml in /providers/microsoft.billing/billingaccounts/42");
  });

  it.each([
    [
      "another category",
      fixture("azure-budget-common.json").replace('"budgets",\n      "AlertData"', '"Metrics",\n      "AlertData"'),
    ],
    ["no context", '{"schemaId":"azureMonitorCommonAlertSchema","data":{}}'],
    ["another schema", '{"schemaId":"Microsoft.Insights/activityLogs","data":{}}'],
    ["no schema", "[]"],
    ["no JSON", "Budget exceeded"],
    ["no amount", fixture("azure-budget-common.json").replaceAll("$11,111.00", "plenty")],
    ["a currency that is none", fixture("azure-budget-common.json").replace('"Unit": "EUR"', '"Unit": "XYZ"')],
  ])("shows %s as it came", (_what, text) => {
    const seen = only(text);
    expect([seen.rule, seen.evidence.facts["message"]]).toEqual(["unrecognised", text]);
  });
});

describe("a budget alert of Azure without the common schema", () => {
  it("is read, its threshold a share of the budget", () => {
    const seen = legacy();
    expect(seen).toMatchObject({
      rule: "actual-80-percent",
      subject: "ml",
      currency: "EUR",
      scope: { account: [SUBSCRIPTION] },
    });
    expect(formatDecimal(seen.amount)).toBe("412.55");
  });

  it.each([
    ["an amount", { NotificationThresholdAmount: "400" }, "actual-400-eur"],
    ["a small amount", { NotificationThresholdAmount: "4", Budget: "5", SpendingAmount: "4.12" }, "actual-4-eur"],
    ["ten times the budget", { NotificationThresholdAmount: "10", SpendingAmount: "5000" }, "actual-1000-percent"],
    ["nothing", { NotificationThresholdAmount: null }, "actual-a threshold that the message does not name"],
  ])("reads a threshold that is %s", (_what, change, rule) => {
    expect(legacy(change).rule).toBe(rule);
  });

  it("names the resource group", () => {
    expect(legacy({ ResourceGroup: "Web" }).subject).toBe("ml in web");
  });

  it("is shown as it came without an amount", () => {
    expect(legacy({ SpendingAmount: null }).rule).toBe("unrecognised");
    expect(only('{"schemaId":"AIP Budget Notification","data":7}').rule).toBe("unrecognised");
  });
});
