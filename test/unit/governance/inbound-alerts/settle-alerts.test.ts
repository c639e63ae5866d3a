import { describe, expect, it } from "vitest";
import { parseDecimal } from "../../../../shared/core/decimal.ts";
import type { AlertReceived } from "../../../../shared/core/events.ts";
import { findingKey } from "../../../../shared/governance/findings/finding-key.ts";
import { listFindings } from "../../../../shared/governance/findings/finding-store.ts";
import { resolveFinding } from "../../../../shared/governance/findings/handle-finding.ts";
import { reconcileFindings } from "../../../../shared/governance/findings/reconcile-findings.ts";
import { hearAlert } from "../../../../shared/governance/inbound-alerts/hear-alert.ts";
import { observeAlert } from "../../../../shared/governance/inbound-alerts/observe-alert.ts";
import { settleAlerts } from "../../../../shared/governance/inbound-alerts/settle-alerts.ts";
import { alert, budget, memoryStore, observation, recordingBus, testClock } from "../support.ts";
import { fixture, googleAlert, googleMessage, SENT_AT, snsAlert } from "./alerts.ts";

const OWN = budget({ name: "ml training", limit: parseDecimal("500"), alerts: [alert("80")] });
const FOUND = observation({
  rule: "threshold-80-actual-notify",
  scope: {},
  subject: "ml training",
  period: { start: "2026-11-01", end: "2026-12-01" },
  evidence: { ...observation().evidence, facts: { threshold: "80%", basis: "actual" } },
});

function house() {
  const clock = testClock(SENT_AT);
  const deps = { store: memoryStore(), clock, events: recordingBus() };
  const isOurs = (kind: string) => kind === "budget";
  return {
    deps,
    clock,
    hear: async (received: AlertReceived) => {
      for (const seen of observeAlert(received, SENT_AT).observations) await hearAlert(deps, seen);
    },
    evaluate: (found: readonly (typeof FOUND)[]) =>
      reconcileFindings(deps, {
        observations: found,
        covers: ({ kind }) => (isOurs(kind) ? "restated: ml training is no longer above the threshold" : undefined),
      }),
    settle: () => settleAlerts(deps, [OWN]),
    settleAt: async (instant: string) => {
      clock.setNow(instant);
      await settleAlerts(deps, [OWN]);
    },
    cloud: async () => (await listFindings(deps)).filter(({ kind }) => kind === "cloud-alert"),
  };
}

const AWS = snsAlert(fixture("aws-budget.txt"));

describe("settleAlerts", () => {
  it("links an alert to the finding that our evaluation makes later, and says so once", async () => {
    const { hear, evaluate, settle, cloud, deps } = house();
    await hear(AWS);
    await evaluate([FOUND]);
    await settle();
    await settle();
    const [finding] = await cloud();
    expect(finding).toMatchObject({
      state: "open",
      revision: 2,
      related: { budget: "ml training", finding: findingKey(FOUND) },
    });
    expect(deps.events.types()).toEqual(["finding.opened", "finding.opened", "finding.updated"]);
  });

  it("ends a monthly budget's alert a week after the month", async () => {
    const { hear, settleAt, cloud } = house();
    await hear(AWS);
    await settleAt("2026-12-07T23:00:00.000Z");
    expect((await cloud())[0]?.state).toBe("open");
    await settleAt("2026-12-08T00:00:00.000Z");
    expect((await cloud())[0]).toMatchObject({
      state: "resolved",
      resolution: "over: no message for 7 days and its period has ended",
    });
  });

  it("keeps an alert open for as long as the cloud repeats it", async () => {
    const { hear, settleAt, cloud } = house();
    await hear(googleAlert(googleMessage({ forecastThresholdExceeded: undefined })));
    await hear(
      googleAlert(googleMessage({ forecastThresholdExceeded: undefined }), { sentAt: "2026-12-20T06:00:00.000Z" }),
    );
    await settleAt("2026-12-26T00:00:00.000Z");
    expect((await cloud())[0]?.state).toBe("open");
    await settleAt("2026-12-28T00:00:00.000Z");
    expect((await cloud())[0]?.state).toBe("resolved");
  });

  it("ends a daily budget's alert after a day, an unknown message's after a week", async () => {
    const { hear, settleAt, cloud } = house();
    const sentAt = "2026-03-05T01:00:00.000Z";
    await hear(snsAlert(fixture("aws-budget-daily.txt"), { sentAt }));
    await hear(snsAlert("unknown", { sentAt }));
    await settleAt("2026-03-07T00:00:00.000Z");
    const states = async () => Object.fromEntries((await cloud()).map(({ rule, state }) => [rule, state]));
    expect(await states()).toEqual({ "actual-0.75-usd": "resolved", unrecognised: "open" });
    await settleAt("2026-03-13T00:00:00.000Z");
    expect((await states())["unrecognised"]).toBe("resolved");
  });

  it("ends an alert whose finding of ours was restated away, after a day of the cloud's silence", async () => {
    const { clock, hear, evaluate, settleAt, cloud } = house();
    await hear(AWS);
    await evaluate([FOUND]);
    clock.setNow("2026-11-22T09:00:00.000Z");
    await evaluate([]);
    await settleAt("2026-11-22T10:00:00.000Z");
    expect((await cloud())[0]?.state).toBe("open");
    await settleAt("2026-11-23T06:00:00.000Z");
    expect((await cloud())[0]).toMatchObject({
      state: "resolved",
      resolution: "our budget ml training: restated: ml training is no longer above the threshold",
    });
  });

  it("leaves it open where a person closed ours, or the cloud has said it again since", async () => {
    const { deps, clock, hear, evaluate, settleAt, cloud } = house();
    await hear(AWS);
    await evaluate([FOUND]);
    await resolveFinding(deps, { key: findingKey(FOUND), actor: "ops" });
    await settleAt("2026-11-24T06:00:00.000Z");
    expect((await cloud())[0]?.state).toBe("open");

    const other = house();
    await other.hear(AWS);
    await other.evaluate([FOUND]);
    await other.evaluate([]);
    await other.hear({ ...AWS, sentAt: "2026-11-22T12:00:00.000Z" });
    await other.settleAt("2026-11-24T06:00:00.000Z");
    expect([(await other.cloud())[0]?.state, clock.now().toISOString()]).toEqual(["open", "2026-11-24T06:00:00.000Z"]);
  });

  it("forgets a link to a budget that is gone, and touches no other finding", async () => {
    const { deps, hear, evaluate, settle, cloud } = house();
    await hear(AWS);
    await evaluate([FOUND]);
    await settle();
    await settleAlerts(deps, []);
    expect((await cloud())[0]?.related).toBeUndefined();
    expect((await listFindings(deps)).find(({ kind }) => kind === "budget")?.revision).toBe(1);
  });
});
