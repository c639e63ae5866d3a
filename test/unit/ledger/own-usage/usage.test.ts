import { afterAll, describe, expect, it } from "vitest";
import { cloudOfLake, createMeteredLake } from "../../../../shared/ledger/own-usage/metered-lake.ts";
import { createUsageMeter } from "../../../../shared/ledger/own-usage/usage.ts";
import { readUsage, recordUsage } from "../../../../shared/ledger/own-usage/usage-documents.ts";
import { createFolders } from "../../../support/collect-deps.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import { createMemoryLake } from "../../../support/memory-lake.ts";

const folders = createFolders();
afterAll(() => folders.clean());
const body = new TextEncoder().encode("12345");

describe("what GenOps uses", () => {
  it("is counted where it is billed: requests at the lake, egress at the sender", async () => {
    const meter = createUsageMeter();
    const lake = createMeteredLake(createMemoryLake(), { cloud: "aws", here: "azure", meter });
    await lake.put("a/k", body);
    await lake.get("a/k");
    await lake.get("a/missing");
    for await (const _ of lake.list("a/"));
    for await (const _ of lake.list("nothing/"));
    await lake.getRange("a/k", 0, 2);
    expect(meter.take()).toEqual({
      aws: { writes: 3, reads: 3, bytesRead: 7, bytesWritten: 5, egressBytes: 7 },
      azure: { egressBytes: 5 },
    });
    expect(meter.take()).toEqual({});
  });

  it("crosses no border at home", async () => {
    const meter = createUsageMeter();
    const lake = createMeteredLake(createMemoryLake(), { cloud: "gcp", here: "gcp", meter });
    await lake.put("k", body);
    await lake.get("k");
    expect(meter.take()["gcp"]?.egressBytes).toBeUndefined();
  });

  it("knows the cloud by the lake's location", () => {
    const locations = ["s3://b/p", "azblob://a/c/p", "azureblob://a/c", "gs://b", "file:./lake"];
    expect(locations.map(cloudOfLake)).toEqual(["aws", "azure", "azure", "gcp", "local"]);
  });

  it("adds up over writers at once, day by day, and none is lost", async () => {
    const store = createMemoryLake();
    const clock = createFakeClock("2026-11-21T23:59:00Z");
    await Promise.all(
      Array.from({ length: 10 }, () => recordUsage({ store, clock }, "aws", { aws: { invocations: 1, reads: 2 } })),
    );
    clock.advance(120_000);
    await recordUsage({ store, clock }, "gcp", { aws: { reads: 1 }, gcp: { invocations: 1 } });
    const { days, since } = await readUsage(store, { start: "2026-11-01", end: "2026-12-01" });
    expect(since).toBe("2026-11-21");
    expect([...days].sort()).toEqual([
      ["2026-11-21", { aws: { invocations: 10, reads: 20 } }],
      ["2026-11-22", { aws: { reads: 1 }, gcp: { invocations: 1 } }],
    ]);
    const last = await readUsage(store, { start: "2026-11-22", end: "2026-11-23" });
    expect([[...last.days.keys()], last.since]).toEqual([["2026-11-22"], "2026-11-21"]);
  });
});
