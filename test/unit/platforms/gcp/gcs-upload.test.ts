import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { RemoteObjects } from "../../../../shared/ledger/storage/remote-objects.ts";
import { createGcsClient } from "../../../../shared/platforms/gcp/gcs-client.ts";
import { gcsFaultOf } from "../../../../shared/platforms/gcp/gcs-errors.ts";
import { createGcsObjects } from "../../../../shared/platforms/gcp/gcs-objects.ts";
import { localFile } from "../../../contract/object-store.contract.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import { startFakeGcs } from "../../../support/servers/fake-gcs.ts";
import { type Fault, type FaultProxy, startFaultProxy } from "../../../support/servers/fault-proxy.ts";
import type { TestServer } from "../../../support/servers/http-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startFakeGcs();
});
afterAll(() => server.close());

let made = 0;
const PART = 256 * 1024;

async function setUp(): Promise<{ objects: RemoteObjects; proxy: FaultProxy }> {
  const proxy = await startFaultProxy(server.url);
  onTestFinished(() => proxy.close());
  const storage = createGcsClient({ endpoint: proxy.url });
  const bucket = `bucket-${++made}`;
  await storage.createBucket(bucket);
  return { objects: createGcsObjects({ storage, bucket, clock: createFakeClock(), partBytes: PART }), proxy };
}

async function contentOf(objects: RemoteObjects, key: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of (await objects.open(key))?.stream ?? []) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const onPart: Fault["on"] = ({ method, headers }) =>
  method === "PUT" && !headers["content-range"]?.startsWith("bytes */");

describe("an upload in parts to GCS", () => {
  it.each<[string, Fault[], number]>([
    ["nothing goes wrong", [], 4],
    ["a part is not answered, but has arrived", [{ on: onPart, does: "lose the answer" }], 5],
    ["a part does not arrive", [{ on: onPart, does: { answer: 503 } }], 6],
    ["the session is forgotten", [{ on: onPart, does: { answer: 410 } }], 6],
    ["the store makes an object of less than all", [{ on: onPart, does: { answer: 200, body: '{"size":"5"}' } }], 6],
  ])("stores every byte once when %s", async (_what, faults, requests) => {
    const { objects, proxy } = await setUp();
    const content = randomBytes(2 * PART + 7);
    const file = await localFile(content);
    const before = proxy.requests();
    proxy.inject(...faults);
    await objects.upload("k", file, "me");
    expect([proxy.pending(), proxy.requests() - before]).toEqual([0, requests]);
    expect(content.equals(await contentOf(objects, "k"))).toBe(true);
    expect((await objects.look("k"))?.writers).toBe("me");
  });

  it("gives up when the store does not come back, and says so", async () => {
    const { objects, proxy } = await setUp();
    proxy.inject({ on: ({ method }) => method === "PUT", times: 1_000, does: { answer: 503 } });
    const upload = objects.upload("k", await localFile(randomBytes(PART + 1)), "me");
    await expect(upload).rejects.toMatchObject({ code: "unavailable", retryable: true });
  });

  it("names the right that is missing when a part is refused", async () => {
    const { objects, proxy } = await setUp();
    proxy.inject({ on: onPart, does: { answer: 403, body: "no" } });
    const upload = objects.upload("k", await localFile(randomBytes(PART + 1)), "me");
    await expect(upload).rejects.toMatchObject({
      code: "config",
      message: expect.stringMatching(/storage\.objects\.create/),
    });
  });
});

const apiError = (code: number | string, message = "no") => Object.assign(new Error(message), { code });

describe("an error of GCS", () => {
  it.each([
    [apiError(403), "denied"],
    [apiError(401), "no-credentials"],
    [new Error("Could not load the default credentials."), "no-credentials"],
    [apiError("400", "invalid_grant"), "no-credentials"],
    [apiError(404, "The specified bucket does not exist."), "no-store"],
    [apiError(412), "changed"],
    [apiError(429), "passing"],
    [apiError(503), "passing"],
    [apiError("ECONNRESET"), "passing"],
    [apiError(400), "wrong"],
    ["not an error", "wrong"],
  ] as const)("%s means %s", (error, fault) => {
    expect(gcsFaultOf(error)).toBe(fault);
  });
});
