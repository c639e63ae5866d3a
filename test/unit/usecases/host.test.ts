import { readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it, vi } from "vitest";
import { GenOpsError } from "../../../shared/core/errors.ts";
import type { CloudEvent } from "../../../shared/core/events.ts";
import { createFileLake } from "../../../shared/platforms/local/file-lake.ts";
import { createSystemRandomness } from "../../../shared/platforms/local/system.ts";
import type { EventFunction, Invocation } from "../../../shared/ports/invocation.ts";
import { createEventHost, createHttpHost } from "../../../shared/usecases/host.ts";
import type { Runtime } from "../../../shared/usecases/runtime.ts";
import { startOtlpReceiver } from "../../support/functions/otlp-receiver.ts";
import { createTestPlatform, type TestPlatform } from "../../support/functions/test-platform.ts";

const CONFIG = "lake: file:./lake\nsources: []\n";
const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const EVENT: CloudEvent = {
  specversion: "1.0",
  id: "e-1",
  source: "test",
  type: "genops.collect.wanted",
  subject: "aws",
  time: "2026-11-22T06:00:00Z",
  datacontenttype: "application/json",
  traceparent: TRACEPARENT,
  data: { source: "aws" },
};

interface Seen {
  event: CloudEvent;
  invocation: Invocation;
  runtime: Runtime;
}

async function hostOf(platform: TestPlatform, work: (seen: Seen) => Promise<void> | void = () => {}) {
  const create =
    (runtime: Runtime): EventFunction =>
    async (event, invocation) =>
      work({ event, invocation, runtime });
  return createEventHost(platform, "collect", create);
}

async function deadLetters({ lake }: TestPlatform): Promise<unknown[]> {
  const store = createFileLake(lake, createSystemRandomness());
  const letters: unknown[] = [];
  for await (const { key } of store.list("dead-letters/"))
    letters.push(JSON.parse(new TextDecoder().decode((await store.get(key))?.body)) as unknown);
  return letters;
}

describe("a function that is driven by events", () => {
  it("gets the event, the time that is left, and a log with its ids", async () => {
    const platform = await createTestPlatform(CONFIG);
    const seen: Seen[] = [];
    const host = await hostOf(platform, (each) => {
      each.invocation.log.warn("look", { n: 1 });
      seen.push(each);
    });
    await host.handle({ ...EVENT, correlationid: "cause-1" }, platform.call);
    expect(seen[0]).toMatchObject({ event: { id: "e-1" }, invocation: { correlationId: "cause-1" } });
    expect(seen[0]?.runtime.deadline.remainingMs()).toBe(60_000);
    expect(platform.entries[0]).toEqual({
      severity: "warn",
      message: "look",
      fields: { function: "collect", invocation: "call-1", correlationId: "cause-1", n: 1 },
    });
    expect(platform.entries[1]).toMatchObject({ message: "done", fields: { event: "e-1", type: EVENT.type } });
  });

  it("sends events to the functions that listen, with cause and trace", async () => {
    const platform = await createTestPlatform(CONFIG);
    const host = await hostOf(platform, async ({ runtime }) => {
      const { correlationid: _own, traceparent: _trace, ...plain } = EVENT;
      await runtime.events.publish(plain, { delayMs: 30_000 });
      await runtime.events.publish({ ...plain, type: "genops.costs.changed", correlationid: "other" });
      await runtime.events.publish({ ...plain, type: "genops.finding.opened" });
      // The third has no listener, so no queue.
      expect(runtime.usage.take()["local"]).toMatchObject({ messages: 2 });
    });
    await host.handle(EVENT, platform.call);
    expect(platform.sent.map(({ delaySeconds }) => delaySeconds)).toEqual([30, undefined]);
    expect(platform.sent.map(({ queue, body }) => [queue, JSON.parse(body) as unknown])).toMatchObject([
      ["collect", { correlationid: "e-1", traceparent: TRACEPARENT }],
      ["evaluate", { correlationid: "other", traceparent: TRACEPARENT }],
    ]);
  });

  it("keeps one runtime for all calls, and removes each call's temporary folders", async () => {
    const platform = await createTestPlatform(CONFIG);
    const seen: { lake: unknown; folder: string }[] = [];
    const host = await hostOf(platform, async ({ runtime }) => {
      const folder = await runtime.createWorkDir();
      await writeFile(path.join(folder, "left-behind"), "x");
      seen.push({ lake: runtime.lake, folder });
    });
    await host.handle(EVENT, platform.call);
    await host.handle(EVENT, platform.call);
    expect(seen[0]?.lake).toBe(seen[1]?.lake);
    for (const { folder } of seen) await expect(readdir(folder)).rejects.toMatchObject({ code: "ENOENT" });
  });

  it.each([
    ["what is no event", { hello: 1 }, "field specversion"],
    ["text", "hello", "expected object"],
    ["an event of another type", { ...EVENT, type: "com.example" }, "field type"],
    ["an event without a time", { ...EVENT, time: "yesterday" }, "field time"],
  ])("keeps %s as a dead letter, once, and is done with it", async (_what, candidate, reason) => {
    const platform = await createTestPlatform(CONFIG);
    const host = await hostOf(platform);
    await host.handle(candidate, platform.call);
    await host.handle(candidate, platform.call);
    const [letter, ...others] = await deadLetters(platform);
    expect(others).toEqual([]);
    expect(letter).toMatchObject({
      function: "collect",
      event: candidate,
      reason: expect.stringContaining(reason) as string,
    });
    expect(platform.entries).toMatchObject([
      {
        severity: "error",
        message: "refused for good",
        fields: { code: "refused", deadLetter: expect.stringMatching(/^dead-letters\//) as string },
      },
      { message: "refused for good" },
    ]);
  });

  it("cuts off what is too long to keep", async () => {
    const platform = await createTestPlatform(CONFIG);
    const host = await hostOf(platform);
    await host.handle({ hello: "x".repeat(300_000) }, platform.call);
    const [letter] = (await deadLetters(platform)) as { event: string }[];
    expect(letter?.event).toHaveLength(256 * 1024);
  });

  it("keeps an event that its work refuses", async () => {
    const platform = await createTestPlatform(CONFIG);
    const host = await hostOf(platform, () => {
      throw new GenOpsError("refused", "no such thing", { place: { source: "aws" } });
    });
    await host.handle(EVENT, platform.call);
    expect(await deadLetters(platform)).toMatchObject([{ reason: "no such thing (source aws)", event: { id: "e-1" } }]);
  });

  it.each([
    ["what may pass", new GenOpsError("unavailable", "later")],
    ["a configuration that can be repaired", new GenOpsError("config", "wrong")],
    ["what nobody thought of", new TypeError("undefined is not a function")],
  ])("fails because of %s, so that the event is delivered again", async (_what, error) => {
    const platform = await createTestPlatform(CONFIG);
    const host = await hostOf(platform, () => {
      throw error;
    });
    await expect(host.handle(EVENT, platform.call)).rejects.toBe(error);
    expect(await deadLetters(platform)).toEqual([]);
    expect(platform.entries).toMatchObject([
      { severity: "error", message: "failed, to be delivered again", fields: { event: "e-1", error: error.message } },
    ]);
  });

  it("fails while its configuration cannot be read, and works as soon as it can", async () => {
    const platform = await createTestPlatform("lake: 7\n");
    let runs = 0;
    const host = await hostOf(platform, () => void runs++);
    await expect(host.handle(EVENT, platform.call)).rejects.toMatchObject({ code: "config" });
    await writeFile(path.join(platform.folder, "genops.yaml"), CONFIG);
    await host.handle(EVENT, platform.call);
    expect(runs).toBe(1);
  });

  it("refuses long-lived keys in its environment, unless the configuration allows them", async () => {
    const keys = { AWS_ACCESS_KEY_ID: "AKIAEXAMPLE", AWS_SECRET_ACCESS_KEY: "x" };
    const refusing = await createTestPlatform(CONFIG, keys);
    await expect((await hostOf(refusing)).handle(EVENT, refusing.call)).rejects.toThrow("AWS_ACCESS_KEY_ID");
    const allowing = await createTestPlatform(`${CONFIG}allowStaticCredentials: true\n`, keys);
    await expect((await hostOf(allowing)).handle(EVENT, allowing.call)).resolves.toBeUndefined();
  });

  it("makes traces where OpenTelemetry is told where to, and sends them before the call ends", async () => {
    const receiver = await startOtlpReceiver();
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url);
    const platform = await createTestPlatform(CONFIG, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    const host = await hostOf(platform, ({ invocation }) => invocation.tracer.span("work", {}, async () => undefined));
    await host.handle(EVENT, platform.call);
    expect(receiver.spans.map(({ service, name }) => [service, name])).toEqual([
      ["genops-collect", "work"],
      ["genops-collect", "collect genops.collect.wanted"],
    ]);
    await receiver.close();
  });

  it("pins what today is for rehearsals, and says when that is no instant", async () => {
    const platform = await createTestPlatform(CONFIG, { GENOPS_NOW: "2024-09-30T12:00:00Z" });
    const today: Date[] = [];
    const host = await hostOf(platform, ({ runtime }) => void today.push(runtime.clock.evaluationNow()));
    await host.handle(EVENT, platform.call);
    expect(today[0]?.toISOString()).toBe("2024-09-30T12:00:00.000Z");
    const wrong = await createTestPlatform(CONFIG, { GENOPS_NOW: "yesterday" });
    await expect(hostOf(wrong)).rejects.toMatchObject({ code: "config" });
  });
});

describe("a function that is driven by HTTP", () => {
  it("opens the runtime only when it is asked for, and knows what the platform knows", async () => {
    const platform = await createTestPlatform("lake: 7\n", { GENOPS_QUEUE_ALERTS: "alerts" });
    const host = await createHttpHost(
      platform,
      "api",
      (_open, { signedIn, reaches }) =>
        async (request, { correlationId }) =>
          Response.json([
            request.method,
            signedIn,
            reaches("genops.alert.received"),
            reaches("genops.finding.opened"),
            correlationId,
          ]),
    );
    const answer = await host.handle(new Request("http://localhost/x"), { ...platform.call, signedIn: true });
    expect(await answer.json()).toEqual(["GET", true, true, false, "call-1"]);
  });

  it("answers 500 for what went wrong, and logs it", async () => {
    const platform = await createTestPlatform("lake: 7\n");
    const host = await createHttpHost(platform, "api", (open) => async () => Response.json((await open()).config));
    const answer = await host.handle(new Request("http://localhost/x?secret=1"), platform.call);
    expect(answer.status).toBe(500);
    expect(platform.entries).toMatchObject([
      { severity: "error", message: "request failed", fields: { path: "/x", code: "config" } },
    ]);
  });

  it("gives its work a runtime of this call", async () => {
    const platform = await createTestPlatform(CONFIG);
    const host = await createHttpHost(
      platform,
      "api",
      (open) => async () => Response.json((await open()).deadline.remainingMs()),
    );
    expect(await (await host.handle(new Request("http://localhost/"), platform.call)).json()).toBe(60_000);
  });
});
