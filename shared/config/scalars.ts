import * as z from "zod";
import { isCurrency } from "../core/currency.ts";
import { type Decimal, tryParseDecimal } from "../core/decimal.ts";
import { isDay, isMonth } from "../core/period.ts";
import { didYouMean, unknownKey } from "./suggest.ts";

/*
 * The words of the configuration. Numbers reach these schemas as the text that stands in the YAML file, so that amounts are exact and
 * ids keep their zeros; `meta` tells editors that plain numbers are fine.
 */

const NUMERIC = { type: ["number", "string"] } as const;

export function expected(what: string): { error: string } {
  return { error: `expected ${what}` };
}

/** A mapping that refuses unknown keys, one sentence per key (joined by line breaks, in the issue's order). */
export function closed<Shape extends z.core.$ZodLooseShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => unknownKey(key, known)).join("\n")
        : `expected a mapping with ${known.slice(0, 6).join(", ")}${known.length > 6 ? ", …" : ""}`,
  });
}

export function listOf<Item extends z.ZodType>(item: Item, what: string): z.ZodArray<Item> {
  return z.array(item, expected(`a list of ${what}`));
}

export function nonEmptyListOf<Item extends z.ZodType>(item: Item, what: string): z.ZodArray<Item> {
  return listOf(item, what).min(1, expected(`a list of ${what} with at least one`));
}

export function mapOf<Key extends z.core.$ZodRecordKey, Value extends z.ZodType>(key: Key, value: Value, what: string) {
  return z.record(key, value, expected(`a mapping of ${what}`));
}

export function oneOf<const Options extends readonly [string, ...string[]]>(options: Options) {
  const list = options.join(", ");
  return z.enum(options, {
    error: (issue) =>
      `expected one of ${list}${typeof issue.input === "string" ? didYouMean(issue.input, options) : ""}`,
  });
}

/** Text that a person typed: not empty, no NUL (which no store and no query can carry). */
export function textOf(what: string) {
  return z
    .string(expected(what))
    .refine((text) => text.trim() !== "" && !text.includes("\0"), expected(what))
    .meta({ type: ["string", "number"], minLength: 1 });
}

export const text = textOf("text");

/** An exact amount: plain or exponent notation, no currency sign, no group separators. */
export function decimalOf(what: string, accepts: (value: Decimal) => boolean) {
  return z
    .string(expected(what))
    .transform((written, context): Decimal => {
      const value = tryParseDecimal(written);
      if (value !== undefined && accepts(value)) return value;
      context.addIssue({ code: "custom", message: `expected ${what}` });
      return z.NEVER;
    })
    .meta({ ...NUMERIC });
}

export const positive = decimalOf("an amount above zero such as 1234.56", (value) => value > 0n);
/** What a day of Cost Explorer may cost: enough for a call. */
export const paidCalls = decimalOf(
  "an amount of at least 0.01, the price of one call of Cost Explorer",
  (value) => value >= 10n ** 16n,
);
export const notNegative = decimalOf("an amount such as 1234.56, not below zero", (value) => value >= 0n);
export const share = decimalOf("a share between 0 and 1 such as 0.20", (value) => value >= 0n && value <= 10n ** 18n);

export function wholeNumber(least: number, most: number) {
  const what = `a whole number from ${least} to ${most}`;
  return z
    .string(expected(what))
    .refine(
      (written) => /^\d{1,15}$/.test(written) && Number(written) >= least && Number(written) <= most,
      expected(what),
    )
    .transform(Number)
    .meta({ ...NUMERIC });
}

const BYTES = /^(\d{1,15})\s*(B|KiB|MiB|GiB|TiB)?$/i;
const UNITS = ["b", "kib", "mib", "gib", "tib"];

/** `200 GiB`, or a number of bytes. */
export const byteSize = z
  .string(expected("a size such as 200 GiB"))
  .transform((written, context): number => {
    const match = BYTES.exec(written.trim());
    const bytes = Number(match?.[1] ?? 0) * 1024 ** UNITS.indexOf((match?.[2] ?? "B").toLowerCase());
    if (match !== null && bytes > 0 && Number.isSafeInteger(bytes)) return bytes;
    context.addIssue({ code: "custom", message: "expected a size such as 200 GiB" });
    return z.NEVER;
  })
  .meta({ ...NUMERIC });

export const flag = z.boolean(expected("true or false"));

export const currency = z
  .string(expected("an ISO 4217 currency code such as USD"))
  .refine(isCurrency, expected("an ISO 4217 currency code such as USD"))
  .meta({ pattern: "^[A-Z]{3}$" });

export const day = z
  .string(expected("a day such as 2024-09-01"))
  .refine(isDay, expected("a day such as 2024-09-01"))
  .meta({ format: "date" });

export const month = z
  .string(expected("a month such as 2024-09"))
  .refine(isMonth, expected("a month such as 2024-09"))
  .meta({ pattern: "^\\d{4}-(0[1-9]|1[0-2])$" });

export const kebabName = z
  .string(expected("a name in kebab-case such as aws-main"))
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, expected("a name in kebab-case such as aws-main"))
  .meta({ type: ["string", "number"] });

/** A dimension of the cube or a FOCUS column; whether it exists is checked where the columns are known. */
export const dimension = z
  .string(expected("a dimension in snake_case such as team or service_category"))
  .regex(/^[a-z][a-z0-9_]*$/, expected("a dimension in snake_case such as team or service_category"));

export function urlOf(protocols: readonly string[], example: string) {
  const what = `a URL such as ${example}`;
  return z
    .string(expected(what))
    .refine((written) => URL.canParse(written) && protocols.includes(new URL(written).protocol), expected(what));
}

export const httpUrl = urlOf(["http:", "https:"], "https://example.com/path");

const scopeValue = z.union([text, z.boolean().transform(String)], expected("text"));

/** `{ team: ml, provider: [aws, azure] }`: values of one dimension are alternatives, dimensions narrow each other. */
export const scope = mapOf(
  dimension,
  z.union(
    [scopeValue.transform((value): readonly string[] => [value]), nonEmptyListOf(scopeValue, "values")],
    expected("a value or a list of values"),
  ),
  "dimension to values",
);
