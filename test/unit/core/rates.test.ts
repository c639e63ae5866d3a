import { describe, expect, it } from "vitest";
import { formatDecimal, parseDecimal } from "../../../shared/core/decimal.ts";
import { GenOpsError } from "../../../shared/core/errors.ts";
import { convert, NO_RATES, parseRates } from "../../../shared/core/rates.ts";

const table = parseRates("date,from,to,rate\n2024-09-02,EUR,USD,1.1\n2024-09-01,EUR,USD,1.2\n", "rates.csv");
const money = (amount: string, currency: string) => ({ amount: parseDecimal(amount), currency });

function converted(amount: string, currency: string, to: string, day: string): string {
  return formatDecimal(convert(table, money(amount, currency), to, day).amount);
}

describe("convert", () => {
  it("takes the latest rate that is not after the day", () => {
    expect(converted("10", "EUR", "USD", "2024-09-01")).toBe("12");
    expect(converted("10", "EUR", "USD", "2024-09-02")).toBe("11");
    expect(converted("10", "EUR", "USD", "2025-01-01")).toBe("11");
  });

  it("keeps every digit", () => {
    expect(converted("0.000000000000000001", "EUR", "USD", "2024-09-01")).toBe("0.000000000000000001");
    expect(converted("12345678901234567.89", "EUR", "USD", "2024-09-02")).toBe("13580246791358024.679");
  });

  it("divides by the rate of the other direction, rounded half-even", () => {
    expect(converted("10", "USD", "EUR", "2024-09-02")).toBe("9.090909090909090909");
  });

  it("prefers the newer of both directions", () => {
    const both = parseRates("date,from,to,rate\n2024-01-01,EUR,USD,2\n2024-06-01,USD,EUR,0.25\n", "rates.csv");
    expect(convert(both, money("1", "EUR"), "USD", "2024-03-01").amount).toBe(parseDecimal("2"));
    expect(convert(both, money("1", "EUR"), "USD", "2024-07-01").amount).toBe(parseDecimal("4"));
  });

  it("leaves the currency that is asked for alone", () => {
    expect(convert(NO_RATES, money("1.5", "USD"), "USD", "2024-09-01")).toEqual(money("1.5", "USD"));
  });

  it("refuses without a rate and names currencies and day", () => {
    expect(() => converted("1", "EUR", "USD", "2024-08-31")).toThrow("no exchange rate from EUR to USD for 2024-08-31");
    expect(() => converted("1", "GBP", "USD", "2024-09-03")).toThrow(GenOpsError);
  });
});

describe("parseRates", () => {
  it("reads columns in any order, quotes, a BOM and Windows line ends", () => {
    const read = parseRates('\uFEFFrate,"date",to,from\r\n"0.9",2024-09-01,EUR,USD\r\n\r\n', "rates.csv");
    expect(formatDecimal(convert(read, money("10", "USD"), "EUR", "2024-09-01").amount)).toBe("9");
  });

  it.each([
    ["date,from,to\n", "expected a header with date, from, to, rate (file r.csv, line 1, column rate)"],
    ["date,from,to,rate,note\n", "expected only the columns date, from, to, rate (file r.csv, line 1, column note)"],
    [
      "date,from,to,rate\n2024-13-01,EUR,USD,1\n",
      'expected a day such as 2024-09-01, found "2024-13-01" (file r.csv, line 2, column date)',
    ],
    [
      "date,from,to,rate\n2024-01-01,EURO,USD,1\n",
      'expected an ISO 4217 currency code, found "EURO" (file r.csv, line 2, column from)',
    ],
    [
      "date,from,to,rate\n2024-01-01,USD,USD,1\n",
      'expected another ISO 4217 currency code, found "USD" (file r.csv, line 2, column to)',
    ],
    [
      "date,from,to,rate\n2024-01-01,EUR,USD,0\n",
      'expected a rate above zero such as 1.0834, found "0" (file r.csv, line 2, column rate)',
    ],
    ["date,from,to,rate\n2024-01-01,EUR,USD,1,08\n", "expected 4 values, found 5 (file r.csv, line 2)"],
    [
      "date,from,to,rate\n2024-01-01,EUR,USD,1\n2024-01-01,EUR,USD,2\n",
      "a second rate EUR to USD for 2024-01-01 (file r.csv, line 3)",
    ],
    ["", "expected a header with date, from, to, rate (file r.csv, line 1, column date)"],
  ])("says where %j is wrong", (text, message) => {
    expect(() => parseRates(text, "r.csv")).toThrow(message);
  });
});
