/**
 * Exact decimals with 18 fraction digits: the TypeScript side of the engine's DECIMAL(38,18) (`reference/focus.md` X-1).
 * A `Decimal` is the integer value × 10^18. All rounding here is half-even; nothing passes through a float.
 */
declare const decimalBrand: unique symbol;
export type Decimal = bigint & { readonly [decimalBrand]: true };

export const SCALE = 18;
const ONE = 10n ** BigInt(SCALE);
const LIMIT = 10n ** 38n;
const PATTERN = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?\s*$/;

export const ZERO = 0n as Decimal;

/** The decimal whose value × 10^18 is `scaled`. Throws RangeError beyond 38 digits. */
export function fromScaled(scaled: bigint): Decimal {
  if (scaled >= LIMIT || scaled <= -LIMIT) throw new RangeError("decimal exceeds 38 digits");
  return scaled as Decimal;
}

/** A whole number as a decimal. */
export function fromInteger(value: bigint | number): Decimal {
  return fromScaled(BigInt(value) * ONE);
}

/**
 * Reads plain and exponent notation (`12.5`, `.5`, `4.1E-7`, `-0`); more than 18 fraction digits are rounded half-even.
 * Group separators, words and empty text are not numbers: the answer is `undefined`.
 */
export function tryParseDecimal(text: string): Decimal | undefined {
  const match = PATTERN.exec(text);
  if (match === null) return undefined;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const digits = whole + fraction;
  if (digits === "") return undefined;
  const shift = SCALE - fraction.length + Number(exponent);
  const magnitude = shiftDigits(BigInt(digits), shift);
  return magnitude >= LIMIT ? undefined : ((sign === "-" ? -magnitude : magnitude) as Decimal);
}

/** As `tryParseDecimal`, but a text that is no number throws RangeError. */
export function parseDecimal(text: string): Decimal {
  const value = tryParseDecimal(text);
  if (value === undefined) throw new RangeError(`not a decimal number: ${JSON.stringify(text.slice(0, 60))}`);
  return value;
}

function shiftDigits(digits: bigint, shift: number): bigint {
  if (shift >= 0) return shift > 60 && digits !== 0n ? LIMIT : digits * 10n ** BigInt(Math.min(shift, 60));
  return divideHalfEven(digits, 10n ** BigInt(-shift));
}

/** Plain notation without trailing zeros, no `+`, no group separators, never `-0`. */
export function formatDecimal(value: Decimal): string {
  const negative = value < 0n;
  const digits = (negative ? -value : value).toString().padStart(SCALE + 1, "0");
  const whole = digits.slice(0, -SCALE);
  const fraction = digits.slice(-SCALE).replace(/0+$/, "");
  return `${negative ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

/** Rounded half-even to `places` fraction digits, padded with zeros: for people, not for arithmetic. */
export function formatFixed(value: Decimal, places: number): string {
  const unit = 10n ** BigInt(SCALE - places);
  const rounded = divideHalfEven(value, unit);
  const negative = rounded < 0n;
  const digits = (negative ? -rounded : rounded).toString().padStart(places + 1, "0");
  const text = places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
  return negative ? `-${text}` : text;
}

export function add(a: Decimal, b: Decimal): Decimal {
  return fromScaled(a + b);
}

export function subtract(a: Decimal, b: Decimal): Decimal {
  return fromScaled(a - b);
}

export function sum(values: Iterable<Decimal>): Decimal {
  let total = 0n;
  for (const value of values) total += value;
  return fromScaled(total);
}

export function negate(a: Decimal): Decimal {
  return -a as Decimal;
}

export function abs(a: Decimal): Decimal {
  return (a < 0n ? -a : a) as Decimal;
}

export function min(a: Decimal, b: Decimal): Decimal {
  return a < b ? a : b;
}

export function max(a: Decimal, b: Decimal): Decimal {
  return a > b ? a : b;
}

/** a × b, rounded once. */
export function multiply(a: Decimal, b: Decimal): Decimal {
  return fromScaled(divideHalfEven(a * b, ONE));
}

/** a ÷ b, rounded once. Division by zero throws RangeError. */
export function divide(a: Decimal, b: Decimal): Decimal {
  return fromScaled(divideHalfEven(a * ONE, b));
}

/** a × b ÷ c, multiplied before dividing and rounded once (AWS-4). */
export function multiplyDivide(a: Decimal, b: Decimal, c: Decimal): Decimal {
  return fromScaled(divideHalfEven(a * b, c));
}

/**
 * Splits `total` in proportion to `weights` (none negative). Each part is rounded toward zero and the remainder goes to the largest
 * weight (the first of equals), so the parts always add up to `total` to the last digit. All weights zero: an even split.
 */
export function split(total: Decimal, weights: readonly Decimal[]): Decimal[] {
  if (weights.length === 0) throw new RangeError("cannot split into no parts");
  if (weights.some((weight) => weight < 0n)) throw new RangeError("cannot split by a negative weight");
  const whole = weights.reduce((a, b) => a + b, 0n);
  const shares: readonly bigint[] = whole === 0n ? weights.map(() => 1n) : weights;
  const divisor = whole === 0n ? BigInt(weights.length) : whole;
  const parts = shares.map((share) => ((total as bigint) * share) / divisor);
  const largest = shares.indexOf(shares.reduce((most, share) => (share > most ? share : most)));
  const rest = total - parts.reduce((a, b) => a + b, 0n);
  return parts.map((part, index) => fromScaled(index === largest ? part + rest : part));
}

/** Integer division rounded half-even. */
function divideHalfEven(numerator: bigint, denominator: bigint): bigint {
  if (denominator === 0n) throw new RangeError("division by zero");
  const negative = numerator < 0n !== denominator < 0n;
  const n = numerator < 0n ? -numerator : numerator;
  const d = denominator < 0n ? -denominator : denominator;
  const quotient = n / d;
  const twice = (n % d) * 2n;
  const up = twice > d || (twice === d && quotient % 2n === 1n);
  const magnitude = up ? quotient + 1n : quotient;
  return negative ? -magnitude : magnitude;
}
