import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Finding } from "../../../../../shared/core/finding.ts";
import { createSlackBotNotifier } from "../../../../../shared/interfaces/notifications/notifiers/slack-bot.ts";
import { drainOutbox, enqueue, listOutbox } from "../../../../../shared/interfaces/notifications/outbox.ts";
import type { DeliveryReceipt, DeliveryResult } from "../../../../../shared/ports/notifier.ts";
import {
  type FaultServer,
  fakeClock,
  fakeRandomness,
  finding,
  memoryStore,
  NOW,
  resolved,
  slackSays,
  slackServer,
} from "../support.ts";

let slack: FaultServer;
const clock = fakeClock();

beforeEach(async () => {
  slack = await slackServer();
});
afterEach(async () => await slack.close());

function notifier(timeoutMs = 5_000): ReturnType<typeof createSlackBotNotifier> {
  return createSlackBotNotifier(
    { token: "xoxb-test", channel: "#costs", apiUrl: `${slack.url}/api/`, timeoutMs },
    clock,
  );
}

async function deliver(one: Finding, previous?: DeliveryReceipt): Promise<DeliveryResult> {
  return await notifier().deliver({ id: "msg_1", finding: one, previous });
}

function calls(): { path: string; body: Record<string, unknown> }[] {
  return slack.received.map(({ path, body }) => ({ path, body: JSON.parse(body) }));
}

const told: DeliveryReceipt = { channel: "C0123456789", ts: "1795305600.000001", state: "open", level: "warning" };

describe("createSlackBotNotifier", () => {
  it("posts the first message and keeps channel and ts", async () => {
    expect(await deliver(finding())).toEqual({ outcome: "delivered", receipt: told });
    expect(slack.received[0]?.headers["authorization"]).toBe("Bearer xoxb-test");
    expect(calls()).toMatchObject([
      { path: "/api/chat.postMessage", body: { channel: "#costs", parse: "none", link_names: false, mrkdwn: false } },
    ]);
  });

  it("updates in place and stays silent when only numbers change", async () => {
    expect(await deliver(finding({ revision: 2 }), told)).toEqual({ outcome: "delivered", receipt: told });
    expect(calls()).toMatchObject([
      { path: "/api/chat.update", body: { channel: "C0123456789", ts: "1795305600.000001" } },
    ]);
  });

  it.each(["acknowledged", "snoozed"] as const)("updates in place and stays silent for %s", async (state) => {
    expect(await deliver(finding({ state, revision: 2 }), told)).toMatchObject({
      outcome: "delivered",
      receipt: { state },
    });
    expect(calls().map(({ path }) => path)).toEqual(["/api/chat.update"]);
  });

  it.each([
    [resolved(), told, "✅ Resolved: a restatement brought it below the threshold"],
    [finding({ revision: 3 }), { ...told, state: "resolved" }, "🟠 Open again"],
    [finding({ level: "critical", revision: 3 }), told, "🔴 Now critical"],
  ])("answers in the thread when the state changes (%#)", async (one, previous, reply) => {
    expect(await deliver(one, previous)).toMatchObject({
      outcome: "delivered",
      receipt: { ts: told["ts"], state: one.state },
    });
    expect(calls().map(({ path }) => path)).toEqual(["/api/chat.update", "/api/chat.postMessage"]);
    expect(calls()[1]?.body).toMatchObject({
      thread_ts: told["ts"],
      channel: "C0123456789",
      text: expect.stringContaining(reply),
    });
  });

  it("has nothing to say about a finding that was over before anybody heard of it", async () => {
    expect(await deliver(resolved())).toEqual({ outcome: "delivered", receipt: {} });
    expect(slack.received).toEqual([]);
  });

  it("posts anew when the message to update was deleted", async () => {
    slack.next(slackSays({ ok: false, error: "message_not_found" }));
    expect(await deliver(finding({ revision: 2 }), told)).toMatchObject({
      outcome: "delivered",
      receipt: { ts: "1795305600.000001" },
    });
    expect(calls().map(({ path }) => path)).toEqual(["/api/chat.update", "/api/chat.postMessage"]);
  });

  it.each([
    "channel_not_found",
    "not_in_channel",
    "invalid_auth",
    "token_revoked",
    "msg_too_long",
    "msg_blocks_too_long",
    "invalid_blocks",
  ])("rejects for %s", async (error) => {
    slack.next(slackSays({ ok: false, error }));
    expect(await deliver(finding())).toEqual({ outcome: "rejected", reason: `Slack: ${error}` });
  });

  it.each(["internal_error", "service_unavailable", "fatal_error"])("tries again for %s", async (error) => {
    slack.next(slackSays({ ok: false, error }));
    expect(await deliver(finding())).toEqual({ outcome: "later", afterMs: 0, reason: `Slack: ${error}` });
  });

  it("tries again for an error that it does not know", async () => {
    slack.next(slackSays({ ok: false, error: "brand_new_error" }));
    expect(await deliver(finding())).toEqual({
      outcome: "later",
      afterMs: 0,
      reason: "Slack: brand_new_error (not known)",
    });
  });

  it.each([
    [{ status: 429, headers: { "retry-after": "42" } }, 42_000],
    [{ status: 429 }, 30_000],
    [slackSays({ ok: false, error: "ratelimited" }, { "retry-after": "3" }), 3_000],
    [{ status: 503 }, 0],
    [{ status: 503, headers: { "retry-after": "Sun, 22 Nov 2026 08:01:00 GMT" } }, 60_000],
    [{ status: 200, body: "<html>maintenance" }, 0],
    [{ status: 204 }, 0],
    ["drop" as const, 0],
  ])("comes back later, as long after as it is told (%#)", async (answer, afterMs) => {
    slack.next(answer);
    expect(await deliver(finding())).toMatchObject({ outcome: "later", afterMs });
  });

  it("gives up waiting for a slow answer", async () => {
    slack.next("hang");
    expect(await notifier(60).deliver({ id: "msg_1", finding: finding(), previous: undefined })).toMatchObject({
      outcome: "later",
      afterMs: 0,
    });
  });

  it("ignores fields that it does not know and nulls where it needs nothing", async () => {
    slack.next(
      slackSays({
        ok: true,
        channel: "C1",
        ts: "1.2",
        error: undefined,
        warning: null,
        message: { text: "x" },
        new_field: [1],
      }),
    );
    expect(await deliver(finding())).toMatchObject({ outcome: "delivered", receipt: { channel: "C1", ts: "1.2" } });
  });

  it("refuses a token that cannot be a header without repeating it", () => {
    expect(() => createSlackBotNotifier({ token: "xoxb\nx", channel: "c", apiUrl: slack.url }, clock)).toThrow(
      "not a Slack token (field notifications.slack.token)",
    );
  });
});

describe("the outbox with Slack", () => {
  const drain = async (store: ReturnType<typeof memoryStore>, outboxClock = fakeClock()) =>
    await drainOutbox(
      { store, clock: outboxClock, randomness: fakeRandomness(), notifiers: [notifier()] },
      { deadline: new Date(NOW.getTime() + 600_000) },
    );

  it("posts a finding once through 503 twice and a rate limit, and then updates it", async () => {
    const store = memoryStore();
    slack.next({ status: 503 }, { status: 503 }, { status: 429, headers: { "retry-after": "11" } });
    await enqueue({ store, clock }, finding(), "slack");
    const outboxClock = fakeClock();
    expect(await drain(store, outboxClock)).toMatchObject({ sent: 1, failed: 0, waiting: 0 });
    expect(outboxClock.slept.at(-1)).toBe(11_000);
    await enqueue({ store, clock }, resolved(), "slack");
    expect(await drain(store)).toMatchObject({ sent: 1 });
    expect(calls().map(({ path }) => path.slice(5))).toEqual([
      ...["chat.postMessage", "chat.postMessage", "chat.postMessage", "chat.postMessage"],
      ...["chat.update", "chat.postMessage"],
    ]);
  });

  it("posts again when the answer to a post was lost, and updates the second message from then on", async () => {
    const store = memoryStore();
    slack.next("drop");
    await enqueue({ store, clock }, finding(), "slack");
    expect(await drain(store)).toMatchObject({ sent: 1 });
    await enqueue({ store, clock }, finding({ revision: 2 }), "slack");
    await drain(store);
    expect(calls().map(({ path }) => path.slice(5))).toEqual(["chat.postMessage", "chat.postMessage", "chat.update"]);
    expect(calls()[2]?.body).toMatchObject({ ts: "1795305600.000001" });
  });

  it("keeps what Slack refuses visible", async () => {
    const store = memoryStore();
    slack.next(slackSays({ ok: false, error: "not_in_channel" }));
    await enqueue({ store, clock }, finding(), "slack");
    expect(await drain(store)).toMatchObject({ sent: 0, failed: 1 });
    expect((await listOutbox(store)).items).toMatchObject([{ state: "failed", reason: "Slack: not_in_channel" }]);
  });
});
