import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createS3Client } from "../../../shared/platforms/aws/s3-client.ts";
import { createBlobContainer } from "../../../shared/platforms/azure/blob-client.ts";
import { createGcsClient } from "../../../shared/platforms/gcp/gcs-client.ts";
import { createSystemClock, createSystemRandomness } from "../../../shared/platforms/local/system.ts";
import { openBillStore } from "../../../shared/usecases/open-bill-store.ts";
import { type OpenLakeContext, openLake } from "../../../shared/usecases/open-lake.ts";
import { createFolders } from "../../support/collect-deps.ts";
import { startFakeBlob } from "../../support/servers/fake-blob.ts";
import { startFakeGcs } from "../../support/servers/fake-gcs.ts";
import { startFakeS3 } from "../../support/servers/fake-s3.ts";
import type { TestServer } from "../../support/servers/http-server.ts";
import { azuriteConnection } from "../../support/servers/store-kinds.ts";

const folders = createFolders();
const servers: TestServer[] = [];
let environment: Record<string, string> = {};
const context = (): OpenLakeContext => ({
  baseDir: "/",
  clock: createSystemClock(),
  randomness: createSystemRandomness(),
  environment,
  credentials: {
    aws: async () => ({ region: "us-east-1", credentials: async () => ({ accessKeyId: "a", secretAccessKey: "b" }) }),
    azure: async () => undefined,
    gcp: async () => undefined,
  },
});

beforeAll(async () => {
  const [s3, blob, gcs] = await Promise.all([startFakeS3(), startFakeBlob(), startFakeGcs()]);
  servers.push(s3, blob, gcs);
  environment = {
    AWS_ENDPOINT_URL_S3: s3.url,
    AZURE_STORAGE_CONNECTION_STRING: azuriteConnection(blob.url),
    STORAGE_EMULATOR_HOST: gcs.url,
    AZURE_STORAGE_ENDPOINT: "",
  };
  const access = await context().credentials?.aws();
  await createS3Client({ ...access, endpoint: s3.url }).send(new CreateBucketCommand({ Bucket: "bucket" }));
  const connectionString = azuriteConnection(blob.url);
  await (await createBlobContainer("devstoreaccount1", "bucket", { connectionString })).create();
  await createGcsClient({ endpoint: gcs.url }).createBucket("bucket");
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
  await folders.clean();
});

const LOCATIONS = [
  "s3://bucket/some/lake",
  "azblob://devstoreaccount1/bucket/some/lake/",
  "azureblob://devstoreaccount1/bucket/other/lake",
  "gs://bucket/some/lake",
];

describe("openLake", () => {
  it.each(LOCATIONS)("opens %s, and what it has written is found there as a bill would be", async (location) => {
    const lake = await openLake(location, context());
    const body = new TextEncoder().encode(location);
    expect(await lake.put("a/k.json", body, { create: true })).toMatchObject({ ok: true });
    const again = await openLake(location, context());
    expect((await again.get("a/k.json"))?.body).toEqual(body);
    const { store, key } = await openBillStore(location, context());
    expect(await store.read(`${key.replace(/\/$/, "")}/a/k.json`)).toEqual(body);
  });

  it("opens a whole bucket", async () => {
    const lake = await openLake("gs://bucket", context());
    await lake.put("at-the-top", new TextEncoder().encode("1"));
    expect((await lake.get("at-the-top"))?.body).toBeDefined();
  });

  it("opens a folder beside the configuration", async () => {
    const lake = await openLake("file:./lake", { ...context(), baseDir: await folders.make() });
    expect(await lake.get("k")).toBeUndefined();
  });

  it.each(["s3://", "azblob://account", "gs:///x", "ftp://host/lake", "lake"])("refuses %s", async (location) => {
    await expect(openLake(location, context())).rejects.toMatchObject({
      code: "config",
      message: expect.stringContaining(location),
    });
  });

  it("refuses an account key for anything but an emulator, unless static credentials are allowed", async () => {
    const connection =
      "DefaultEndpointsProtocol=https;AccountName=bills;AccountKey=a2V5;EndpointSuffix=core.windows.net";
    const leaky = { ...context(), environment: { AZURE_STORAGE_CONNECTION_STRING: connection } };
    await expect(openLake("azblob://bills/lake", leaky)).rejects.toMatchObject({
      code: "config",
      message: expect.stringMatching(/^(?!.*a2V5).*AZURE_STORAGE_CONNECTION_STRING/),
    });
    expect(await openLake("azblob://bills/lake", { ...leaky, allowStaticCredentials: true })).toHaveProperty("put");
  });
});

describe("openBillStore", () => {
  it("refuses what is no bucket", async () => {
    await expect(openBillStore("bills/*.csv")).rejects.toMatchObject({ code: "config" });
  });

  it("opens a bucket without being told anything but where it is", async () => {
    const { key } = await openBillStore("gs://bucket/exports/manifest.json");
    expect(key).toBe("exports/manifest.json");
  });
});
