import { describe, expect, it } from "vitest";
import { isCurrency } from "../../../../shared/core/currency.ts";
import { formatDecimal } from "../../../../shared/core/decimal.ts";
import { currencyOfText, parseAmountText } from "../../../../shared/governance/inbound-alerts/amount-text.ts";

function read(text: string, currency?: string): string | undefined {
  const amount = parseAmountText(text, currency);
  return amount === undefined ? undefined : formatDecimal(amount);
}

describe("parseAmountText", () => {
  it.each([
    ["$11,111.00", "11111"],
    ["$0.75", "0.75"],
    ["$1,234,567.89", "1234567.89"],
    ["1.234.567,89 €", "1234567.89"],
    ["1.234,56 €", "1234.56"],
    ["412,5 €", "412.5"],
    ["1 234,56 €", "1234.56"],
    ["1\u00a0234,56\u00a0€", "1234.56"],
    ["1\u202f234,56 zł", "1234.56"],
    ["CHF 1’234.50", "1234.5"],
    ["₹1,00,000.00", "100000"],
    ["¥123,456", "123456"],
    ["R$ 1.234,00", "1234"],
    ["1.234 €", "1234"],
    ["1,234 kr", "1234"],
    ["0,125 €", "0.125"],
    ["-$5.00", "-5"],
    ["($5.00)", "-5"],
    ["−5,00 €", "-5"],
    ["$ 500", "500"],
    ["412.555", "412.555"],
    ["1234", "1234"],
    ["USD 500.00", "500"],
  ])("reads %s as %s", (text, amount) => {
    expect(read(text)).toBe(amount);
  });

  it("keeps three fraction digits of currencies that have them", () => {
    expect(read("KWD 1.234", "KWD")).toBe("1.234");
  });

  it.each(["", "free", "80%", "1 of 2 $", "$", "12.3.4,5.6,7 and 8", "9".repeat(60), "1".repeat(101)])(
    "does not guess at %j",
    (text) => {
      expect(read(text)).toBeUndefined();
    },
  );
});

describe("currencyOfText", () => {
  it.each([
    ["$412.55", "USD"],
    ["-$5.00", "USD"],
    ["412,55 €", "EUR"],
    ["£3", "GBP"],
    ["CAD 5.00", "CAD"],
    ["R$ 5,00", undefined],
    ["¥500", undefined],
  ])("finds in %s the currency %s", (text, currency) => {
    expect(currencyOfText(text, isCurrency)).toBe(currency);
  });
});
