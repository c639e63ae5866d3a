import { type Decimal, formatDecimal, multiply, parseDecimal, tryParseDecimal, ZERO } from "../../core/decimal.ts";

const PATTERN = /^([+-]?[0-9.]+)([eE][+-]?[0-9]{1,3})?(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/;

/** A million petabytes, or cores: more is no quantity of a machine. */
const LARGEST = parseDecimal("1e18");
const FACTORS: ReadonlyMap<string, Decimal> = new Map([
  ...["n", "u", "m"].map((unit, index) => [unit, parseDecimal(`1e${3 * index - 9}`)] as const),
  ...["k", "M", "G", "T", "P", "E"].map((unit, index) => [unit, parseDecimal(`1e${3 * (index + 1)}`)] as const),
  ...["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].map(
    (unit, index) => [unit, parseDecimal(String(1024n ** BigInt(index + 1)))] as const,
  ),
]);

/** A Kubernetes quantity (`100m`, `1.5Gi`, `2e3`) in base units. Undefined: it is none. */
export function parseQuantity(text: string): Decimal | undefined {
  const match = PATTERN.exec(text);
  if (match === null) return undefined;
  const [, digits = "", exponent = "", unit = ""] = match;
  const number = tryParseDecimal(digits + exponent);
  if (number === undefined || unit === "") return number;
  if (exponent !== "" || number > LARGEST || number < -LARGEST) return undefined;
  return multiply(number, FACTORS.get(unit) ?? ZERO);
}

/** Reads quantities of one cluster; equal texts, of which there are many, are read once. */
export interface QuantityReader {
  /** Text or number as the server sent it; zero for what is absent or no quantity. */
  read(value: unknown): Decimal;
  /** Decimal text of it. */
  text(value: Decimal): string;
}

export function createQuantityReader(): QuantityReader {
  const known = new Map<unknown, Decimal>();
  const texts = new Map<Decimal, string>();
  return {
    read(value) {
      let found = known.get(value);
      if (found === undefined) {
        found = (typeof value === "string" || typeof value === "number" ? parseQuantity(String(value)) : ZERO) ?? ZERO;
        known.set(value, found);
      }
      return found;
    },
    text(value) {
      let found = texts.get(value);
      if (found === undefined) {
        found = formatDecimal(value);
        texts.set(value, found);
      }
      return found;
    },
  };
}
