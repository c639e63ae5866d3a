import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { afterAll, describe, expect, inject, it } from "vitest";
import { createS3Client } from "../../shared/platforms/aws/s3-client.ts";
import { createBlobContainer } from "../../shared/platforms/azure/blob-client.ts";
import { createGcsClient } from "../../shared/platforms/gcp/gcs-client.ts";
import { azuriteConnection } from "../support/servers/store-kinds.ts";

const run = promisify(execFile);
const CLI = path.resolve("functions/local/cli.ts");
const CONFIG = path.resolve("samples/genops.yaml");
const NOW = ["--now", "2024-09-30T12:00:00Z"];

const scratch = mkdtemp(path.join(tmpdir(), "genops-main-job-"));
afterAll(async () => rm(await scratch, { recursive: true, force: true }));

type Variables = Record<string, string>;

interface Place {
  name: string;
  /** Makes the bucket; the lake's location and what the process needs to know to reach it. */
  prepare(): Promise<{ lake: string; variables: Variables }>;
}

const PLACES: readonly Place[] = [
  {
    name: "S3",
    async prepare() {
      const url = inject("storeServers").S3;
      const variables = {
        AWS_ENDPOINT_URL: url,
        AWS_REGION: "eu-central-1",
        AWS_ACCESS_KEY_ID: "test",
        AWS_SECRET_ACCESS_KEY: "test",
      };
      const credentials = async () => ({ accessKeyId: "test", secretAccessKey: "test" });
      const client = createS3Client({ endpoint: url, region: "us-east-1", credentials });
      await client.send(new CreateBucketCommand({ Bucket: "main-job" }));
      return { lake: "s3://main-job/some/lake", variables };
    },
  },
  {
    name: "Blob",
    async prepare() {
      const connectionString = azuriteConnection(inject("storeServers").Blob);
      await (await createBlobContainer("devstoreaccount1", "main-job", { connectionString })).create();
      const variables = { AZURE_STORAGE_CONNECTION_STRING: connectionString };
      return { lake: "azblob://devstoreaccount1/main-job/some/lake", variables };
    },
  },
  {
    name: "GCS",
    async prepare() {
      const url = inject("storeServers").GCS;
      await createGcsClient({ endpoint: url }).createBucket("main-job");
      return { lake: "gs://main-job/some/lake", variables: { STORAGE_EMULATOR_HOST: url } };
    },
  },
];

/** Runs the command line as a person would, in a process of its own. Exit code 1 says that budgets are breached: they are. */
async function genops(args: readonly string[], variables: Variables = {}): Promise<string> {
  const environment = {
    PATH: process.env["PATH"],
    HOME: await scratch,
    TMPDIR: await scratch,
    NO_COLOR: "1",
    ...variables,
  };
  const { stdout, stderr } = await run(process.execPath, [CLI, ...args], { env: environment, maxBuffer: 2 ** 26 });
  expect(stderr).not.toMatch(/Warning|Error/);
  return stdout;
}

/** What a lake holds, as the reports tell it. */
async function reports(lake: string, variables: Variables): Promise<string[]> {
  const common = ["--config", CONFIG, "--lake", lake, "--format", "json", ...NOW];
  const results: string[] = [];
  for (const report of [
    ["report", "--by", "provider,service,team", "--period", "2024-09"],
    ["report", "--by", "provider", "--period", "last-7-days", "--cost", "effective"],
    ["budgets"],
  ])
    results.push(withoutInstants(await genops([...report, ...common], variables)));
  return results;
}

/** The sample run's own words, without the instants at which it looked. */
function withoutInstants(text: string): string {
  return text.replaceAll(/\d{4}-\d{2}-\d{2}T[\d:.]+Z/g, "instant");
}

describe("the main job", { timeout: 300_000 }, () => {
  const expected = (async () => {
    const lake = `file:${path.join(await scratch, "lake")}`;
    return { text: await genops(["demo", "--once", "--lake", lake]), reports: await reports(lake, {}) };
  })();

  it.each(PLACES)("does with its lake in $name what it does with one in a folder, and nothing twice", async (place) => {
    const { lake, variables } = await place.prepare();
    const text = await genops(["demo", "--once", "--lake", lake], variables);
    expect(withoutInstants(text)).toBe(withoutInstants((await expected).text));
    expect(text).toMatch(/company-aws +2024-09 +replaced/);
    expect(await reports(lake, variables)).toEqual((await expected).reports);

    const again = await genops(["collect", "--config", CONFIG, "--lake", lake, "--format", "json", ...NOW], variables);
    const { runs } = JSON.parse(again) as { runs: { status: string }[] };
    expect(runs.length).toBeGreaterThan(15);
    expect(new Set(runs.map(({ status }) => status))).toEqual(new Set(["unchanged"]));
  });
});
