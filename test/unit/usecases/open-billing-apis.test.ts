import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createUsageMeter, type UsageMeter } from "../../../shared/ledger/own-usage/usage.ts";
import { createSystemRandomness } from "../../../shared/platforms/local/system.ts";
import type { BillingApis } from "../../../shared/ports/billing-apis.ts";
import { openBillingApis } from "../../../shared/usecases/open-billing-apis.ts";
import { type AthenaStub, createAthenaStub } from "../../support/athena-stub.ts";
import { googleCredentials } from "../../support/bigquery-apis.ts";
import { type BigQueryStub, createBigQueryStub } from "../../support/bigquery-stub.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

let bigQuery: BigQueryStub;
let athena: AthenaStub;
let usage: UsageMeter;
let apis: BillingApis;

/** The clients are led to the stubs by the variables that they read themselves. */
beforeEach(async () => {
  bigQuery = await createBigQueryStub();
  athena = await createAthenaStub();
  vi.stubEnv("BIGQUERY_EMULATOR_HOST", bigQuery.url);
  vi.stubEnv("AWS_ENDPOINT_URL_ATHENA", athena.url);
  usage = createUsageMeter();
  const keys = { accessKeyId: "test", secretAccessKey: "test" };
  apis = openBillingApis({
    clock: createFakeClock(),
    randomness: createSystemRandomness(),
    credentials: () => ({
      gcp: () => Promise.resolve(googleCredentials("good")),
      azure: () => Promise.resolve(undefined),
      aws: () => Promise.resolve({ region: "eu-west-1", credentials: () => Promise.resolve(keys) }),
    }),
    usage,
  });
});
afterEach(() => Promise.all([bigQuery.close(), athena.close()]));

describe("the billing APIs of a process", () => {
  it.each([
    [1n, 10],
    [30n * 2n ** 20n + 1n, 31],
    [0n, 0],
  ])("count what BigQuery bills for %i bytes as %i MiB", async (bytes, mebibytes) => {
    bigQuery.bytesOf = () => bytes;
    const api = await apis.bigQuery({ id: "gcp", project: "finops" });
    const request = { sql: "SELECT 1 AS one", parameters: {}, maximumBytesBilled: 10n ** 12n };
    const { rows } = await api.query(request);
    expect(await Array.fromAsync(rows)).toEqual([{ one: "1" }]);
    expect(usage.take()["gcp"]?.bigQueryBytes ?? 0).toBe(mebibytes * 2 ** 20);
    expect(await api.estimate(request)).toBe(bytes);
    expect(usage.take()).toEqual({});
  });

  it("ask Athena in the source's region, or in the process's", async () => {
    const api = await apis.athena({ id: "aws", region: "us-west-2" });
    expect(await api.scanLimit("finops")).toBe(10n ** 10n);
    const { rows } = await (await apis.athena({ id: "aws" })).query({
      sql: "SELECT 1 AS one",
      database: "d",
      workgroup: "finops",
    });
    expect(await Array.fromAsync(rows)).toEqual([["1"]]);
    expect(usage.take()["aws"]?.athenaBytes).toBeGreaterThanOrEqual(10 * 2 ** 20);
    expect(athena.regions).toEqual(["us-west-2", "eu-west-1", "eu-west-1", "eu-west-1", "eu-west-1", "eu-west-1"]);
  });
});
