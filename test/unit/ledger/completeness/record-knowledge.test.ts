import { afterAll, describe, expect, it } from "vitest";
import { collectGarbage } from "../../../../shared/ledger/collect-garbage.ts";
import { completenessOf, sureShare } from "../../../../shared/ledger/completeness/lag-model.ts";
import { readLags } from "../../../../shared/ledger/completeness/read-lags.ts";
import { recordKnowledge } from "../../../../shared/ledger/completeness/record-knowledge.ts";
import { openCube } from "../../../../shared/ledger/open-costs.ts";
import { createCollectDeps, createFolders } from "../../../support/collect-deps.ts";
import type { BillLine } from "../../../support/focus-bill.ts";
import { createLedgerFixture, type LedgerFixture, QUERY } from "../../../support/ledger-fixture.ts";

const folders = createFolders();
afterAll(() => folders.clean());

const KEY = "completeness/any/2026-09.json";

interface World extends LedgerFixture {
  setNow(instant: string): void;
  /** What an evaluation does before it evaluates. */
  record(): Promise<void>;
  document(): Promise<unknown>;
}

async function createWorld(): Promise<World> {
  let now = "2026-09-01T06:00:00.000Z";
  const lakeDir = await folders.make();
  const deps = {
    ...createCollectDeps(lakeDir),
    clock: { ...createCollectDeps(lakeDir).clock, now: () => new Date(now) },
  };
  const ledger = await createLedgerFixture(folders, deps);
  return {
    ...ledger,
    setNow: (instant) => {
      now = instant;
    },
    record: () => ledger.withCosts(async (costs) => recordKnowledge(costs, QUERY, await openCube(costs, QUERY))),
    document: async () => {
      const stored = await deps.lake.get(KEY);
      return stored === undefined ? undefined : JSON.parse(new TextDecoder().decode(stored.body));
    },
  };
}

/** The bill on a morning: yesterday is half there. */
function billOn(day: number): BillLine[] {
  return Array.from({ length: day - 1 }, (_none, index) => ({
    day: `2026-09-${String(index + 1).padStart(2, "0")}`,
    billed: index === day - 2 ? "5" : "10",
    service: index % 2 === 0 ? "Amazon EC2" : "S3",
  }));
}

const at = (day: number) => `2026-09-${String(day).padStart(2, "0")}T06:00:00.000Z`;

describe("what the ledger remembers of its versions", () => {
  it("is the same whether every version was evaluated or only the last, and is written once", async () => {
    const [each, late] = [await createWorld(), await createWorld()];
    for (const day of [11, 12]) {
      for (const world of [each, late]) {
        world.setNow(at(day));
        await world.load(billOn(day));
        // An earlier version without a cube is not read again: that would mean reading its rows.
        await world.report();
      }
      await each.record();
    }
    await late.record();
    expect(await late.document()).toEqual(await each.document());
    const etag = (await each.deps.lake.get(KEY))?.etag;
    await each.record();
    expect((await each.deps.lake.get(KEY))?.etag).toBe(etag);
    const { through, series } = (await each.document()) as {
      through: string;
      series: Record<string, Record<string, string>>;
    };
    expect(through).toBe("2026-09-12T06:00:00.000Z");
    expect(Object.keys(series).sort()).toEqual([
      '["aws","Amazon EC2","USD"]',
      '["aws","S3","USD"]',
      '["aws",null,"USD"]',
    ]);
    expect(series['["aws",null,"USD"]']).toMatchObject({
      "2026-09-09": "30:10",
      "2026-09-10": "6:5 30:10",
      "2026-09-11": "6:5",
    });
  });

  it("becomes a model, which as of an earlier instant knows no more than was known", async () => {
    const world = await createWorld();
    for (const day of [10, 11, 20]) {
      world.setNow(at(day));
      await world.load(billOn(day));
      await world.record();
    }
    const now = new Date(at(20));
    const lags = await readLags(world.deps.lake, { now, asOf: undefined });
    // The days 8 to 10 were seen on the day after they ended, or on the next, and are final.
    expect(lags.providers.get("aws")?.days).toBe(3);
    // Two days at a half and ten twelfths of the prior.
    expect(completenessOf(lags, "aws", undefined, 0).share).toBeCloseTo(0.9 ** (10 / 12) * 0.5 ** (2 / 12), 9);
    expect(sureShare(lags, "aws", "S3", 0)).toBeLessThanOrEqual(0.98);
    const before = await readLags(world.deps.lake, { now, asOf: new Date(at(11)) });
    expect(before.providers.get("aws")?.days).toBe(0);
  });

  it("is not written for an old month, and is swept with it", async () => {
    const world = await createWorld();
    world.setNow("2026-12-20T06:00:00.000Z");
    await world.load(billOn(30));
    await world.record();
    expect(await world.document()).toBeUndefined();
    const fresh = await createWorld();
    fresh.setNow(at(12));
    await fresh.load(billOn(12));
    await fresh.record();
    expect(await fresh.document()).toBeDefined();
    fresh.setNow("2027-12-20T06:00:00.000Z");
    await collectGarbage(fresh.deps, { retainVersionsDays: 400 });
    expect(await fresh.document()).toBeUndefined();
  });

  it("is named when it cannot be read, and written anew", async () => {
    const world = await createWorld();
    world.setNow(at(12));
    await world.load(billOn(12));
    await world.record();
    const sound = await world.document();
    await world.deps.lake.put(KEY, new TextEncoder().encode("{"));
    const lags = await readLags(world.deps.lake, { now: new Date(at(12)), asOf: undefined });
    expect(lags).toEqual({ providers: new Map(), unreadable: [KEY] });
    await world.record();
    expect(await world.document()).toEqual(sound);
  });
});
