import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RemoteObjects } from "../../../shared/ledger/storage/remote-objects.ts";
import { createS3Client } from "../../../shared/platforms/aws/s3-client.ts";
import { createS3Objects } from "../../../shared/platforms/aws/s3-objects.ts";
import { createBlobContainer } from "../../../shared/platforms/azure/blob-client.ts";
import { createBlobObjects } from "../../../shared/platforms/azure/blob-objects.ts";
import { createGcsClient } from "../../../shared/platforms/gcp/gcs-client.ts";
import { createGcsObjects } from "../../../shared/platforms/gcp/gcs-objects.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { serveHttp, type TestServer } from "../../support/servers/http-server.ts";
import { azuriteConnection } from "../../support/servers/store-kinds.ts";

const clock = createFakeClock();
const idleMs = 100;
let server: TestServer;

beforeAll(async () => {
  server = await serveHttp(() => new Promise(() => undefined));
});
afterAll(() => server.close());

const STORES: [string, () => Promise<RemoteObjects>][] = [
  [
    "S3",
    async () => {
      const credentials = async () => ({ accessKeyId: "a", secretAccessKey: "b" });
      const access = { endpoint: server.url, region: "us-east-1", credentials, idleMs, maxAttempts: 2 };
      return createS3Objects({ client: createS3Client(access), bucket: "b", clock });
    },
  ],
  [
    "Blob",
    async () => {
      const container = await createBlobContainer("devstoreaccount1", "c", {
        connectionString: azuriteConnection(server.url),
      });
      return createBlobObjects({ container, name: "azblob://devstoreaccount1/c", idleMs });
    },
  ],
  [
    "GCS",
    async () => createGcsObjects({ storage: createGcsClient({ endpoint: server.url }), bucket: "b", clock, idleMs }),
  ],
];

describe.each(STORES)("%s that takes requests and never answers", (_name, open) => {
  const unavailable = { code: "unavailable", retryable: true };

  it("is unavailable after a while, whatever was asked", async () => {
    const objects = await open();
    const body = new TextEncoder().encode("1");
    await expect(objects.open("k")).rejects.toMatchObject(unavailable);
    await expect(objects.look("k")).rejects.toMatchObject(unavailable);
    await expect(objects.write("k", body, { when: { create: true }, writers: "me" })).rejects.toMatchObject(
      unavailable,
    );
    await expect(objects.remove("k")).rejects.toMatchObject(unavailable);
    const listing = async () => {
      for await (const _ of objects.list("")) throw new Error("something is listed");
    };
    await expect(listing()).rejects.toMatchObject(unavailable);
  });
});
