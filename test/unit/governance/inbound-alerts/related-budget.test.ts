import { describe, expect, it } from "vitest";
import { parseDecimal } from "../../../../shared/core/decimal.ts";
import type { Observation } from "../../../../shared/core/finding.ts";
import { findingKey } from "../../../../shared/governance/findings/finding-key.ts";
import { acknowledgeFinding } from "../../../../shared/governance/findings/handle-finding.ts";
import { reconcileFindings } from "../../../../shared/governance/findings/reconcile-findings.ts";
import { observeAlert } from "../../../../shared/governance/inbound-alerts/observe-alert.ts";
import { matchingBudget, relatedBudget } from "../../../../shared/governance/inbound-alerts/related-budget.ts";
import { alert, budget, memoryStore, observation, recordingBus, testClock } from "../support.ts";
import { fixture, googleAlert, googleMessage, SENT_AT, snsAlert } from "./alerts.ts";

function awsAlert(name = "ml training"): Observation {
  const text = fixture("aws-budget.txt").replaceAll("ml training", name);
  const [seen] = observeAlert(snsAlert(text), SENT_AT).observations;
  if (seen === undefined) throw new Error("nothing observed");
  return seen;
}

const LIMIT = parseDecimal("500");

describe("matchingBudget", () => {
  const match = (budgets: Parameters<typeof matchingBudget>[0], seen = awsAlert()) =>
    matchingBudget(budgets, seen)?.name;

  it("finds a budget by its name, then by the last part of it", () => {
    const limit = parseDecimal("1");
    expect(match([budget({ name: "ML Training ", limit }), budget({ name: "team/ml training", limit })])).toBe(
      "ML Training ",
    );
    expect(match([budget({ name: "other", limit }), budget({ name: "team/ml training", limit })])).toBe(
      "team/ml training",
    );
  });

  it("finds the one of that provider and account with the same limit and currency", () => {
    const aws = budget({ name: "aws", limit: LIMIT, scope: { provider: ["aws"] } });
    const account = budget({ name: "account", limit: LIMIT, scope: { provider: ["aws"], account: ["111122223333"] } });
    expect(match([budget({ name: "global", limit: LIMIT }), aws])).toBe("aws");
    expect(match([account])).toBe("account");
    expect(match([{ ...aws, currency: "EUR" }])).toBeUndefined();
    expect(match([{ ...aws, limit: parseDecimal("501") }])).toBeUndefined();
    expect(match([{ ...aws, scope: { provider: ["aws"], team: ["ml"] } }])).toBeUndefined();
  });

  it("links nothing where two would fit or the scope speaks against it", () => {
    const aws = budget({ name: "one", limit: LIMIT, scope: { provider: ["aws"] } });
    expect(match([aws, { ...aws, name: "two" }])).toBeUndefined();
    expect(match([budget({ name: "ml training", limit: LIMIT, scope: { provider: ["azure"] } })])).toBeUndefined();
    expect(match([budget({ name: "ml training", limit: LIMIT, scope: { account: ["9"] } })])).toBeUndefined();
  });

  it("links only alerts of budgets", () => {
    const [raw] = observeAlert(snsAlert("hello"), SENT_AT).observations;
    expect(raw === undefined ? "-" : match([budget({ name: "hello", limit: LIMIT })], raw)).toBeUndefined();
  });

  it("knows an account of Google's budgets by no dimension of ours", () => {
    const [seen] = observeAlert(googleAlert(googleMessage()), SENT_AT).observations;
    const gcp = budget({ name: "gcp", limit: LIMIT, currency: "EUR", scope: { provider: ["gcp"] } });
    expect(seen === undefined ? "-" : matchingBudget([gcp], seen)?.name).toBe("gcp");
  });
});

describe("relatedBudget", () => {
  const own = budget({
    name: "team/ml training",
    limit: parseDecimal("600"),
    scope: { team: ["ml"] },
    alerts: [alert("50"), alert("80"), alert("90", "notify", "forecast")],
  });
  const found = (rule: string, threshold: string, basis: string): Observation =>
    observation({
      rule,
      scope: own.scope,
      period: { start: "2026-11-01", end: "2026-12-01" },
      subject: own.name,
      evidence: { ...observation().evidence, facts: { threshold, basis } },
    });
  const half = found("threshold-50-actual-notify", "50%", "actual");
  const most = found("threshold-80-actual-notify", "80%", "actual");
  const forecast = found("threshold-90-forecast-notify", "90%", "forecast");

  function house() {
    const deps = { store: memoryStore(), clock: testClock(SENT_AT), events: recordingBus() };
    const run = (observations: readonly Observation[]) =>
      reconcileFindings(deps, { observations, covers: () => "restated" });
    return { deps, run, linked: async () => (await relatedBudget(deps, [own], awsAlert()))?.related };
  }

  it("links the budget while nothing has been found", async () => {
    expect(await house().linked()).toEqual({ budget: "team/ml training" });
  });

  it("links the finding of the highest threshold of the same basis", async () => {
    const { run, linked } = house();
    await run([half, most, forecast]);
    expect(await linked()).toEqual({ budget: "team/ml training", finding: findingKey(most) });
  });

  it("prefers what is not resolved", async () => {
    const { deps, run, linked } = house();
    await run([half, most]);
    await run([half]);
    await acknowledgeFinding(deps, { key: findingKey(half), actor: "ops" });
    expect((await linked())?.finding).toBe(findingKey(half));
  });

  it("looks for findings of the period that the alert is about", async () => {
    const { run, linked } = house();
    await run([{ ...most, period: { start: "2026-10-01", end: "2026-11-01" } }]);
    expect((await linked())?.finding).toBeUndefined();
  });

  it("is nothing without a budget of ours", async () => {
    expect(await relatedBudget(house().deps, [], awsAlert())).toBeUndefined();
  });
});
