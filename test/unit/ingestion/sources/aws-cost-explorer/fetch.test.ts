import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseDecimal } from "../../../../../shared/core/decimal.ts";
import { type CeFault, type CeStub, createCostExplorerStub } from "../../../../support/cost-explorer-stub.ts";
import { type CeSource, charge, createCeWorld, fetchLines, SOURCE } from "./support.ts";

let stub: CeStub;

beforeEach(async () => {
  stub = await createCostExplorerStub([
    charge("2024-09-01", {}, "1"),
    charge("2024-09-02", { SERVICE: "AWS Lambda" }, "2"),
    charge("2024-09-03", { SERVICE: "AmazonCloudWatch" }, "4"),
  ]);
});

afterEach(() => stub.close());

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
const HOUR = 3_600_000;
const DENIED: CeFault = { error: "AccessDeniedException" };

describe("pages", () => {
  beforeEach(() => {
    stub.pageSize = 1;
  });

  it("are asked one after the other with an otherwise identical request", async () => {
    const { lines } = await fetchLines(createCeWorld(stub.api()));
    expect(lines).toHaveLength(12);
    const [first, ...rest] = stub.requests.map(({ NextPageToken, ...request }) => ({ request, NextPageToken }));
    expect(first?.NextPageToken).toBeUndefined();
    expect(rest.map(({ request }) => request)).toEqual([first?.request, first?.request]);
    expect(new Set(rest.map(({ NextPageToken }) => NextPageToken)).size).toBe(2);
  });

  it("are bought once, whatever stops the run in between", async () => {
    const world = createCeWorld(stub.api());
    for (const _run of [1, 2]) {
      stub.faults = ["answered", DENIED];
      await expect(fetchLines(world)).rejects.toMatchObject({ code: "config" });
    }
    stub.faults = [];
    expect((await fetchLines(world)).lines).toHaveLength(12);
    expect(stub.charged).toBe(3);
  });

  it("go on from the last one in the next run when time is up", async () => {
    const world = createCeWorld(stub.api());
    const stopped = await fetchLines(world, { remainingMs: 5_000 });
    expect(stopped.bill).toMatchObject({ outcome: "later", afterMs: 0 });
    stub.faults = [{ error: "LimitExceededException" }];
    const again = await fetchLines(world, { remainingMs: 31_000 });
    expect(again.bill.outcome).toBe("later");
    expect((await fetchLines(world)).lines).toHaveLength(12);
    expect(stub.charged).toBe(3);
  });

  it.each(["RequestChangedException", "InvalidNextTokenException"])(
    "begin again with the first one after %s",
    async (error) => {
      const world = createCeWorld(stub.api());
      const fetching = fetchLines(world);
      stub.faults = [{ body: { ResultsByTime: [], NextPageToken: "stale" } }, { error }];
      expect((await fetching).lines).toHaveLength(12);
      expect(stub.requests.map(({ NextPageToken }) => NextPageToken?.replace(/^\w{12}/, "…"))).toEqual([
        undefined,
        "stale",
        undefined,
        "…-1",
        "…-2",
      ]);
    },
  );

  it("that never come to an end are given up", async () => {
    stub.faults = Array.from(
      { length: 8 },
      (_, index): CeFault =>
        index % 2 === 0
          ? { body: { ResultsByTime: [], NextPageToken: "stale" } }
          : { error: "InvalidNextTokenException" },
    );
    await expect(fetchLines(createCeWorld(stub.api()))).rejects.toMatchObject({ code: "unavailable" });
    stub.faults = [1, 2].map((): CeFault => ({ body: { ResultsByTime: [], NextPageToken: "round" } }));
    await expect(fetchLines(createCeWorld(stub.api()))).rejects.toThrow("in a circle");
  });
});

describe("patience", () => {
  it.each(["LimitExceededException", "ThrottlingException"])(
    "waits longer and longer after %s, and is charged once",
    async (error) => {
      const world = createCeWorld(stub.api());
      const began = world.clock.now().getTime();
      stub.faults = [{ error }, { error }, { error }];
      expect((await fetchLines(world)).bill.outcome).toBe("fetched");
      const waited = world.clock.now().getTime() - began;
      expect(waited).toBeGreaterThanOrEqual(7_000);
      expect(waited).toBeLessThanOrEqual(14_000);
      expect(stub.charged).toBe(1);
      expect(Object.values(world.documents("sources/ce/spend"))).toEqual([
        { day: "2024-09-20", paid: 1, lost: 0, open: {} },
      ]);
    },
  );

  it("goes on after 503 twice", async () => {
    stub.faults = [
      { error: "ServiceUnavailable", status: 503 },
      { error: "ServiceUnavailable", status: 503 },
    ];
    expect((await fetchLines(createCeWorld(stub.api()))).bill.outcome).toBe("fetched");
  });

  it("ends: the rest is left to a later run", async () => {
    stub.faults = Array.from({ length: 6 }, () => ({ error: "LimitExceededException" }));
    expect((await fetchLines(createCeWorld(stub.api()))).bill).toMatchObject({
      outcome: "later",
      afterMs: 300_000,
      messages: [expect.stringContaining("keeps asking for a pause: LimitExceededException"), expect.any(String)],
    });
  });
});

describe("money", () => {
  const poor: CeSource = { ...SOURCE, maxDailyCost: parseDecimal("0.02") };

  it("ends at maxDailyCost: the run says so, stops, and goes on the next day without buying a page twice", async () => {
    stub.pageSize = 1;
    const world = createCeWorld(stub.api(), undefined, "2024-09-20T23:00:00.000Z");
    expect((await fetchLines(world, { source: poor })).bill).toEqual({
      outcome: "later",
      afterMs: HOUR,
      messages: [
        "maxDailyCost is spent: 2 calls for 0.02 USD today (UTC); goes on tomorrow, what was bought is kept",
        "2 paid calls, 0.02 of 0.02 USD spent today",
      ],
    });
    expect((await fetchLines(world, { source: poor })).bill.messages[1]).toBe(
      "0 paid calls, 0.02 of 0.02 USD spent today",
    );
    expect(stub.charged).toBe(2);
    world.clock.advance(HOUR);
    expect((await fetchLines(world, { source: poor })).lines).toHaveLength(12);
    expect(stub.charged).toBe(3);
  });

  it("below the price of a call buys nothing", async () => {
    const source = { ...SOURCE, maxDailyCost: parseDecimal("0.0099") };
    expect((await fetchLines(createCeWorld(stub.api()), { source })).bill.outcome).toBe("later");
    expect(stub.requests).toEqual([]);
  });

  it("counts an answer that was lost on its way, because AWS may have charged it", async () => {
    const world = createCeWorld(stub.api());
    stub.faults = ["lost"];
    expect((await fetchLines(world)).bill.messages).toEqual(["1 paid calls, 0.02 of 0.5 USD spent today"]);
    expect(stub.charged).toBe(2);
    expect(Object.values(world.documents("sources/ce/spend"))).toEqual([
      { day: "2024-09-20", paid: 1, lost: 1, open: {} },
    ]);
  });

  it("is not thrown after answers that never arrive", async () => {
    stub.faults = ["lost", "dropped", "lost", "lost"];
    await expect(fetchLines(createCeWorld(stub.api()))).rejects.toMatchObject({ code: "unavailable" });
    expect(stub.requests).toHaveLength(3);
  });

  it("is not spent on periods that Cost Explorer does not have", async () => {
    const world = createCeWorld(stub.api());
    await expect(fetchLines(world, { period: "2023-07" })).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining("from 2023-08 on, not of 2023-07"),
    });
    expect((await fetchLines(world, { period: "2024-10" })).bill).toEqual({
      outcome: "nothing",
      messages: ["2024-10 has not begun"],
    });
    expect(stub.requests).toEqual([]);
    expect((await fetchLines(world, { period: "2023-08" })).bill.outcome).toBe("nothing");
    expect(stub.requests[0]?.TimePeriod).toEqual({ Start: "2023-08-01", End: "2023-09-01" });
  });

  it("is not spent twice by two runs that want the same page at once", async () => {
    const world = createCeWorld(stub.api());
    const runs = await Promise.all([fetchLines(world), fetchLines(world)]);
    expect(stub.charged).toBe(1);
    const outcomes = runs.map(({ bill }) => bill.outcome);
    expect(outcomes).toContain("fetched");
    expect((await fetchLines(world)).bill.outcome).toBe("fetched");
    expect(stub.charged).toBe(1);
  });

  it("is given back when the page turns out to be there already", async () => {
    const world = createCeWorld(stub.api());
    await fetchLines(world);
    const { lake } = world.deps;
    const { get } = lake;
    let hidden = false;
    lake.get = async (key) => {
      const found = await get(key);
      if (hidden || !key.startsWith("sources/ce/pages/")) return found;
      hidden = true;
      return undefined;
    };
    expect((await fetchLines(world)).bill.messages).toEqual(["0 paid calls, 0.01 of 0.5 USD spent today"]);
    expect([hidden, stub.charged]).toEqual([true, 1]);
  });

  it("that a dead run had reserved stays spent, and its page can be bought after two minutes", async () => {
    const world = createCeWorld(stub.api());
    const never = () => new Promise<never>(() => undefined);
    void fetchLines(createCeWorld({ getCostAndUsage: never, accountId: never }, world.deps.lake));
    while (Object.keys(world.documents("sources/ce/spend/")).length === 0) await nextTurn();
    expect((await fetchLines(world)).bill).toMatchObject({ outcome: "later", afterMs: 30_000 });
    world.clock.advance(120_000);
    expect((await fetchLines(world)).bill.messages).toEqual(["1 paid calls, 0.02 of 0.5 USD spent today"]);
  });
});

describe("how long an answer is good", () => {
  it("is eight hours while AWS may change it", async () => {
    stub.estimatedFrom = "2024-09-02";
    const world = createCeWorld(stub.api());
    await fetchLines(world);
    world.clock.advance(8 * HOUR - 1);
    await fetchLines(world);
    expect(stub.charged).toBe(1);
    world.clock.advance(1);
    await fetchLines(world);
    expect(stub.charged).toBe(2);
  });

  it("is what refreshHours says", async () => {
    stub.estimatedFrom = "2024-09-01";
    const world = createCeWorld(stub.api());
    const source = { ...SOURCE, refreshHours: 24 };
    await fetchLines(world, { source });
    world.clock.advance(23 * HOUR);
    await fetchLines(world, { source });
    expect(stub.charged).toBe(1);
    world.clock.advance(HOUR);
    await fetchLines(world, { source });
    expect(stub.charged).toBe(2);
  });

  it("is a day for a month that AWS has closed, and for good two weeks after its end", async () => {
    const world = createCeWorld(stub.api(), undefined, "2024-10-05T00:00:00.000Z");
    const chargedAt = async (advanceHours: number) => {
      world.clock.advance(advanceHours * HOUR);
      await fetchLines(world);
      return stub.charged;
    };
    expect([await chargedAt(0), await chargedAt(20), await chargedAt(4)]).toEqual([1, 1, 2]);
    expect([await chargedAt(10 * 24), await chargedAt(24), await chargedAt(180 * 24)]).toEqual([3, 3, 3]);
  });

  it("ends with another configuration, and pages of the past go", async () => {
    const world = createCeWorld(stub.api());
    await fetchLines(world);
    const pages = () => Object.keys(world.documents("sources/ce/pages/"));
    const before = pages();
    await fetchLines(world, { source: { ...SOURCE, groupBy: ["LINKED_ACCOUNT"] } });
    expect(stub.charged).toBe(2);
    expect(pages()).toHaveLength(1);
    expect(pages()).not.toEqual(before);
  });

  it("is three days for an unfinished look", async () => {
    stub.pageSize = 1;
    const source = { ...SOURCE, maxDailyCost: parseDecimal("0.01") };
    const world = createCeWorld(stub.api());
    await fetchLines(world, { source });
    world.clock.advance(72 * HOUR);
    await fetchLines(world, { source });
    expect(stub.requests.map(({ NextPageToken }) => NextPageToken)).toEqual([undefined, undefined]);
  });
});

describe("answers", () => {
  it("without data are no failure", async () => {
    stub.faults = [{ error: "DataUnavailableException" }];
    expect((await fetchLines(createCeWorld(stub.api()))).bill).toEqual({
      outcome: "nothing",
      messages: [
        "Cost Explorer has no data for this period: DataUnavailableException: told by the stub",
        "0 paid calls, 0 of 0.5 USD spent today",
      ],
    });
  });

  it("without costs bring nothing", async () => {
    stub.charges = [];
    expect((await fetchLines(createCeWorld(stub.api()))).bill).toMatchObject({ outcome: "nothing" });
  });

  const group = (metric: unknown, keys: unknown = ["Usage", "AWS Lambda"]) => ({
    ResultsByTime: [
      {
        TimePeriod: { Start: "2024-09-01", End: "2024-09-02" },
        Groups: [{ Keys: keys, Metrics: { UnblendedCost: metric } }],
      },
    ],
  });

  it.each([
    ["an amount that is null", group({ Amount: null, Unit: "USD" }), "resultsByTime.0.Groups.0.Metrics.UnblendedCost"],
    ["an amount that is no number", group({ Amount: "12,5", Unit: "USD" }), "expected a decimal number"],
    ["a missing key", group({ Amount: "1", Unit: "USD" }, ["Usage"]), "a group with 1 keys instead of 2"],
    [
      "no group's metrics",
      { ResultsByTime: [{ TimePeriod: { Start: "2024-09-01", End: "2024-09-02" }, Groups: [{ Keys: ["a", "b"] }] }] },
      "Metrics",
    ],
    ["no period", { ResultsByTime: [{ Groups: [] }] }, "TimePeriod"],
  ])("with %s are refused and not kept, so that the next run can ask again", async (_what, body, message) => {
    const world = createCeWorld(stub.api());
    stub.faults = [{ body }];
    await expect(fetchLines(world)).rejects.toMatchObject({
      code: "refused",
      message: expect.stringContaining(message),
    });
    expect((await fetchLines(world)).bill.outcome).toBe("fetched");
  });

  it("that are not grouped are read too, and a total beside groups is not counted again", async () => {
    const metrics = { UnblendedCost: { Amount: "5", Unit: "USD" } };
    const day = (start: string, more: object) => ({
      TimePeriod: { Start: start, End: `${start.slice(0, 8)}30` },
      ...more,
    });
    stub.faults = [
      {
        body: {
          ResultsByTime: [
            day("2024-09-01", { Total: metrics }),
            day("2024-09-02", { Total: metrics, Groups: [{ Keys: ["Usage", "AWS Lambda"], Metrics: metrics }] }),
            day("2024-09-03", { Total: { UnblendedCost: { Amount: "0", Unit: "USD" } } }),
          ],
        },
      },
    ];
    const { lines } = await fetchLines(createCeWorld(stub.api()));
    expect(Object.fromEntries(lines.map(({ day: at, keys, amount }) => [at, [keys["SERVICE"], amount]]))).toEqual({
      "2024-09-01": [null, "5"],
      "2024-09-02": ["AWS Lambda", "5"],
    });
  });

  it("name the account that asks where no billing account is configured", async () => {
    const { billingAccountId: _, ...source } = SOURCE;
    const { lines } = await fetchLines(createCeWorld(stub.api()), { source });
    expect(new Set(lines.map(({ payer }) => payer))).toEqual(new Set(["012345678901"]));
  });
});
