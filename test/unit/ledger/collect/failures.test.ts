import { beforeEach, describe, expect, it } from "vitest";
import { listSourceFailures, type RecordOptions, recordFailures } from "../../../../shared/ledger/collect/failures.ts";
import { type CollectRun, emptyRun, runJson } from "../../../../shared/ledger/collect/run.ts";
import { createMemoryLake, type MemoryLake } from "../../../support/memory-lake.ts";

let lake: MemoryLake;
beforeEach(() => {
  lake = createMemoryLake();
});

const failed = (period: string, message = `no ${period}`): CollectRun => emptyRun("failed", "aws", period, [message]);
const fine = (period: string): CollectRun => emptyRun("unchanged", "aws", period, []);
const record = (runs: CollectRun[], options?: RecordOptions) =>
  recordFailures(lake, runs, new Date("2024-09-20T12:00:00Z"), options);
const known = async () => (await listSourceFailures(lake)).map(({ messages }) => messages);

describe("recordFailures", () => {
  it("keeps what the last run says, and nothing of the one before", async () => {
    await record([failed("2024-08"), failed("2024-09"), fine("2024-07")]);
    expect(await known()).toEqual([["no 2024-08", "no 2024-09"]]);
    await record([failed("2024-09")]);
    expect(await known()).toEqual([["no 2024-09"]]);
    await record([fine("2024-09")]);
    expect(await known()).toEqual([]);
  });

  it("leaves what a partial run does not mention, but not what concerned the whole source", async () => {
    await record([failed("", "no bucket"), failed("2024-08")]);
    await record([failed("2024-09")], { partial: true });
    expect(await known()).toEqual([["no 2024-08", "no 2024-09"]]);
    await record([fine("2024-08")], { partial: true });
    expect(await known()).toEqual([["no 2024-09"]]);
    await record([fine("2024-09")], { partial: true });
    expect(await known()).toEqual([]);
  });

  it("takes what an older version has kept for a failure of the whole source", async () => {
    const old = { source: "aws", at: "2024-09-01T00:00:00Z", messages: ["no bucket"] };
    await lake.put("failures/aws.json", new TextEncoder().encode(JSON.stringify(old)));
    expect(await known()).toEqual([["no bucket"]]);
    await record([failed("2024-09")], { partial: true });
    expect(await known()).toEqual([["no 2024-09"]]);
  });
});

describe("runJson", () => {
  it("leaves out what is not for readers", () => {
    const run = { ...failed("2024-09"), error: new Error("x"), laterMs: 5, quarantine: "q" };
    expect(Object.keys(runJson(run))).not.toEqual(expect.arrayContaining(["error"]));
    expect(runJson(run)).toEqual({ ...failed("2024-09"), quarantine: "q" });
  });
});
