import { describe, expect, it } from "vitest";
import { collectGarbage } from "../../../shared/ledger/collect-garbage.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { createMemoryLake } from "../../support/memory-lake.ts";

describe("what a crash left behind", () => {
  it.each(["rows", "groups"])("goes after a day when it lies in %s/ and nothing names it", async (folder) => {
    const clock = createFakeClock();
    const lake = createMemoryLake(() => clock.now());
    const key = `${folder}/source=a/billing_period=2024-09/version=1/part-0.parquet`;
    await lake.put(key, new Uint8Array([1]));
    const retention = { retainVersionsDays: 400 };
    expect(await collectGarbage({ lake, clock }, retention)).toEqual({ expired: 0, deleted: 0 });
    clock.advance(25 * 3_600_000);
    expect(await collectGarbage({ lake, clock }, retention)).toEqual({ expired: 0, deleted: 1 });
    expect(lake.entries.has(key)).toBe(false);
  });
});
