import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  add,
  type Decimal,
  divide,
  formatDecimal,
  formatFixed,
  fromScaled,
  max,
  multiply,
  multiplyDivide,
  negate,
  parseDecimal,
  SCALE,
  split,
  subtract,
  sum,
  tryParseDecimal,
} from "../../../shared/core/decimal.ts";

const UNIT = 10n ** BigInt(SCALE);
const decimal = fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n }).map(fromScaled);
/** Small enough for products of three to stay within 38 digits. */
const modest = fc.bigInt({ min: -(10n ** 23n), max: 10n ** 23n }).map(fromScaled);
const positive = fc.bigInt({ min: 1n, max: 10n ** 25n }).map(fromScaled);
const weights = fc.array(fc.bigInt({ min: 0n, max: 10n ** 22n }).map(fromScaled), { minLength: 1, maxLength: 12 });

/** True when `rounded` is the integer nearest to numerator ÷ denominator, ties to the even one: no arithmetic of the code under test. */
function isHalfEven(rounded: bigint, numerator: bigint, denominator: bigint): boolean {
  const scale = denominator < 0n ? -1n : 1n;
  const distance = 2n * (rounded * denominator - numerator) * scale;
  const limit = denominator * scale;
  const tie = distance === limit || distance === -limit;
  return tie ? rounded % 2n === 0n : -limit < distance && distance < limit;
}

describe("decimal", () => {
  it("reads what it writes", () => {
    fc.assert(
      fc.property(decimal, (value) => {
        const text = formatDecimal(value);
        expect(parseDecimal(text)).toBe(value);
        expect(text).toMatch(/^(?!-0$)-?(0|[1-9]\d*)(\.\d*[1-9])?$/);
      }),
    );
  });

  it("reads plain and exponent notation as the same number", () => {
    const digits = fc.stringMatching(/^\d{1,16}$/);
    fc.assert(
      fc.property(
        fc.constantFrom("", "-", "+"),
        digits,
        digits,
        fc.integer({ min: -30, max: 18 }),
        (sign, whole, fraction, exponent) => {
          const scaled = BigInt(whole + fraction) * (sign === "-" ? -1n : 1n);
          const shift = SCALE - fraction.length + exponent;
          const [numerator, denominator] =
            shift >= 0 ? [scaled * 10n ** BigInt(shift), 1n] : [scaled, 10n ** BigInt(-shift)];
          const limit = 10n ** 38n * denominator;
          const read = tryParseDecimal(`${sign}${whole}.${fraction}${exponent % 2 === 0 ? "e" : "E"}${exponent}`);
          if (read === undefined) expect(numerator >= limit || numerator <= -limit).toBe(true);
          else expect(isHalfEven(read, numerator, denominator)).toBe(true);
        },
      ),
    );
  });

  it("adds and subtracts exactly", () => {
    fc.assert(
      fc.property(decimal, decimal, decimal, (a, b, c) => {
        expect(add(a, b)).toBe(a + b);
        expect(subtract(a, b)).toBe(a - b);
        expect(subtract(add(a, b), b)).toBe(a);
        expect(sum([a, b, c])).toBe(sum([c, a, b]));
        expect(add(a, negate(a))).toBe(0n);
      }),
    );
  });

  it("multiplies and divides with one half-even rounding", () => {
    const divisor = modest.filter((value) => value !== 0n);
    fc.assert(
      fc.property(modest, modest, divisor, (a, b, c) => {
        if (a * b < 10n ** 55n && a * b > -(10n ** 55n)) expect(isHalfEven(multiply(a, b), a * b, UNIT)).toBe(true);
        const fits = (numerator: bigint) => numerator / c < 10n ** 37n && numerator / c > -(10n ** 37n);
        if (fits(a * UNIT)) expect(isHalfEven(divide(a, c), a * UNIT, c)).toBe(true);
        if (fits(a * b)) expect(isHalfEven(multiplyDivide(a, b, c), a * b, c)).toBe(true);
      }),
    );
  });

  it("rounds for people half-even and pads", () => {
    fc.assert(
      fc.property(decimal, fc.integer({ min: 0, max: SCALE }), (value, places) => {
        const text = formatFixed(value, places);
        expect(text).toMatch(places === 0 ? /^-?\d+$/ : new RegExp(`^-?\\d+\\.\\d{${places}}$`));
        expect(text).not.toMatch(/^-0*\.?0*$/);
        expect(isHalfEven(BigInt(text.replace(".", "")), value, 10n ** BigInt(SCALE - places))).toBe(true);
      }),
    );
  });

  it("splits so that the parts add up, follow the weights, and are the same every time", () => {
    fc.assert(
      fc.property(decimal, weights, (total, parts) => {
        const shares = split(total, parts);
        expect(sum(shares)).toBe(total);
        expect(split(total, parts)).toEqual(shares);
        const whole = parts.reduce((a, b) => a + b, 0n);
        const rounding = BigInt(parts.length);
        for (const [index, share] of shares.entries()) {
          const [weight, divisor] = whole === 0n ? [1n, rounding] : [parts[index] ?? 0n, whole];
          const error = share * divisor - total * weight;
          expect(error < rounding * divisor && error > -rounding * divisor).toBe(true);
          if (weight === 0n) expect(share).toBe(0n);
        }
      }),
    );
  });

  it("gives the remainder to the first of the largest weights, whatever the sign of the total", () => {
    fc.assert(
      fc.property(positive, weights, (total, parts) => {
        const mirrored = split(negate(total), parts).map(negate);
        expect(mirrored).toEqual(split(total, parts));
        const largest = parts.indexOf(parts.reduce(max));
        const whole = parts.reduce<bigint>((a, b) => a + b, 0n);
        const others = split(total, parts).filter((_share, index) => index !== largest);
        const floors = parts
          .filter((_part, index) => index !== largest)
          .map((part) => (whole === 0n ? total / BigInt(parts.length) : (total * part) / whole));
        expect(others).toEqual(floors as Decimal[]);
      }),
    );
  });

  it("refuses or reads hostile text, and never throws", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[-+0-9.eE_, ]{0,60}$/)), (text) => {
        const read = tryParseDecimal(text);
        if (read !== undefined) expect(text).toMatch(/^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?\s*$/);
      }),
      { numRuns: 500 },
    );
  });
});
