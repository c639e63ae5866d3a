import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SharedCostRule } from "../../../shared/config/types.ts";
import { add, formatDecimal, fromInteger, parseDecimal, ZERO } from "../../../shared/core/decimal.ts";
import type { Report } from "../../../shared/ledger/report.ts";
import { createFolders } from "../../support/collect-deps.ts";
import type { BillLine } from "../../support/focus-bill.ts";
import { createLedgerFixture, type LedgerFixture } from "../../support/ledger-fixture.ts";
import { allocationOf } from "../ingestion/allocation/config.ts";

const folders = createFolders();
afterAll(() => folders.clean());

const LINES: BillLine[] = [
  { day: "2024-09-01", billed: "10", effective: "8", service: "Amazon EC2", tags: { Team: "ml" } },
  { day: "2024-09-02", billed: "-2.5", service: "Amazon EC2", tags: { team: "ml" } },
  { day: "2024-09-30", billed: "7", service: "Support", account: "999900001111" },
  {
    day: "2024-09-30",
    billed: "3",
    currency: "EUR",
    provider: "Microsoft",
    service: "Virtual Machines",
    tags: { TEAM: "web" },
  },
  // Charged in August, billed in September.
  { day: "2024-08-31", period: "2024-09", billed: "1.000000000000000001", service: "Amazon EC2" },
];

const byKey = (report: Report, name: string) =>
  Object.fromEntries(report.rows.map(({ keys, currency, amount }) => [`${keys[name] ?? "null"} ${currency}`, amount]));

let ledger: LedgerFixture;
beforeAll(async () => {
  ledger = await createLedgerFixture(folders);
  const runs = await ledger.load(LINES);
  expect(runs.map(({ status }) => status)).toEqual(["replaced"]);
});

describe("reportCosts", () => {
  it("adds per currency, exactly, and never across currencies", async () => {
    const report = await ledger.report();
    expect(report.rows.map(({ keys, currency, amount, rows }) => [keys, currency, amount, rows])).toEqual([
      [{}, "EUR", "3", 1],
      [{}, "USD", "15.500000000000000001", 4],
    ]);
    expect(report.totals).toEqual([
      { currency: "EUR", amount: "3" },
      { currency: "USD", amount: "15.500000000000000001" },
    ]);
  });

  it("takes the cost that was asked for", async () => {
    expect((await ledger.report({ cost: "effective" })).totals).toContainEqual({
      currency: "USD",
      amount: "13.500000000000000001",
    });
    expect((await ledger.report({ cost: "list", by: ["resource_id"] })).totals).toContainEqual({
      currency: "USD",
      amount: "15.500000000000000001",
    });
    expect((await ledger.report({ cost: "contracted" })).totals).toContainEqual({ currency: "EUR", amount: "3" });
  });

  it("groups by allocation whatever the case of the tag key", async () => {
    expect(byKey(await ledger.report({ by: ["team"] }), "team")).toEqual({
      "ml USD": "7.5",
      "unallocated USD": "8.000000000000000001",
      "web EUR": "3",
    });
  });

  it("gives null where a column is null", async () => {
    const report = await ledger.report({ by: ["region", "resource_id"] });
    expect(report.rows.map(({ keys }) => keys)).toEqual([
      { region: null, resource_id: null },
      { region: null, resource_id: null },
    ]);
  });

  it("selects months by billing period and ranges of days by charge date", async () => {
    const month = { start: "2024-09-01", end: "2024-10-01" };
    for (const by of [["provider"], ["provider", "sku_id"]]) {
      const billing = await ledger.report({ by, period: { ...month, basis: "billing" } });
      expect(billing.totals).toContainEqual({ currency: "USD", amount: "15.500000000000000001" });
      const charge = await ledger.report({ by, period: { ...month, basis: "charge" } });
      expect(charge.totals).toContainEqual({ currency: "USD", amount: "14.5" });
      const before = await ledger.report({ by, period: { start: "2024-08-01", end: "2024-09-01", basis: "billing" } });
      expect(before.totals).toEqual([]);
    }
  });

  it("answers a range of days by billing period the same from the cube and from the rows", async () => {
    const answers = [];
    for (const [start, end] of [
      ["2024-09-01", "2024-09-15"],
      ["2024-08-31", "2024-09-01"],
      ["2024-08-15", "2024-09-02"],
      ["2024-09-02", "2024-10-15"],
    ] as const) {
      const [cube, rows] = [["service"], ["service", "sku_id"]];
      const period = { start, end, basis: "billing" } as const;
      const totals = [
        (await ledger.report({ by: cube ?? [], period })).totals,
        (await ledger.report({ by: rows ?? [], period })).totals,
      ];
      expect(totals[0]).toEqual(totals[1]);
      answers.push(totals[0]?.length);
    }
    expect(answers).toEqual([2, 0, 2, 0]);
  });

  it("says how much of an amount is settled, per provider", async () => {
    const settled = async (settledAfterDays: Record<string, number>, by: string[] = []) =>
      Object.fromEntries(
        (await ledger.report({ settledAfterDays, by, now: new Date("2024-10-02T12:00:00Z") })).rows.map((row) => [
          row.currency,
          row.settled,
        ]),
      );
    for (const by of [[], ["sku_id"]]) {
      expect(await settled({ default: 3 }, by)).toEqual({ USD: "8.500000000000000001", EUR: "0" });
      expect(await settled({ default: 3, azure: 1 }, by)).toEqual({ USD: "8.500000000000000001", EUR: "3" });
      expect(await settled({ default: 1, azure: 9 }, by)).toEqual({ USD: "15.500000000000000001", EUR: "0" });
      expect(await settled({ default: 400 }, by)).toEqual({ USD: "0", EUR: "0" });
    }
  });

  it("says what an amount is expected to end at, and how its providers' days fill up", async () => {
    const lag = (...shares: number[]) => ({ days: 40, ages: shares.map((share) => ({ share, spread: 0 })) });
    const services = new Map([["Support", lag(0.5, 0.7)]]);
    const lags = { providers: new Map([["aws", { ...lag(0.8, 0.9), services }]]), unreadable: [] };
    for (const by of [["service"], ["service", "sku_id"]]) {
      const report = await ledger.report({ by, lags, now: new Date("2024-10-02T12:00:00Z") });
      const told = Object.fromEntries(
        report.rows.map(({ keys, expected, completeness }) => [keys["service"], [expected, completeness]]),
      );
      // Support of 30 September is one full day old: 70 % are there; a machine on Azure is believed to be at 95 %.
      expect(told).toEqual({
        "Amazon EC2": ["8.500000000000000001", "1"],
        Support: ["10.003", "0.6998"],
        "Virtual Machines": ["3.159", "0.9497"],
      });
      expect(
        report.lags?.map(({ provider, complete, settledAfterDays }) => [provider, complete, settledAfterDays]),
      ).toEqual([
        ["aws", ["0.800", "0.900", "1.000"], 3],
        ["azure", ["0.800", "0.950", "0.990"], 3],
      ]);
    }
    expect((await ledger.report({ now: new Date("2024-12-02T12:00:00Z") })).lags).toBeUndefined();
    const damaged = { ...lags, unreadable: ["completeness/any/2024-09.json"] };
    expect((await ledger.report({ lags: damaged, now: new Date("2024-10-02T12:00:00Z") })).unreadable).toEqual(
      damaged.unreadable,
    );
  });

  it("orders by time where time is asked for, else by amount", async () => {
    const days = (await ledger.report({ by: ["date"] })).rows.map(({ keys }) => keys["date"]);
    expect(days).toEqual(["2024-08-31", "2024-09-01", "2024-09-02", "2024-09-30", "2024-09-30"]);
    const services = (await ledger.report({ by: ["service"] })).rows.filter(({ currency }) => currency === "USD");
    expect(services.map(({ keys }) => keys["service"])).toEqual(["Amazon EC2", "Support"]);
    expect(
      (await ledger.report({ by: ["month"] })).rows.map(({ keys, currency, amount }) => [
        keys["month"],
        currency,
        amount,
      ]),
    ).toEqual([
      ["2024-08", "USD", "1.000000000000000001"],
      ["2024-09", "EUR", "3"],
      ["2024-09", "USD", "14.5"],
    ]);
  });

  it.each([
    "team_name",
    "constructor",
    "toString",
    "__proto__",
    "hasOwnProperty",
    "",
    "x_CostSource",
    "ServiceName",
    "1; DROP TABLE cube",
    'service" FROM cube; --',
    "billed",
    "(SELECT 1)",
  ])("does not know the dimension %j", async (name) => {
    for (const by of [[name], ["service", name], [name, "sku_id"]]) {
      await expect(ledger.report({ by })).rejects.toMatchObject({
        code: "usage",
        message: expect.stringContaining("unknown dimension"),
      });
    }
  });

  it("takes values from bills as values, whatever is in them", async () => {
    const evil = await createLedgerFixture(folders);
    const service = `x'; DROP VIEW cube; SELECT '`;
    const team = `ml" OR '1'='1`;
    await evil.load([
      { billed: "5", service, tags: { team } },
      { billed: "2", service: "Support" },
    ]);
    const rule: SharedCostRule = {
      name: "r",
      match: { service: [service, "it's"] },
      over: "team",
      method: "fixed",
      weights: { [`a'b"`]: fromInteger(1) },
      among: [],
    };
    const report = await evil.report({
      by: ["service", "team"],
      allocation: allocationOf({ shared: [rule], accounts: { [`'; --`]: { team: "x" } } }),
    });
    expect(report.rows.map(({ keys, amount }) => [keys["service"], keys["team"], amount])).toEqual([
      [service, `a'b"`, "5"],
      ["Support", "unallocated", "2"],
    ]);
  });

  it("is empty over an empty lake, by cube and by rows", async () => {
    const empty = await createLedgerFixture(folders);
    for (const by of [[], ["date", "team"], ["resource_id"], ["source", "billing_period", "metered"]]) {
      expect(await empty.report({ by })).toMatchObject({ rows: [], totals: [], by });
    }
  });

  it("reads only the sources that are asked for", async () => {
    const two = await createLedgerFixture(folders);
    await two.load([{ billed: "1" }], { id: "one" });
    await two.load([{ billed: "2", account: "222233334444" }], { id: "two" });
    for (const by of [["source"], ["source", "sku_id"]]) {
      expect(byKey(await two.report({ by }), "source")).toEqual({ "one USD": "1", "two USD": "2" });
      expect(byKey(await two.report({ by, sources: ["two"] }), "source")).toEqual({ "two USD": "2" });
      expect((await two.report({ by, sources: [] })).rows).toEqual([]);
    }
  });
});

describe("reportCosts with shared costs", () => {
  const fixed: SharedCostRule = {
    name: "support",
    match: { service: ["Support"] },
    over: "team",
    method: "fixed",
    weights: { ml: fromInteger(1), platform: fromInteger(2) },
    among: [],
  };

  it("shows teams that receive shares and have no rows of their own, and conserves the total", async () => {
    const report = await ledger.report({ by: ["team"], allocation: allocationOf({ shared: [fixed] }) });
    expect(byKey(report, "team")).toEqual({
      "ml USD": "9.833333333333333333",
      "platform USD": "4.666666666666666667",
      "unallocated USD": "1.000000000000000001",
      "web EUR": "3",
    });
    const plain = await ledger.report({ by: ["team"] });
    expect(report.totals).toEqual(plain.totals);
  });

  it("shows a receiver that is the smaller one of every row it receives from", async () => {
    const rule = { ...fixed, weights: { big: fromInteger(9), small: fromInteger(1) } };
    const found = byKey(await ledger.report({ by: ["team"], allocation: allocationOf({ shared: [rule] }) }), "team");
    expect(found["small USD"]).toBe("0.7");
    const total = Object.entries(found).reduce(
      (sum, [key, amount]) => (key.endsWith("USD") ? add(sum, parseDecimal(amount)) : sum),
      ZERO,
    );
    expect(formatDecimal(total)).toBe("15.500000000000000001");
  });
});
