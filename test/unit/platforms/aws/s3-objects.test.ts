import { CreateBucketCommand, S3ServiceException } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { RemoteObjects } from "../../../../shared/ledger/storage/remote-objects.ts";
import { createS3Client } from "../../../../shared/platforms/aws/s3-client.ts";
import { s3FaultOf } from "../../../../shared/platforms/aws/s3-errors.ts";
import { createS3Objects } from "../../../../shared/platforms/aws/s3-objects.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import { startFakeS3 } from "../../../support/servers/fake-s3.ts";
import { type FaultProxy, startFaultProxy } from "../../../support/servers/fault-proxy.ts";
import type { TestServer } from "../../../support/servers/http-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startFakeS3();
});
afterAll(() => server.close());

const bytes = (text: string) => new TextEncoder().encode(text);
const credentials = async () => ({ accessKeyId: "test", secretAccessKey: "test" });

let made = 0;

async function setUp(): Promise<{ objects: RemoteObjects; proxy: FaultProxy; pauses: () => number }> {
  const proxy = await startFaultProxy(server.url);
  onTestFinished(() => proxy.close());
  const client = createS3Client({ endpoint: proxy.url, region: "us-east-1", credentials });
  const bucket = `bucket-${++made}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  const clock = createFakeClock();
  const start = clock.now().getTime();
  return { objects: createS3Objects({ client, bucket, clock }), proxy, pauses: () => clock.now().getTime() - start };
}

const xml = { "content-type": "application/xml" };
const COLLISION = {
  answer: 409,
  headers: xml,
  body: "<Error><Code>ConditionalRequestConflict</Code><Message>The conditional request cannot succeed</Message></Error>",
};

describe("S3 objects", () => {
  it("repeat a conditional write that collided with another: 409 says that nothing landed, not that somebody was first", async () => {
    const { objects, proxy, pauses } = await setUp();
    proxy.inject({ times: 3, does: COLLISION });
    expect(await objects.write("k", bytes("1"), { when: { create: true }, writers: "me" })).toBeDefined();
    expect([proxy.pending(), pauses() > 0]).toEqual([0, true]);
    expect(await objects.write("k", bytes("2"), { when: { create: true }, writers: "me" })).toBeUndefined();
  });

  it("say unavailable when writes collide without end", async () => {
    const { objects, proxy } = await setUp();
    proxy.inject({ times: 1_000, does: COLLISION });
    const write = objects.write("k", bytes("1"), { when: { create: true }, writers: "me" });
    await expect(write).rejects.toMatchObject({ code: "unavailable", retryable: true });
  });

  it("say that the condition does not hold when the version to replace is gone, which S3 answers with 404", async () => {
    const { objects } = await setUp();
    const tag = (await objects.write("k", bytes("1"), { writers: "me" })) ?? "";
    await objects.remove("k");
    expect(await objects.write("k", bytes("2"), { when: { ifMatch: tag }, writers: "me" })).toBeUndefined();
    expect(await objects.look("k")).toBeUndefined();
  });

  it("have another tag after every write, though S3's own is a hash of the content", async () => {
    const { objects } = await setUp();
    const tags = [
      await objects.write("k", bytes("same"), { writers: "one" }),
      await objects.write("k", bytes("same"), { writers: "two" }),
    ];
    expect(tags[0]?.split(" ")[0]).toBe(tags[1]?.split(" ")[0]);
    expect(tags[0]).not.toBe(tags[1]);
  });

  it("name credentials and region when they are missing", async () => {
    const client = createS3Client({ endpoint: server.url, credentials });
    client.config.region = () => Promise.reject(new Error("Region is missing"));
    const objects = createS3Objects({ client, bucket: "b", clock: createFakeClock() });
    await expect(objects.look("k")).rejects.toMatchObject({
      code: "config",
      message: expect.stringMatching(/no credentials that are accepted .*AWS_REGION/),
    });
  });
});

const serviceError = (name: string, httpStatusCode: number) =>
  new S3ServiceException({ name, $fault: "client", message: name, $metadata: { httpStatusCode } });

describe("an error of S3", () => {
  it.each([
    [serviceError("AccessDenied", 403), "denied"],
    [serviceError("InvalidAccessKeyId", 403), "no-credentials"],
    [serviceError("ExpiredToken", 400), "no-credentials"],
    [Object.assign(new Error("none"), { name: "CredentialsProviderError" }), "no-credentials"],
    [serviceError("NoSuchBucket", 404), "no-store"],
    [serviceError("PreconditionFailed", 412), "changed"],
    [serviceError("SlowDown", 503), "passing"],
    [serviceError("RequestTimeout", 400), "passing"],
    [serviceError("NoSuchUpload", 404), "passing"],
    [serviceError("InternalError", 500), "passing"],
    [Object.assign(new Error("reset"), { code: "ECONNRESET" }), "passing"],
    [Object.assign(new Error("late"), { name: "TimeoutError" }), "passing"],
    [serviceError("InvalidRequest", 400), "wrong"],
    ["not an error", "wrong"],
  ] as const)("%s means %s", (error, fault) => {
    expect(s3FaultOf(error)).toBe(fault);
  });
});
