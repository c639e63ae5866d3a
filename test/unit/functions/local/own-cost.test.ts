import { writeFile } from "node:fs/promises";
import path from "node:path";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { afterAll, describe, expect, it } from "vitest";
import { createS3Client } from "../../../../shared/platforms/aws/s3-client.ts";
import { createFolders } from "../../../support/collect-deps.ts";
import { startFakeS3 } from "../../../support/servers/fake-s3.ts";
import { genops } from "./cli-support.ts";

const folders = createFolders();
afterAll(() => folders.clean());

describe("genops counts what it uses", () => {
  it("also when a command fails", async () => {
    const server = await startFakeS3();
    try {
      const credentials = async () => ({ accessKeyId: "test", secretAccessKey: "test" });
      const s3 = createS3Client({ region: "us-east-1", credentials, endpoint: server.url });
      await s3.send(new CreateBucketCommand({ Bucket: "bucket" }));
      const folder = await folders.make();
      await writeFile(path.join(folder, "genops.yaml"), "lake: s3://bucket/lake\nallowStaticCredentials: true\n");
      const failed = await genops(folder, ["findings", "ack", "nothing"], {
        AWS_ENDPOINT_URL_S3: server.url,
        AWS_REGION: "us-east-1",
        AWS_ACCESS_KEY_ID: "test",
        AWS_SECRET_ACCESS_KEY: "test",
      });
      expect([failed.code, failed.stderr]).toEqual([2, expect.stringContaining("nothing")]);
      const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: "bucket", Prefix: "lake/own-usage/" }));
      const found = await s3.send(new GetObjectCommand({ Bucket: "bucket", Key: Contents?.[0]?.Key }));
      expect(JSON.parse((await found.Body?.transformToString()) ?? "")).toMatchObject({
        aws: { writes: expect.any(Number) },
      });
    } finally {
      await server.close();
    }
  }, 60_000);
});
