import { describe, expect, it } from "vitest";
import { parseDecimal, ZERO } from "../../../../shared/core/decimal.ts";
import {
  type AccountingLine,
  accountingMessages,
  addAccounting,
  assertWhole,
} from "../../../../shared/ledger/collect/accounting.ts";

const lines = (...pairs: [string, number][]): AccountingLine[] => pairs.map(([label, rows]) => ({ label, rows }));

describe("row accounting", () => {
  it("says what was dropped and added", () => {
    const accounting = lines(["source", 3], ["negations", -2], ["twins", 1], ["nothing", 0]);
    expect(accountingMessages(accounting)).toEqual(["3 source rows − 2 negations + 1 twins"]);
    expect(accountingMessages(lines(["source", 3], ["nothing", 0]))).toEqual([]);
  });

  it("adds what was counted in parts, line by line", () => {
    const sum = addAccounting([lines(["source", 3], ["twins", 1]), lines(["source", 4]), lines(["twins", -1])]);
    expect(sum).toEqual(lines(["source", 7], ["twins", 0]));
  });
});

describe("a whole bill", () => {
  const bill = { accounting: lines(["source", 2]), control: undefined, periods: [{ billingPeriod: "2024-09" }] };

  it("has the rows that its manifest promises", () => {
    expect(() => assertWhole(bill, [{ expectedRows: 5, manifest: "manifest.json" }])).toThrow(
      "the manifest says 5 rows, the files have 2 (file manifest.json)",
    );
    expect(() => assertWhole(bill, [{ expectedRows: 2 }])).not.toThrow();
    expect(() => assertWhole(bill, [{ expectedRows: 1 }, {}])).not.toThrow();
    expect(() => assertWhole(bill, [{ expectedRows: 1 }, { expectedRows: 1 }])).not.toThrow();
  });

  it("L1: has rows of every period that has a total", () => {
    const total = (amount: string) => [
      { metric: "BilledCost" as const, currency: "USD", amount: parseDecimal(amount) },
    ];
    const control = new Map([
      ["2024-09", total("1")],
      ["2024-10", total("2.5")],
    ]);
    expect(() => assertWhole({ ...bill, control }, [])).toThrow(
      "the source's BilledCost of 2024-10 is 2.5 USD, and none of its rows is of that period",
    );
    const nothing = [{ metric: "BilledCost" as const, currency: "USD", amount: ZERO }];
    expect(() => assertWhole({ ...bill, control: new Map([["2024-10", nothing]]) }, [])).not.toThrow();
  });
});
