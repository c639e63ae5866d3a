import { afterAll, describe, expect, it } from "vitest";
import { fromInteger } from "../../../../shared/core/decimal.ts";
import { evaluateBudgets } from "../../../../shared/governance/budgets/evaluate-budgets.ts";
import { forecastScopes } from "../../../../shared/governance/forecasts/forecast-scopes.ts";
import { collectGarbage } from "../../../../shared/ledger/collect-garbage.ts";
import { completenessOf, sureShare } from "../../../../shared/ledger/completeness/lag-model.ts";
import { readLags } from "../../../../shared/ledger/completeness/read-lags.ts";
import { recordKnowledge } from "../../../../shared/ledger/completeness/record-knowledge.ts";
import { openCube } from "../../../../shared/ledger/open-costs.ts";
import { createCollectDeps, createFolders } from "../../../support/collect-deps.ts";
import type { BillLine } from "../../../support/focus-bill.ts";
import { createLedgerFixture, type LedgerFixture, QUERY } from "../../../support/ledger-fixture.ts";
import { budget } from "../../governance/support.ts";

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

  it("is named when it says what cannot be: a damaged document must not stop budgets", async () => {
    const world = await createWorld();
    const damaged = [
      { "no series": { "2026-09-01": "6:5" } },
      { '["aws"]': { "2026-09-01": "6:5" } },
      { '["aws",null,"USD"]': { "the first": "6:5" } },
      { '["aws",null,"USD"]': { "2026-09-01": "6:" } },
      { '["aws",null,"USD"]': { "2026-09-01": "" } },
      { '["aws",null,"USD"]': { "2026-09-01": "6:5 much" } },
    ];
    for (const series of damaged) {
      const text = JSON.stringify({ through: at(12), series });
      await world.deps.lake.put(KEY, new TextEncoder().encode(text));
      const lags = await readLags(world.deps.lake, { now: new Date(at(12)), asOf: undefined });
      expect(lags, text).toEqual({ providers: new Map(), unreadable: [KEY] });
    }
  });

  it("and forecasts as of an earlier instant do not change when later versions arrive", async () => {
    const world = await createWorld();
    const query = { ...QUERY, asOf: new Date(at(12)) };
    const asOfThen = async () => {
      const lags = await readLags(world.deps.lake, { now: new Date(at(12)), asOf: query.asOf });
      return world.withCosts(async (costs) => {
        await openCube(costs, query);
        const budgets = [budget({ limit: fromInteger(100), scope: { provider: ["aws"] } })];
        const clock = { evaluationNow: () => new Date(at(12)) };
        const input = { cubeRelation: "cube", settledAfterDays: { default: 3 }, lags };
        const scopes = { ...input, by: "service", currency: "USD" };
        return {
          budgets: await evaluateBudgets({ engine: costs.engine, clock }, { ...input, budgets }),
          scopes: await forecastScopes({ engine: costs.engine, clock }, scopes),
        };
      });
    };
    for (const day of [9, 10, 11, 12]) {
      world.setNow(at(day));
      await world.load(billOn(day));
      await world.record();
    }
    const then = await asOfThen();
    expect(then.budgets[0]?.actual).toBeGreaterThan(0n);
    expect(then.scopes.parts).toHaveLength(2);
    for (const day of [13, 20, 28]) {
      world.setNow(at(day));
      // The old days are restated too.
      await world.load(billOn(day).map((line) => ({ ...line, billed: "40" })));
      await world.record();
    }
    expect(await asOfThen()).toEqual(then);
  });
});
