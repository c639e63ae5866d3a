import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type NotifyDeps,
  notifyFindings,
  previewMessages,
} from "../../../../shared/interfaces/notifications/notify.ts";
import { createNotifiers } from "../../../../shared/interfaces/notifications/registry.ts";
import {
  type FaultServer,
  fakeClock,
  fakeRandomness,
  faultServer,
  finding,
  memoryStore,
  resolved,
  slackServer,
} from "./support.ts";

let slack: FaultServer;
let receiver: FaultServer;
let deps: NotifyDeps;

beforeEach(async () => {
  slack = await slackServer();
  receiver = await faultServer(() => ({ status: 204 }));
  const clock = fakeClock();
  const notifiers = createNotifiers(
    {
      slack: { token: "xoxb-test", channel: "C1", apiUrl: slack.url },
      webhooks: [{ id: "ops", url: receiver.url, secrets: ["whsec_Z2Vub3BzLXRlc3Qtc2VjcmV0LTAwMDAwMA=="] }],
      minimumLevel: "warning",
    },
    { clock, timeoutMs: 5_000 },
  );
  deps = { store: memoryStore(), clock, randomness: fakeRandomness(), notifiers, minimumLevel: "warning" };
});
afterEach(async () => {
  await slack.close();
  await receiver.close();
});

describe("notifyFindings", () => {
  it("tells every notifier, once", async () => {
    const findings = [finding({ key: "a" }), finding({ key: "b", level: "critical" })];
    expect(await notifyFindings(deps, findings)).toMatchObject({ enqueued: 4, sent: 4, waiting: 0 });
    expect(await notifyFindings(deps, findings)).toMatchObject({ enqueued: 0, sent: 0, waiting: 0 });
    expect([slack.received.length, receiver.received.length]).toEqual([2, 2]);
  });

  it("leaves out findings below the minimum level", async () => {
    expect(await notifyFindings(deps, [finding({ level: "info" })])).toMatchObject({ enqueued: 0, sent: 0 });
  });

  it("pings nobody for a snoozed finding, and says nothing of one that nobody heard of", async () => {
    await notifyFindings(deps, [finding({ key: "a" })]);
    await notifyFindings(deps, [
      finding({ key: "a", state: "snoozed", revision: 2 }),
      finding({ key: "b", state: "snoozed" }),
    ]);
    expect(slack.received.map(({ path }) => path)).toEqual(["/chat.postMessage", "/chat.update"]);
  });

  it("tells only that a finding is over when it was resolved before anything could be sent", async () => {
    slack.next({ status: 503 });
    await notifyFindings(deps, [finding()]);
    await notifyFindings(deps, [resolved()], { deadline: new Date(deps.clock.now().getTime() + 60_000) });
    expect(slack.received.map(({ path }) => path)).toEqual(["/chat.postMessage"]);
    expect(receiver.received.map(({ body }) => JSON.parse(body).type)).toEqual([
      "genops.finding.opened",
      "genops.finding.resolved",
    ]);
  });
});

describe("previewMessages", () => {
  it("writes what Slack would be told about open findings, the most severe first", () => {
    const messages = previewMessages([
      finding(),
      finding({ key: "c", level: "critical", title: "Spend doubled" }),
      resolved(),
    ]);
    expect(messages.map((text) => text.split("\n")[0])).toEqual([
      "Critical: Spend doubled",
      "Warning: Budget team/ai-research is at 83 % of its limit",
    ]);
    expect(messages[1]).toBe(`Warning: Budget team/ai-research is at 83 % of its limit

Amount: 12,450.50 USD
Period: 2026-11
Scope: provider aws; team ai-research
Threshold: 80 %
Used: 83 %
Limit: 15000 USD

Largest contributors
  service Amazon EC2, account 111122223333: 9,000.00 USD (72 %)
  service Amazon S3: 450.50 USD (4 %)

Wanted
  throttle team ai-research

Waits for: the bill of 2026-11-21

Settled: 91 % · Opened 2026-11-22T07:00:00.000Z · For #ml-costs · Key budget-ml-2026-11-80
`);
  });

  it("leaves out what is below the minimum level and lets nothing control the terminal", () => {
    expect(previewMessages([finding()], "critical")).toEqual([]);
    expect(previewMessages([finding({ title: "a\u001b[2Jb" })])[0]).not.toContain("\u001b");
  });
});
