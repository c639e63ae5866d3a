import { describe, expect, it } from "vitest";
import { CURRENCIES, isCurrency } from "../../../shared/core/currency.ts";

/** Codes that a runtime's ISO data has and money in use has not: funds codes, metals, test codes, codes out of use. */
const NO_MONEY = /^X[A-Z]{2}$/;

describe("currencies", () => {
  it("are three capital letters, each once", () => {
    expect([...CURRENCIES].every((code) => /^[A-Z]{3}$/.test(code))).toBe(true);
    expect([...CURRENCIES]).toEqual([...CURRENCIES].toSorted());
    expect(CURRENCIES.size).toBeGreaterThan(150);
  });

  it("are all known to the runtime's own list, except the newest", () => {
    const known = new Set(Intl.supportedValuesOf("currency"));
    expect([...CURRENCIES].filter((code) => !known.has(code) && !["VED", "XCG", "ZWG"].includes(code))).toEqual([]);
  });

  it("include what clouds bill in, and nothing that is no money", () => {
    expect(
      "USD EUR GBP JPY CNY INR BRL CHF AUD CAD SEK NOK DKK KRW TWD NZD ZAR MXN XOF".split(" ").every(isCurrency),
    ).toBe(true);
    expect(["XXX", "XTS", "XAU", "usd", "US", "USDT", "", "DEM", "__proto__"].some(isCurrency)).toBe(false);
    expect([...CURRENCIES].filter((code) => NO_MONEY.test(code)).sort()).toEqual(["XAF", "XCD", "XCG", "XOF", "XPF"]);
  });
});
