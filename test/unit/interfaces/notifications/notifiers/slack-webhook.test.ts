import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Finding } from "../../../../../shared/core/finding.ts";
import { createSlackWebhookNotifier } from "../../../../../shared/interfaces/notifications/notifiers/slack-webhook.ts";
import type { DeliveryReceipt, DeliveryResult } from "../../../../../shared/ports/notifier.ts";
import { type FaultServer, fakeClock, faultServer, finding, resolved } from "../support.ts";

let slack: FaultServer;

beforeEach(async () => {
  slack = await faultServer(() => ({ status: 200, body: "ok" }));
});
afterEach(async () => await slack.close());

async function deliver(one: Finding, previous?: DeliveryReceipt, timeoutMs = 5_000): Promise<DeliveryResult> {
  const notifier = createSlackWebhookNotifier({ url: `${slack.url}/services/T/B/secret`, timeoutMs }, fakeClock());
  return await notifier.deliver({ id: "msg_1", finding: one, previous });
}

const told: DeliveryReceipt = { state: "open", level: "warning" };

describe("createSlackWebhookNotifier", () => {
  it("posts a message with blocks", async () => {
    expect(await deliver(finding())).toEqual({ outcome: "delivered", receipt: told });
    expect(JSON.parse(slack.received[0]?.body ?? "")).toMatchObject({
      text: expect.stringContaining("Warning"),
      blocks: [{ type: "header" }, {}, {}, {}, {}, {}, {}, {}, {}, {}],
    });
  });

  it("posts again when a finding is resolved", async () => {
    expect(await deliver(resolved(), told)).toEqual({
      outcome: "delivered",
      receipt: { state: "resolved", level: "warning" },
    });
    expect(slack.received).toHaveLength(1);
  });

  it.each([
    finding({ revision: 2 }),
    finding({ revision: 2, state: "snoozed" }),
    finding({ revision: 2, state: "acknowledged" }),
  ])("stays silent about changes that it could only repeat (%#)", async (one) => {
    expect(await deliver(one, told)).toMatchObject({ outcome: "delivered", receipt: { state: one.state } });
    expect(slack.received).toEqual([]);
  });

  it.each([
    [400, "invalid_payload", { outcome: "rejected", reason: "HTTP 400: invalid_payload" }],
    [400, "no_text", { outcome: "rejected", reason: "HTTP 400: no_text" }],
    [403, "action_prohibited", { outcome: "rejected", reason: "HTTP 403: action_prohibited" }],
    [404, "no_service", { outcome: "rejected", reason: "HTTP 404: no_service", disable: true }],
    [410, "channel_is_archived", { outcome: "rejected", reason: "HTTP 410: channel_is_archived" }],
    [500, "rollup_error", { outcome: "later", afterMs: 0, reason: "HTTP 500: rollup_error" }],
    [503, "", { outcome: "later", afterMs: 0, reason: "HTTP 503" }],
    [429, "", { outcome: "later", afterMs: 30_000, reason: "HTTP 429" }],
  ])("judges %d %s", async (status, body, result) => {
    slack.next({ status, body });
    expect(await deliver(finding())).toEqual(result);
  });

  it("waits as long as it is told", async () => {
    slack.next({ status: 429, headers: { "retry-after": "5" } });
    expect(await deliver(finding())).toMatchObject({ outcome: "later", afterMs: 5_000 });
  });

  it("keeps its URL secret when the connection fails", async () => {
    slack.next("drop", "hang");
    expect(await deliver(finding())).toEqual({
      outcome: "later",
      afterMs: 0,
      reason: "the connection failed: UND_ERR_SOCKET",
    });
    expect(await deliver(finding(), undefined, 60)).toMatchObject({
      outcome: "later",
      reason: "no answer within 0.06 s",
    });
  });
});
