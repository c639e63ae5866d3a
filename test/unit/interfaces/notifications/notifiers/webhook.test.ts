import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createWebhookNotifier } from "../../../../../shared/interfaces/notifications/notifiers/webhook.ts";
import { drainOutbox, enqueue } from "../../../../../shared/interfaces/notifications/outbox.ts";
import type { DeliveryResult } from "../../../../../shared/ports/notifier.ts";
import {
  type FaultServer,
  fakeClock,
  fakeRandomness,
  faultServer,
  finding,
  memoryStore,
  NOW,
  type Received,
  resolved,
} from "../support.ts";

const OLD = "whsec_Z2Vub3BzLXRlc3Qtc2VjcmV0LTAwMDAwMA==";
const NEW = `whsec_${Buffer.from("another-secret-of-32-bytes-00000").toString("base64")}`;
let receiver: FaultServer;
const clock = fakeClock();

beforeEach(async () => {
  receiver = await faultServer(() => ({ status: 204 }));
});
afterEach(async () => await receiver.close());

function notifier(timeoutMs = 5_000): ReturnType<typeof createWebhookNotifier> {
  return createWebhookNotifier({ id: "ops", url: `${receiver.url}/hook`, secrets: [NEW, OLD], timeoutMs }, clock);
}

async function deliver(timeoutMs?: number): Promise<DeliveryResult> {
  return await notifier(timeoutMs).deliver({ id: "msg_1", finding: finding(), previous: undefined });
}

function signature(secret: string, { headers, body }: Received): string {
  const content = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body}`;
  return `v1,${createHmac("sha256", Buffer.from(secret.slice(6), "base64"))
    .update(content)
    .digest("base64")}`;
}

describe("createWebhookNotifier", () => {
  it("posts a CloudEvent that each secret signs", async () => {
    expect(await deliver()).toEqual({ outcome: "delivered", receipt: { state: "open", level: "warning" } });
    const [request] = receiver.received;
    expect(request?.headers).toMatchObject({
      "content-type": "application/cloudevents+json",
      "webhook-id": "msg_1",
      "webhook-timestamp": String(NOW.getTime() / 1000),
    });
    expect(request && [signature(NEW, request), signature(OLD, request)].join(" ")).toBe(
      request?.headers["webhook-signature"],
    );
    expect(JSON.parse(request?.body ?? "")).toMatchObject({ id: "msg_1", type: "genops.finding.opened" });
  });

  it.each([
    [{ status: 200 }, { outcome: "delivered" }],
    [{ status: 410 }, { outcome: "rejected", reason: "HTTP 410", disable: true }],
    [{ status: 400 }, { outcome: "rejected", reason: "HTTP 400" }],
    [{ status: 401 }, { outcome: "rejected", reason: "HTTP 401" }],
    [
      { status: 302, headers: { location: "/other" } },
      { outcome: "rejected", reason: "HTTP 302: redirects are not followed" },
    ],
    [{ status: 408 }, { outcome: "later", afterMs: 0 }],
    [{ status: 500 }, { outcome: "later", afterMs: 0 }],
    [{ status: 429 }, { outcome: "later", afterMs: 30_000 }],
    [
      { status: 429, headers: { "retry-after": "17" } },
      { outcome: "later", afterMs: 17_000 },
    ],
    [
      { status: 503, headers: { "retry-after": "Sun, 22 Nov 2026 09:00:00 GMT" } },
      { outcome: "later", afterMs: 3_600_000 },
    ],
    ["drop" as const, { outcome: "later", afterMs: 0 }],
  ])("judges answers (%#)", async (answer, result) => {
    receiver.next(answer);
    expect(await deliver()).toMatchObject(result);
    expect(receiver.received).toHaveLength(1);
  });

  it("gives up waiting for a slow receiver", async () => {
    receiver.next("hang");
    expect(await deliver(60)).toEqual({ outcome: "later", afterMs: 0, reason: "no answer within 0.06 s" });
  });

  it("needs a secret and an http URL", () => {
    expect(() => createWebhookNotifier({ id: "ops", url: receiver.url, secrets: [] }, clock)).toThrow(
      "a webhook needs a secret",
    );
    expect(() => createWebhookNotifier({ id: "ops", url: "ftp://x", secrets: [OLD] }, clock)).toThrow(
      "not an http or https URL",
    );
  });

  it("repeats id and event but not the timestamp when a connection drops after the write", async () => {
    const store = memoryStore();
    receiver.next("drop");
    await enqueue({ store, clock }, finding(), "webhook:ops");
    const deps = { store, clock, randomness: fakeRandomness(), notifiers: [notifier()] };
    expect(await drainOutbox(deps, { deadline: new Date(NOW.getTime() + 60_000) })).toMatchObject({ sent: 1 });
    const [first, second] = receiver.received;
    expect(second?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
    expect(second?.body).toBe(first?.body);
    expect(second?.headers["webhook-timestamp"]).not.toBe(first?.headers["webhook-timestamp"]);
  });

  it("sends resolved findings as such", async () => {
    await notifier().deliver({ id: "msg_2", finding: resolved(), previous: { state: "open", level: "warning" } });
    expect(JSON.parse(receiver.received[0]?.body ?? "")).toMatchObject({
      type: "genops.finding.resolved",
      data: { state: "resolved" },
    });
  });
});
