import { describe, expect, it } from "vitest";
import { formatDecimal } from "../../../../shared/core/decimal.ts";
import { findingKey } from "../../../../shared/governance/findings/finding-key.ts";
import { alertFromEventBridge } from "../../../../shared/governance/inbound-alerts/envelopes.ts";
import { observeAlert } from "../../../../shared/governance/inbound-alerts/observe-alert.ts";
import { fixture, jsonFixture, SENT_AT, snsAlert } from "./alerts.ts";

function viaSns(change: Readonly<Record<string, unknown>> = {}) {
  const text =
    Object.keys(change).length === 0
      ? fixture("aws-anomaly-sns.json")
      : JSON.stringify({ ...jsonFixture("aws-anomaly-sns.json"), ...change });
  return observeAlert(snsAlert(text), SENT_AT).observations;
}

describe("an anomaly of AWS Cost Anomaly Detection", () => {
  it("becomes a finding with its causes, its numbers digit by digit", () => {
    const [seen] = viaSns();
    expect(seen).toMatchObject({
      kind: "cloud-alert",
      rule: "cost-anomaly",
      scope: { provider: ["aws"], account: ["111122223333"] },
      period: { start: "2026-11-19", end: "2026-11-20" },
      subject: "newAnomalyId-1",
      title: "AWS sees unusual cost of Amazon Bedrock since 2026-11-19: 612.40 USD more than expected",
      currency: "USD",
    });
    expect(seen === undefined ? "" : formatDecimal(seen.amount)).toBe("612.4000000000000001");
    expect(
      seen?.evidence.contributors.map(({ keys, amount }) => [keys["service"], keys["account"], formatDecimal(amount)]),
    ).toEqual([["Amazon Bedrock", "444455556666", "600.25"]]);
    expect(seen?.evidence.facts).toMatchObject({
      expected: "198.3",
      actual: "810.7",
      impactPercent: "308.6%",
      until: "2026-11-20",
      causes: "Amazon Bedrock / eu-west-1 / 444455556666 / EU-input",
    });
  });

  it("is the same finding through SNS and on EventBridge", () => {
    const [seen] = viaSns();
    const [other] = observeAlert(
      alertFromEventBridge(jsonFixture("aws-anomaly-eventbridge.json")),
      SENT_AT,
    ).observations;
    expect(other?.title).toContain("Amazon Bedrock");
    expect(other === undefined ? "" : findingKey(other)).toBe(seen === undefined ? "-" : findingKey(seen));
  });

  it("needs no more than what is guaranteed", () => {
    const [seen] = viaSns({
      impact: { maxImpact: 12.5 },
      anomalyStartDate: null,
      anomalyEndDate: undefined,
      dimensionalValue: null,
      rootCauses: null,
      accountId: undefined,
      anomalyDetailsLink: null,
    });
    expect(seen).toMatchObject({
      rule: "cost-anomaly",
      scope: { account: ["111122223333"] },
      period: { start: "2026-11-22" },
      title: "AWS sees unusual cost since 2026-11-22: 12.50 USD more than expected",
    });
  });

  it("is in yuan in China", () => {
    expect(viaSns({ monitorArn: "arn:aws-cn:ce::111122223333:anomalymonitor/x" })[0]?.currency).toBe("CNY");
  });

  it.each([
    ["no impact", { impact: {} }],
    ["an impact in words", { impact: { maxImpact: "much" } }],
    ["no id", { anomalyId: undefined }],
    ["a CloudWatch alarm", { anomalyId: undefined, AlarmName: "cpu" }],
  ])("shows %s as it came", (_what, change) => {
    expect(viaSns(change)[0]?.rule).toBe("unrecognised");
  });

  it("shows other events of EventBridge as they came", () => {
    const event = { ...jsonFixture("aws-anomaly-eventbridge.json"), "detail-type": "Something New" };
    const { observations, remarks } = observeAlert(alertFromEventBridge(event), SENT_AT);
    expect(observations.map(({ rule }) => rule)).toEqual(["unrecognised"]);
    expect(remarks).toEqual(["not understood: an event that GenOps does not know"]);
  });
});
