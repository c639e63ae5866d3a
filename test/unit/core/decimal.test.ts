import { describe, expect, it } from "vitest";
import {
  abs,
  add,
  divide,
  formatDecimal,
  formatFixed,
  fromInteger,
  fromScaled,
  max,
  min,
  multiply,
  multiplyDivide,
  negate,
  parseDecimal,
  split,
  sum,
  tryParseDecimal,
  ZERO,
} from "../../../shared/core/decimal.ts";

const read = (text: string) => formatDecimal(parseDecimal(text));
const LARGEST = `${"9".repeat(20)}.${"9".repeat(18)}`;

describe("parseDecimal", () => {
  it.each([
    ["0", "0"],
    ["-0", "0"],
    ["-0.000", "0"],
    ["+1.50", "1.5"],
    [".5", "0.5"],
    ["5.", "5"],
    ["-.5", "-0.5"],
    ["007", "7"],
    [" 12.5\t", "12.5"],
    ["4.1E-7", "0.00000041"],
    ["4.33e-07", "0.000000433"],
    ["1e3", "1000"],
    ["1E+3", "1000"],
    ["-1.5e-18", "-0.000000000000000002"],
    ["0e9999", "0"],
    ["1e-9999", "0"],
    ["-1e-9999", "0"],
    [`0.${"0".repeat(100)}1e100`, "0.1"],
    ["16.393506212224391", "16.393506212224391"],
    [LARGEST, LARGEST],
  ])("reads %j as %j", (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  it.each([
    ["0.0000000000000000005", "0"],
    ["0.0000000000000000015", "0.000000000000000002"],
    ["0.0000000000000000025", "0.000000000000000002"],
    ["0.00000000000000000250000000001", "0.000000000000000003"],
    ["-0.0000000000000000005", "0"],
    ["-0.0000000000000000015", "-0.000000000000000002"],
    ["1.0000000000000000024999", "1.000000000000000002"],
  ])("rounds %j half-even to %j", (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  it.each([
    "",
    " ",
    ".",
    "-",
    "+.",
    "e5",
    "1e",
    "1e99999",
    "1,5",
    "1.234,56",
    "1_000",
    "1 000",
    "--1",
    "1.2.3",
    "0x1F",
    "NaN",
    "Infinity",
    "١",
    "1e1.5",
    "$5",
    "5 USD",
    "1e20",
    "1e38",
    `${LARGEST}9`,
  ])("does not take %j for a number", (text) => {
    expect(tryParseDecimal(text)).toBeUndefined();
    expect(() => parseDecimal(text)).toThrow(RangeError);
  });

  it("shows only the beginning of a long text", () => {
    expect(() => parseDecimal("x".repeat(10_000))).toThrow(/^not a decimal number: "x{60}"$/);
  });
});

describe("arithmetic", () => {
  const one = fromInteger(1);

  it("stops at 38 digits instead of wrapping around", () => {
    const largest = parseDecimal(LARGEST);
    expect(() => add(largest, fromScaled(1n))).toThrow(RangeError);
    expect(() => multiply(largest, fromInteger(2))).toThrow(RangeError);
    expect(() => divide(largest, parseDecimal("0.5"))).toThrow(RangeError);
    expect(() => fromInteger(10n ** 20n)).toThrow(RangeError);
    expect(() => fromScaled(-(10n ** 38n))).toThrow(RangeError);
    expect(() => sum([largest, one])).toThrow(RangeError);
    expect(formatDecimal(multiplyDivide(largest, fromInteger(3), fromInteger(3)))).toBe(LARGEST);
  });

  it("refuses to divide by zero", () => {
    expect(() => divide(one, ZERO)).toThrow(/division by zero/);
    expect(() => multiplyDivide(one, one, ZERO)).toThrow(/division by zero/);
  });

  it("rounds products and quotients half-even", () => {
    expect(multiply(fromScaled(1n), parseDecimal("0.5"))).toBe(0n);
    expect(multiply(fromScaled(3n), parseDecimal("0.5"))).toBe(2n);
    expect(multiply(fromScaled(-3n), parseDecimal("0.5"))).toBe(-2n);
    expect(formatDecimal(divide(fromInteger(2), fromInteger(3)))).toBe("0.666666666666666667");
    expect(formatDecimal(divide(fromInteger(-2), fromInteger(3)))).toBe("-0.666666666666666667");
    expect(formatDecimal(divide(fromInteger(2), fromInteger(-3)))).toBe("-0.666666666666666667");
  });

  it("compares, negates and takes magnitudes", () => {
    expect([min(one, ZERO), max(one, ZERO), negate(one), abs(negate(one)), abs(one), negate(ZERO)]).toEqual([
      ZERO,
      one,
      fromInteger(-1),
      one,
      one,
      ZERO,
    ]);
    expect([min(ZERO, one), max(ZERO, one)]).toEqual([ZERO, one]);
  });
});

describe("formatFixed", () => {
  it.each([
    ["0.005", 2, "0.00"],
    ["0.015", 2, "0.02"],
    ["-0.004", 2, "0.00"],
    ["-1.5", 0, "-2"],
    ["2.5", 0, "2"],
    ["1234.5", 2, "1234.50"],
    ["0.000000000000000001", 18, "0.000000000000000001"],
  ])("writes %j with %i places as %j", (text, places, expected) => {
    expect(formatFixed(parseDecimal(text), places)).toBe(expected);
  });
});

describe("split", () => {
  it("splits evenly when nothing has weight, the first taking the remainder", () => {
    expect(split(fromScaled(10n), [ZERO, ZERO, ZERO])).toEqual([4n, 3n, 3n]);
  });

  it("gives the remainder to the largest weight", () => {
    expect(split(fromScaled(10n), [1n, 5n, 1n].map(fromScaled))).toEqual([1n, 8n, 1n]);
    expect(split(fromScaled(-10n), [1n, 5n, 1n].map(fromScaled))).toEqual([-1n, -8n, -1n]);
  });

  it("refuses negative weights and no weights", () => {
    expect(() => split(fromInteger(1), [])).toThrow(RangeError);
    expect(() => split(fromInteger(1), [fromInteger(2), fromInteger(-1)])).toThrow(RangeError);
  });

  it("takes weights whose sum has more than 38 digits", () => {
    const huge = parseDecimal(LARGEST);
    expect(split(fromInteger(2), [huge, huge])).toEqual([fromInteger(1), fromInteger(1)]);
  });
});

describe("tryParseDecimal of far exponents", () => {
  it("refuses what 38 digits cannot hold, and reads zero whatever its exponent", () => {
    expect(tryParseDecimal("1e60")).toBeUndefined();
    expect(tryParseDecimal("1e9999")).toBeUndefined();
    expect(tryParseDecimal("0e9999")).toBe(0n);
    expect(tryParseDecimal("1e-9999")).toBe(0n);
  });
});
