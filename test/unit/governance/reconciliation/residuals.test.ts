import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDecimal, fromScaled, parseDecimal, sum } from "../../../../shared/core/decimal.ts";
import type { LedgerLine } from "../../../../shared/governance/reconciliation/ledger-line.ts";
import { observeResiduals } from "../../../../shared/governance/reconciliation/observe-residuals.ts";
import { type Comparison, compareTotals } from "../../../../shared/governance/reconciliation/residuals.ts";
import type { ProviderTotal } from "../../../../shared/ports/independent-totals.ts";

const line = (amount: string, more: Partial<LedgerLine> = {}): LedgerLine => ({
  account: "111",
  invoice: undefined,
  currency: "USD",
  category: "Usage",
  correction: false,
  amount: parseDecimal(amount),
  ...more,
});
const total = (amount: string, more: Partial<ProviderTotal> = {}): ProviderTotal => ({
  account: "111",
  invoice: undefined,
  currency: "USD",
  amount: parseDecimal(amount),
  estimated: false,
  ...more,
});
const compare = (lines: LedgerLine[], totals: ProviderTotal[], more: Partial<Comparison> = {}) =>
  compareTotals({ lines, totals, unread: false, open: false, ...more }).map(({ account, residual, parts }) => [
    account,
    formatDecimal(residual),
    ...parts.map(({ reason, amount }) => `${reason} ${formatDecimal(amount)}`),
  ]);

describe("compareTotals", () => {
  it("gives 0 without a reason when both agree to the last digit", () => {
    expect(compare([line("0.1"), line("0.2")], [total("0.3")])).toEqual([["111", "0"]]);
  });

  it.each([
    ["tax", [line("10"), line("1.9", { category: "Tax" })], [total("10")], ["1.9", "tax 1.9"]],
    ["a credit", [line("10"), line("-4", { category: "Credit" })], [total("10")], ["-4", "credit -4"]],
    [
      "tax and a purchase together",
      [line("10"), line("1.9", { category: "Tax" }), line("100", { category: "Purchase" })],
      [total("10")],
      ["101.9", "tax 1.9", "purchase 100"],
    ],
    ["a correction", [line("10"), line("-3", { correction: true })], [total("10")], ["-3", "correction -3"]],
    ["a cent", [line("10.004")], [total("10")], ["0.004", "rounding 0.004"]],
    [
      "tax, and the cent it was rounded to",
      [line("10"), line("1.904", { category: "Tax" })],
      [total("9.996")],
      ["1.908", "tax 1.904", "rounding 0.004"],
    ],
    ["a provider that still estimates", [line("10")], [total("12", { estimated: true })], ["-2", "timing -2"]],
    ["nothing it knows", [line("10")], [total("12")], ["-2", "unexplained -2"]],
  ])("explains %s", (_name, lines, totals, expected) => {
    expect(compare(lines, totals)).toEqual([["111", ...expected]]);
  });

  it("calls an open period's difference timing, and an unread one unread", () => {
    expect(compare([line("10")], [total("12")], { open: true })).toEqual([["111", "-2", "timing -2"]]);
    expect(compare([], [total("12")], { unread: true })).toEqual([["111", "-12", "unread-period -12"]]);
  });

  it("finds what an account lacks in the lines without an account", () => {
    expect(compare([line("7"), line("3", { account: "" })], [total("10")])).toEqual([
      ["111", "-3", "missing-tag -3"],
      ["", "3", "missing-tag 3"],
    ]);
  });

  it("says of lines without an account what kind they are where that explains them", () => {
    expect(compare([line("7"), line("1.4", { account: "", category: "Tax" })], [total("7")])).toEqual([
      ["111", "0"],
      ["", "1.4", "tax 1.4"],
    ]);
  });

  it("still knows an account that the bill lacks when other lines have no account", () => {
    expect(compare([line("3", { account: "" })], [total("5")])).toEqual([
      ["", "3", "missing-tag 3"],
      ["111", "-5", "not-in-bill -5"],
    ]);
  });

  it("calls a yen rounding where money has no cents", () => {
    const yen = { currency: "JPY" };
    expect(compare([line("1000.4", yen)], [total("1000", yen)])).toEqual([["111", "0.4", "rounding 0.4"]]);
    expect(compare([line("10.4")], [total("10")])).toEqual([["111", "0.4", "unexplained 0.4"]]);
  });

  it("names accounts that only one side has", () => {
    expect(compare([line("7"), line("3", { account: "222" })], [total("7"), total("5", { account: "333" })])).toEqual([
      ["111", "0"],
      ["222", "3", "not-in-total 3"],
      ["333", "-5", "not-in-bill -5"],
    ]);
  });

  it("compares invoice by invoice when every total names one, and never adds currencies", () => {
    const lines = [
      line("1", { invoice: "a" }),
      line("2", { invoice: "b" }),
      line("5", { invoice: "a", currency: "EUR" }),
    ];
    const totals = [
      total("1", { invoice: "a" }),
      total("2", { invoice: "b" }),
      total("5", { invoice: "a", currency: "EUR" }),
    ];
    const found = compareTotals({ lines, totals, unread: false, open: false });
    expect(found.map(({ invoice, currency, residual }) => [invoice, currency, formatDecimal(residual)])).toEqual([
      ["a", "USD", "0"],
      ["b", "USD", "0"],
      ["a", "EUR", "0"],
    ]);
  });

  it("compares an account as a whole when one of its lines has no invoice yet", () => {
    const other = { account: "222" };
    const found = compareTotals({
      lines: [line("1", { invoice: "a" }), line("2"), line("5", { ...other, invoice: "c" })],
      totals: [total("1", { invoice: "a" }), total("2", { invoice: "b" }), total("5", { ...other, invoice: "c" })],
      unread: false,
      open: false,
    });
    expect(found.map(({ account, invoice, residual }) => [account, invoice, formatDecimal(residual)])).toEqual([
      ["111", undefined, "0"],
      ["222", "c", "0"],
    ]);
  });

  it("loses nothing: residuals add up to ledger − independent, and parts to their residual", () => {
    const amount = fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }).map(fromScaled);
    const account = fc.constantFrom("111", "222", "");
    const invoice = fc.constantFrom("a", "b", undefined);
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            account,
            invoice,
            amount,
            category: fc.constantFrom("Usage", "Tax", "Credit"),
            correction: fc.boolean(),
          }),
        ),
        fc.array(fc.record({ account, invoice, amount, estimated: fc.boolean() })),
        fc.record({ unread: fc.boolean(), open: fc.boolean() }),
        (lines, totals, flags) => {
          const found = compareTotals({
            lines: lines.map((own) => ({ ...own, currency: "USD" })),
            totals: totals.map((own) => ({ ...own, currency: "USD" })),
            ...flags,
          });
          const added = (items: readonly { amount: bigint }[]) => items.reduce((all, item) => all + item.amount, 0n);
          expect(found.reduce((all, { residual }) => all + residual, 0n)).toBe(added(lines) - added(totals));
          for (const { residual, parts } of found) expect(sum(parts.map((part) => part.amount))).toBe(residual);
        },
      ),
    );
  });
});

describe("observeResiduals", () => {
  it("makes findings of residuals above the bound only, and is louder about what nothing explains", () => {
    const residuals = compareTotals({
      lines: [
        line("10"),
        line("5", { account: "222" }),
        line("3", { account: "222", category: "Tax" }),
        line("1", { account: "333" }),
      ],
      totals: [total("12"), total("5", { account: "222" }), total("1.5", { account: "333" })],
      unread: false,
      open: false,
    });
    const found = observeResiduals(residuals, { source: "aws", period: "2024-09", bound: parseDecimal("1") });
    expect(found.map(({ level, subject, title }) => ({ level, subject, title }))).toEqual([
      {
        level: "warning",
        subject: "aws/111//USD",
        title: "aws 2024-09: account 111 differs from the provider's own total by -2 USD",
      },
      {
        level: "info",
        subject: "aws/222//USD",
        title: "aws 2024-09: account 222 differs from the provider's own total by 3 USD",
      },
    ]);
    expect(found[0]?.period).toEqual({ start: "2024-09-01", end: "2024-10-01" });
  });
});
