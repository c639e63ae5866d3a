import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CatalogSku } from "../../../../shared/ports/cloud-billing.ts";
import type { SqlEngine } from "../../../../shared/ports/sql-engine.ts";
import { findPrices, type PriceQuery } from "../../../../shared/prices/list/find-prices.ts";
import { listPriceLists } from "../../../../shared/prices/list/price-list.ts";
import { type SyncedPrices, syncPrices } from "../../../../shared/prices/list/sync-prices.ts";
import { createCollectDeps, createFolders, type TestCollectDeps } from "../../../support/collect-deps.ts";
import { createFakeClock, type FakeClock } from "../../../support/fake-clock.ts";

const folders = createFolders();
let deps: TestCollectDeps;
let engine: SqlEngine;
let clock: FakeClock;

beforeEach(async () => {
  deps = createCollectDeps(await folders.make());
  engine = await deps.createEngine();
  clock = createFakeClock("2026-11-01T00:00:00.000Z");
});
afterEach(() => engine.close());
afterAll(() => folders.clean());

function sku(id: string, unitPrice: string, more: Partial<CatalogSku> = {}): CatalogSku {
  return {
    id,
    service: "S-1",
    serviceName: "Compute",
    description: `Core ${id}`,
    resourceFamily: "Compute",
    resourceGroup: "CPU",
    usageType: "OnDemand",
    regions: ["us-central1"],
    prices: [
      {
        // Google dates every answer by the hour of the question.
        effectiveFrom: clock.now().toISOString(),
        currency: "USD",
        usageUnit: "h",
        baseUnit: "s",
        baseUnitFactor: "3600",
        tiers: [{ from: "0", unitPrice }],
      },
    ],
    ...more,
  };
}

async function sync(skus: readonly CatalogSku[], currency = "USD"): Promise<SyncedPrices> {
  const { lake, randomness } = deps;
  const workDir = await folders.make();
  return syncPrices(
    { lake, engine, workDir, clock, randomness },
    { provider: "gcp", service: "S-1", serviceName: "Compute", currency, skus: stream(skus) },
  );
}

async function* stream(skus: readonly CatalogSku[]): AsyncIterable<CatalogSku> {
  yield* skus;
}

async function prices(query: PriceQuery = {}): Promise<string[]> {
  const found = await findPrices({ lake: deps.lake, engine }, query);
  return found.map(
    ({ sku: id, effectiveFrom, tiers, delistedAt }) =>
      `${id} ${tiers.map(({ unitPrice }) => unitPrice / 10n ** 9n).join()} since ${effectiveFrom.slice(0, 10)}${delistedAt === undefined ? "" : `, gone ${delistedAt.slice(0, 10)}`}`,
  );
}

function tomorrow(): void {
  clock.advance(86_400_000);
}

describe("list prices in the lake", () => {
  it("are what the catalog said, to the last digit", async () => {
    expect(await sync([sku("A", "1234567890.999999999")])).toEqual({
      status: "replaced",
      skus: 1,
      changed: 1,
      delisted: 0,
    });
    const [price] = await findPrices({ lake: deps.lake, engine }, {});
    expect(price).toEqual({
      provider: "gcp",
      service: "S-1",
      serviceName: "Compute",
      sku: "A",
      description: "Core A",
      usageType: "OnDemand",
      regions: ["us-central1"],
      currency: "USD",
      effectiveFrom: "2026-11-01T00:00:00.000Z",
      usageUnit: "h",
      baseUnit: "s",
      baseUnitFactor: "3600",
      tiers: [{ from: 0n, unitPrice: 1234567890999999999n * 10n ** 9n }],
    });
  });

  it("stay as they are when nothing has changed but the hour of the question", async () => {
    await sync([sku("A", "1"), sku("B", "2")]);
    tomorrow();
    expect(await sync([sku("B", "2"), sku("A", "1")])).toMatchObject({ status: "unchanged", changed: 0 });
    expect((await listPriceLists(deps.lake)).map(({ versions }) => versions.length)).toEqual([1]);
  });

  it("are dated: a new price does not change what usage cost before", async () => {
    await sync([sku("A", "1"), sku("B", "2")]);
    tomorrow();
    expect(await sync([sku("A", "3"), sku("B", "2")])).toMatchObject({ status: "replaced", changed: 1 });
    expect(await prices()).toEqual(["A 3000000000 since 2026-11-02", "B 2000000000 since 2026-11-01"]);
    expect(await prices({ sku: "A", at: new Date("2026-11-01T12:00:00Z") })).toEqual(["A 1000000000 since 2026-11-01"]);
    expect(await prices({ sku: "A", at: new Date("2026-10-01T00:00:00Z") })).toEqual([]);
  });

  it("hold from when they were seen, where the catalog dates another price no later than the one before", async () => {
    await sync([sku("A", "1")]);
    const [dated] = sku("A", "3").prices;
    tomorrow();
    const corrected = sku("A", "3", { prices: dated === undefined ? [] : [dated] });
    expect(await sync([corrected])).toMatchObject({ status: "replaced", changed: 1 });
    expect(await prices()).toEqual(["A 3000000000 since 2026-11-02"]);
    expect(await prices({ at: new Date("2026-11-01T12:00:00Z") })).toEqual(["A 1000000000 since 2026-11-01"]);
    expect(await sync([corrected])).toMatchObject({ status: "unchanged" });
  });

  it("can be read as they were known at an instant", async () => {
    await sync([sku("A", "1")]);
    tomorrow();
    await sync([sku("A", "3")]);
    expect(await prices({ asOf: new Date("2026-11-01T12:00:00Z") })).toEqual(["A 1000000000 since 2026-11-01"]);
    expect(await prices({ asOf: new Date("2026-10-01T00:00:00Z") })).toEqual([]);
  });

  it("say when a SKU is no longer listed, and when it is again", async () => {
    await sync([sku("A", "1"), sku("B", "2")]);
    tomorrow();
    expect(await sync([sku("A", "1")])).toMatchObject({ status: "replaced", changed: 0, delisted: 1 });
    expect(await prices()).toEqual(["A 1000000000 since 2026-11-01", "B 2000000000 since 2026-11-01, gone 2026-11-02"]);
    tomorrow();
    await sync([sku("A", "1"), sku("B", "2")]);
    expect(await prices({ sku: "B" })).toEqual(["B 2000000000 since 2026-11-01"]);
  });

  it("are found by words of their description, service and currency", async () => {
    await sync([
      sku("A", "1", { description: "N1 Core in Americas" }),
      sku("B", "2", { description: "N1 Ram in Americas" }),
    ]);
    expect(await prices({ search: "ram n1" })).toEqual(["B 2000000000 since 2026-11-01"]);
    expect(await prices({ service: "other" })).toEqual([]);
    expect(await prices({ currency: "EUR" })).toEqual([]);
  });

  it("keep the tiers of a price in order", async () => {
    const tiers = [
      { from: "0", unitPrice: "0" },
      { from: "0.1", unitPrice: "5" },
    ];
    const [only] = sku("A", "1").prices;
    await sync([sku("A", "1", { prices: only === undefined ? [] : [{ ...only, tiers }] })]);
    const [price] = await findPrices({ lake: deps.lake, engine }, {});
    expect(price?.tiers.map(({ from }) => from)).toEqual([0n, 10n ** 17n]);
  });
});

describe("a catalog that cannot be believed", () => {
  it.each([
    ["lists nothing", [], "lists no prices"],
    ["lists less than half of what it listed before", ["A"], "lists 1 SKUs instead of 3"],
  ])("is refused when it %s", async (_what, ids, message) => {
    await sync(["A", "B", "C"].map((id) => sku(id, "1")));
    await expect(sync(ids.map((id) => sku(id, "1")))).rejects.toThrow(message);
    expect(await prices()).toHaveLength(3);
  });

  it("is refused when it prices in another currency", async () => {
    await expect(sync([sku("A", "1")], "EUR")).rejects.toThrow('prices SKU A in "USD" instead of EUR');
  });

  it("is refused when a price is no number", async () => {
    await expect(sync([sku("A", "one")])).rejects.toThrow("one");
    expect(await prices()).toEqual([]);
  });

  it("has no list of a service or currency that cannot be one", async () => {
    await expect(sync([sku("A", "1")], "usd/..")).rejects.toThrow("no price list");
  });
});

describe("two syncs at once", () => {
  it("make one version", async () => {
    const other = await deps.createEngine();
    const run = async (own: SqlEngine) =>
      syncPrices(
        { lake: deps.lake, engine: own, workDir: await folders.make(), clock, randomness: deps.randomness },
        { provider: "gcp", service: "S-1", serviceName: "Compute", currency: "USD", skus: stream([sku("A", "1")]) },
      );
    const both = await Promise.all([run(engine), run(other)]);
    await other.close();
    expect(both.map(({ status }) => status).sort()).toEqual(["replaced", "unchanged"]);
    expect((await listPriceLists(deps.lake)).map(({ versions }) => versions.length)).toEqual([1]);
  });
});
