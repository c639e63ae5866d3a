import { beforeEach, describe, expect, it } from "vitest";
import {
  drainOutbox,
  enqueue,
  listOutbox,
  releaseNotifier,
} from "../../../../shared/interfaces/notifications/outbox.ts";
import type { AddressedNotifier } from "../../../../shared/interfaces/notifications/outbox-queue.ts";
import type { Delivery, DeliveryResult } from "../../../../shared/ports/notifier.ts";
import {
  type FakeClock,
  fakeClock,
  fakeRandomness,
  finding,
  type MemoryStore,
  memoryStore,
  NOW,
  resolved,
} from "./support.ts";

interface Scripted extends AddressedNotifier {
  deliveries: Delivery[];
  at: Date[];
}

let clock: FakeClock;
let store: MemoryStore;
const randomness = fakeRandomness();

beforeEach(() => {
  clock = fakeClock();
  store = memoryStore();
});

/** A notifier that answers from a list and then delivers. */
function scripted(id: string, answers: (DeliveryResult | Error)[] = [], endpoint = "e1"): Scripted {
  const deliveries: Delivery[] = [];
  const at: Date[] = [];
  return {
    id,
    endpoint,
    deliveries,
    at,
    deliver: async (delivery) => {
      deliveries.push(delivery);
      at.push(clock.now());
      const answer = answers.shift() ?? { outcome: "delivered", receipt: { ts: `ts-${delivery.finding.revision}` } };
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
}

const deps = (...notifiers: AddressedNotifier[]) => ({ store, clock, randomness, notifiers });
const later = (afterMs: number): DeliveryResult => ({ outcome: "later", afterMs, reason: "busy" });
const inMinutes = (minutes: number): Date => new Date(NOW.getTime() + minutes * 60_000);

describe("enqueue", () => {
  it("writes before anything is sent", async () => {
    expect(await enqueue(deps(), finding(), "slack")).toBe("enqueued");
    expect(store.keys()).toEqual(["outbox/pending/slack/budget-ml-2026-11-80/0000000001"]);
  });

  it("knows the same revision again, waiting or sent", async () => {
    const slack = scripted("slack");
    await enqueue(deps(), finding(), "slack");
    expect(await enqueue(deps(), finding(), "slack")).toBe("known");
    await drainOutbox(deps(slack));
    expect(await enqueue(deps(), finding(), "slack")).toBe("known");
    await drainOutbox(deps(slack));
    expect(slack.deliveries).toHaveLength(1);
  });

  it("makes safe keys of any finding key and notifier id", async () => {
    await enqueue(deps(), finding({ key: "../Budget/ä b" }), "webhook:ops");
    await enqueue(deps(), finding({ key: "../budget/ä b" }), "webhook:ops");
    expect(store.keys()).toHaveLength(2);
    for (const key of store.keys()) {
      expect(key).toMatch(/^outbox\/pending\/webhook-ops_[0-9a-f]{16}\/-budget-b_[0-9a-f]{16}\/0000000001$/);
    }
  });
});

describe("drainOutbox", () => {
  it("sends what waits once and keeps a receipt", async () => {
    const slack = scripted("slack");
    await enqueue(deps(), finding(), "slack");
    expect(await drainOutbox(deps(slack))).toEqual({ sent: 1, failed: 0, superseded: 0, waiting: 0, problems: [] });
    expect(slack.deliveries[0]?.finding).toEqual(finding());
    expect(store.keys()).toEqual(["outbox/receipts/budget-ml-2026-11-80/slack"]);
    expect((await listOutbox(store)).items).toEqual([
      {
        notifier: "slack",
        findingKey: "budget-ml-2026-11-80",
        revision: 1,
        state: "sent",
        at: NOW.toISOString(),
        attempts: 1,
      },
    ]);
  });

  it("hands the receipt of the last delivery to the next revision", async () => {
    const slack = scripted("slack");
    for (const one of [finding(), resolved()]) {
      await enqueue(deps(), one, "slack");
      await drainOutbox(deps(slack));
    }
    expect(slack.deliveries.map(({ previous }) => previous)).toEqual([undefined, { ts: "ts-1" }]);
  });

  it("sends only the newest of several waiting revisions", async () => {
    const slack = scripted("slack");
    for (const revision of [2, 1, 3]) await enqueue(deps(), finding({ revision }), "slack");
    expect(await drainOutbox(deps(slack))).toMatchObject({ sent: 1, superseded: 2, waiting: 0 });
    expect(slack.deliveries.map((one) => one.finding.revision)).toEqual([3]);
    expect((await listOutbox(store)).items.map(({ revision, state }) => [revision, state])).toEqual([
      [1, "superseded"],
      [2, "superseded"],
      [3, "sent"],
    ]);
  });

  it("never tells an older revision after a newer one", async () => {
    const slack = scripted("slack");
    await enqueue(deps(), finding({ revision: 2 }), "slack");
    await drainOutbox(deps(slack));
    expect(await enqueue(deps(), finding({ revision: 1 }), "slack")).toBe("known");
  });

  it("uses the same delivery id on every attempt and another for each notifier and revision", async () => {
    const [one, two] = [scripted("one", [later(0)]), scripted("two")];
    for (const { id } of [one, two]) await enqueue(deps(), finding(), id);
    await drainOutbox(deps(one, two), { deadline: inMinutes(1) });
    expect(one.deliveries.map(({ id }) => id)).toEqual([one.deliveries[0]?.id, one.deliveries[0]?.id]);
    expect(one.deliveries[0]?.id).toMatch(/^msg_[0-9a-f]{32}$/);
    expect(two.deliveries[0]?.id).not.toBe(one.deliveries[0]?.id);
  });

  it("waits longer after each failed attempt, until the deadline", async () => {
    const slack = scripted(
      "slack",
      Array.from({ length: 9 }, () => later(0)),
    );
    await enqueue(deps(), finding(), "slack");
    const report = await drainOutbox(deps(slack), { deadline: inMinutes(1) });
    expect(slack.at.map((at) => at.getTime() - NOW.getTime())).toEqual([0, 3_750, 11_250, 26_250, 56_250]);
    expect(report).toMatchObject({
      sent: 0,
      waiting: 1,
      nextAttemptAt: new Date(NOW.getTime() + 116_250).toISOString(),
    });
  });

  it("sends only what is due where no deadline allows waiting", async () => {
    const slack = scripted("slack", [later(0)]);
    await enqueue(deps(), finding(), "slack");
    expect(await drainOutbox(deps(slack))).toMatchObject({ sent: 0, waiting: 1 });
    expect(await drainOutbox(deps(slack))).toMatchObject({ sent: 0, waiting: 1 });
    expect(slack.deliveries).toHaveLength(1);
    clock.advance(60_000);
    expect(await drainOutbox(deps(slack))).toMatchObject({ sent: 1, waiting: 0 });
  });

  it("waits exactly as long as the receiver says, with the whole queue of that notifier", async () => {
    const [slack, mail] = [scripted("slack", [later(30_000)]), scripted("email")];
    for (const key of ["a", "b", "c"]) for (const { id } of [slack, mail]) await enqueue(deps(), finding({ key }), id);
    const report = await drainOutbox(deps(slack, mail));
    expect(report).toMatchObject({
      sent: 3,
      waiting: 3,
      nextAttemptAt: new Date(NOW.getTime() + 30_000).toISOString(),
    });
    expect(slack.deliveries).toHaveLength(1);
    expect((await listOutbox(store)).queues).toEqual([
      { notifier: "slack", held: { until: new Date(NOW.getTime() + 30_000).toISOString(), reason: "busy" } },
    ]);
    clock.advance(29_999);
    expect(await drainOutbox(deps(slack, mail))).toMatchObject({ sent: 0, waiting: 3 });
    clock.advance(1);
    expect(await drainOutbox(deps(slack, mail))).toMatchObject({ sent: 3, waiting: 0 });
    expect((await listOutbox(store)).queues).toEqual([{ notifier: "slack" }]);
  });

  it("holds the queue of a receiver that fails three times in a row", async () => {
    const slack = scripted("slack", [later(0), new Error("boom"), later(0)]);
    for (const key of ["a", "b", "c", "d", "e"]) await enqueue(deps(), finding({ key }), "slack");
    expect(await drainOutbox(deps(slack))).toMatchObject({ sent: 0, waiting: 5 });
    expect(slack.deliveries).toHaveLength(3);
    expect(await drainOutbox(deps(slack), { deadline: inMinutes(1) })).toMatchObject({ sent: 5, waiting: 0 });
  });

  it("does not count being told to wait as a failed attempt", async () => {
    const slack = scripted(
      "slack",
      Array.from({ length: 5 }, () => later(1_000)),
    );
    await enqueue(deps(), finding(), "slack");
    expect(await drainOutbox(deps(slack), { deadline: inMinutes(1), maxAttempts: 1 })).toMatchObject({
      sent: 1,
      failed: 0,
    });
    expect(slack.deliveries).toHaveLength(6);
  });

  it("gives up after the allowed attempts and says why", async () => {
    const slack = scripted("slack", [later(0), later(0), later(0)]);
    await enqueue(deps(), finding(), "slack");
    expect(await drainOutbox(deps(slack), { deadline: inMinutes(5), maxAttempts: 3 })).toMatchObject({
      sent: 0,
      failed: 1,
      waiting: 0,
    });
    expect((await listOutbox(store)).items).toMatchObject([
      { state: "failed", attempts: 3, reason: "gave up after 3 attempts: busy" },
    ]);
  });

  it("gives up what nobody takes for three days", async () => {
    const slack = scripted(
      "slack",
      Array.from({ length: 99 }, () => later(3_600_000)),
    );
    await enqueue(deps(), finding(), "slack");
    expect(await drainOutbox(deps(slack), { deadline: inMinutes(60 * 24 * 7) })).toMatchObject({ failed: 1 });
    expect(slack.deliveries).toHaveLength(73);
    expect((await listOutbox(store)).items).toMatchObject([{ state: "failed", reason: "gave up, too old: busy" }]);
  });

  it("never tries a rejected message again but tells the next revision, with the earlier receipt", async () => {
    const slack = scripted("slack", [
      { outcome: "delivered", receipt: { ts: "1" } },
      { outcome: "rejected", reason: "Slack: invalid_blocks" },
    ]);
    for (const revision of [1, 2, 3]) {
      await enqueue(deps(), finding({ revision }), "slack");
      await drainOutbox(deps(slack));
      await drainOutbox(deps(slack));
    }
    expect(slack.deliveries.map(({ finding: { revision }, previous }) => [revision, previous])).toEqual([
      [1, undefined],
      [2, { ts: "1" }],
      [3, { ts: "1" }],
    ]);
    expect((await listOutbox(store)).items).toMatchObject([
      { state: "sent" },
      { state: "failed", reason: "Slack: invalid_blocks" },
      { state: "sent" },
    ]);
  });

  it("disables a notifier whose endpoint is gone until it is released or points elsewhere", async () => {
    const gone: DeliveryResult = { outcome: "rejected", reason: "HTTP 410", disable: true };
    const hook = scripted("webhook:ops", [gone]);
    for (const key of ["a", "b"]) await enqueue(deps(), finding({ key }), hook.id);
    expect(await drainOutbox(deps(hook))).toMatchObject({ failed: 2, waiting: 0 });
    expect(hook.deliveries).toHaveLength(1);
    const listing = await listOutbox(store);
    expect(listing.items.map(({ reason }) => reason)).toEqual(["HTTP 410", "the notifier is disabled: HTTP 410"]);
    expect(listing.queues).toMatchObject([
      { notifier: "webhook:ops", disabled: { reason: "HTTP 410", endpoint: "e1" } },
    ]);

    await enqueue(deps(), finding({ key: "c" }), hook.id);
    const moved = scripted("webhook:ops", [gone], "e2");
    expect(await drainOutbox(deps(moved))).toMatchObject({ failed: 1 });
    expect(moved.deliveries).toHaveLength(1);

    await releaseNotifier(store, "webhook:ops");
    await enqueue(deps(), finding({ key: "d" }), hook.id);
    expect(await drainOutbox(deps(moved))).toMatchObject({ sent: 1 });
  });

  it("takes over from a sender that died, once its lease is over", async () => {
    const dead: AddressedNotifier = { id: "slack", deliver: () => new Promise(() => {}) };
    const slack = scripted("slack");
    await enqueue(deps(), finding(), "slack");
    void drainOutbox(deps(dead));
    await new Promise((resolve) => setImmediate(resolve));
    expect((await listOutbox(store)).items).toMatchObject([{ state: "sending" }]);
    expect(await drainOutbox(deps(slack))).toMatchObject({ sent: 0, waiting: 1 });
    clock.advance(120_000);
    expect(await drainOutbox(deps(slack))).toMatchObject({ sent: 1, waiting: 0 });
  });

  it.each(["delivered", "later", "rejected"] as const)(
    "keeps what the new sender noted when the old one wakes up and says %s",
    async (outcome) => {
      let wake: (result: DeliveryResult) => void = () => undefined;
      const asleep: AddressedNotifier = { id: "slack", deliver: () => new Promise((resolve) => (wake = resolve)) };
      const slack = scripted("slack");
      await enqueue(deps(), finding(), "slack");
      const slow = drainOutbox(deps(asleep));
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(120_000);
      await drainOutbox(deps(slack));
      const results: Record<typeof outcome, DeliveryResult> = {
        delivered: { outcome: "delivered", receipt: { ts: "ts-of-the-slow-one" } },
        later: later(5_000),
        rejected: { outcome: "rejected", reason: "too late" },
      };
      wake(results[outcome]);
      await slow;
      await enqueue(deps(), finding({ revision: 2 }), "slack");
      clock.advance(5_000);
      await drainOutbox(deps(slack));
      expect(slack.deliveries.map(({ previous }) => previous)).toEqual([undefined, { ts: "ts-1" }]);
      expect((await listOutbox(store)).items.map(({ revision, state }) => [revision, state])).toEqual([
        [1, "sent"],
        [2, "sent"],
      ]);
    },
  );

  it("notes what a slow sender delivered while another one has its lease", async () => {
    const wakes: ((result: DeliveryResult) => void)[] = [];
    const asleep: AddressedNotifier = { id: "slack", deliver: () => new Promise((resolve) => wakes.push(resolve)) };
    await enqueue(deps(), finding(), "slack");
    const first = drainOutbox(deps(asleep));
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(120_000);
    const second = drainOutbox(deps(asleep));
    await new Promise((resolve) => setImmediate(resolve));
    for (const wake of wakes) wake({ outcome: "delivered", receipt: { ts: `ts-of-${wakes.indexOf(wake)}` } });
    await Promise.all([first, second]);
    const slack = scripted("slack");
    await enqueue(deps(), finding({ revision: 2 }), "slack");
    await drainOutbox(deps(slack));
    expect(slack.deliveries.map(({ previous }) => previous)).toEqual([{ ts: "ts-of-0" }]);
  });

  it("stops at the deadline and leaves the rest waiting", async () => {
    const slow: AddressedNotifier = {
      id: "slack",
      deliver: async () => {
        clock.advance(10_000);
        return { outcome: "delivered", receipt: {} };
      },
    };
    for (const key of ["a", "b", "c", "d"]) await enqueue(deps(), finding({ key }), "slack");
    expect(await drainOutbox(deps(slow), { deadline: new Date(NOW.getTime() + 15_000) })).toMatchObject({
      sent: 2,
      waiting: 2,
    });
  });

  it("goes on beside a document that cannot be read, and names it", async () => {
    const slack = scripted("slack");
    await enqueue(deps(), finding({ key: "a" }), "slack");
    await enqueue(deps(), finding({ key: "b" }), "slack");
    await store.put("outbox/pending/slack/a/0000000001", new TextEncoder().encode("{"));
    const report = await drainOutbox(deps(slack));
    expect(report).toMatchObject({ sent: 1, waiting: 1 });
    expect(report.problems).toMatchObject([expect.stringContaining("file outbox/pending/slack/a/0000000001")]);
  });

  it("leaves what belongs to a notifier that is not configured", async () => {
    await enqueue(deps(), finding(), "email");
    expect(await drainOutbox(deps(scripted("slack")))).toMatchObject({ sent: 0, waiting: 0 });
    expect((await listOutbox(store)).items).toMatchObject([{ notifier: "email", state: "pending" }]);
  });
});
