import { describe, expect, it } from "vitest";
import { formatDecimal } from "../../../../shared/core/decimal.ts";
import { listFindings } from "../../../../shared/governance/findings/finding-store.ts";
import {
  acknowledgeFinding,
  resolveFinding,
  snoozeFinding,
} from "../../../../shared/governance/findings/handle-finding.ts";
import { reconcileFindings } from "../../../../shared/governance/findings/reconcile-findings.ts";
import { hearAlert } from "../../../../shared/governance/inbound-alerts/hear-alert.ts";
import { observeAlert } from "../../../../shared/governance/inbound-alerts/observe-alert.ts";
import { memoryStore, recordingBus, testClock } from "../support.ts";
import { googleAlert, googleMessage } from "./alerts.ts";

function house() {
  const clock = testClock("2026-11-22T12:00:00.000Z");
  const deps = { store: memoryStore(), clock, events: recordingBus() };
  const hear = async (sentAt: string, fields: Readonly<Record<string, unknown>> = {}) => {
    const message = googleMessage({ forecastThresholdExceeded: undefined, ...fields });
    const { observations } = observeAlert(googleAlert(message, { sentAt }), sentAt);
    for (const seen of observations) await hearAlert(deps, seen);
  };
  const only = async () => {
    const [finding, ...others] = await listFindings(deps);
    if (finding === undefined || others.length > 0) throw new Error("not exactly one finding");
    return finding;
  };
  return { deps, clock, hear, only, events: deps.events };
}

const MORNING = "2026-11-22T06:00:00.000Z";
const NOON = "2026-11-22T12:00:00.000Z";
const EVENING = "2026-11-22T18:00:00.000Z";

describe("hearAlert", () => {
  it("opens one finding and says so once, however often the message comes", async () => {
    const { hear, only, events } = house();
    for (const sentAt of [MORNING, MORNING, NOON, EVENING]) await hear(sentAt);
    expect(events.types()).toEqual(["finding.opened"]);
    const finding = await only();
    expect([finding.revision, finding.evidence.facts["sent"]]).toEqual([1, EVENING]);
  });

  it("takes over what the newest message says, up or down", async () => {
    const { hear, only, events } = house();
    await hear(MORNING, { costAmount: 460 });
    await hear(NOON, { costAmount: 455.5 });
    const { revision, amount, title } = await only();
    expect([revision, formatDecimal(amount)]).toEqual([2, "455.5"]);
    expect(title).toContain("455.50 of 500.00 EUR");
    expect(events.types()).toEqual(["finding.opened", "finding.updated"]);
  });

  it("does not let a late, older message win", async () => {
    const { hear, only } = house();
    await hear(NOON, { costAmount: 460 });
    await hear(MORNING, { costAmount: 452 });
    expect(formatDecimal((await only()).amount)).toBe("460");
  });

  it("decides the same way whichever of two simultaneous messages comes first", async () => {
    const amounts = await Promise.all(
      [
        [460, 452],
        [452, 460],
      ].map(async ([first, second]) => {
        const { hear, only } = house();
        await hear(NOON, { costAmount: first });
        await hear(NOON, { costAmount: second });
        return formatDecimal((await only()).amount);
      }),
    );
    expect(amounts[0]).toBe(amounts[1]);
  });

  it("goes on for somebody who took the finding, and leaves a closed one closed", async () => {
    const { deps, hear, only } = house();
    await hear(MORNING);
    const { key } = await only();
    await acknowledgeFinding(deps, { key, actor: "ops" });
    await hear(NOON, { costAmount: 470 });
    expect([(await only()).state, formatDecimal((await only()).amount)]).toEqual(["acknowledged", "470"]);
    await resolveFinding(deps, { key, actor: "ops" });
    await hear(EVENING, { costAmount: 480 });
    expect((await only()).state).toBe("resolved");
  });

  it("stays quiet while it is snoozed", async () => {
    const { deps, clock, hear, only } = house();
    await hear(MORNING);
    const { key } = await only();
    await snoozeFinding(deps, { key, actor: "ops", until: EVENING });
    await hear(NOON, { costAmount: 470 });
    expect((await only()).state).toBe("snoozed");
    clock.setNow("2026-11-22T20:00:00.000Z");
    await hear("2026-11-22T19:00:00.000Z", { costAmount: 475 });
    expect((await only()).state).toBe("open");
  });

  it("opens again what had ended only for a newer message", async () => {
    const { deps, hear, only } = house();
    await hear(NOON);
    await reconcileFindings(deps, { observations: [], covers: () => "over" });
    await hear(NOON);
    await hear(MORNING);
    expect((await only()).state).toBe("resolved");
    await hear(EVENING);
    expect((await only()).state).toBe("open");
  });
});
