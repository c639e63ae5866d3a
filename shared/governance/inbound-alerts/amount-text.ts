import { type Decimal, tryParseDecimal } from "../../core/decimal.ts";

/** Digits with separators between them: comma, dot, apostrophes, spaces of all widths. */
const NUMBER = /\d(?:[\d.,'’ \u00a0\u2009\u202f]*\d)?/g;
const PLAIN = /^[+-]?\d+(\.\d+)?$/;
/** ISO 4217 currencies with three fraction digits. */
const THREE_DIGITS: ReadonlySet<string> = new Set(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]);

/**
 * An amount as a cloud writes it for people, exactly: `$11,111.00`, `1.234,56 €`, `CHF 1’234.50`, `-$5.00`, `($5.00)`. A lone separator
 * before exactly three digits groups (`1.234 €`), unless the currency has three fraction digits or the text is a plain number. Text
 * around the number is left out; text with no number, or with two, gives `undefined`.
 */
export function parseAmountText(text: string, currency = ""): Decimal | undefined {
  const trimmed = text.trim();
  if (trimmed.length > 100 || trimmed.includes("%")) return undefined;
  if (PLAIN.test(trimmed)) return tryParseDecimal(trimmed);
  const [number, ...others] = trimmed.match(NUMBER) ?? [];
  if (number === undefined || others.length > 0) return undefined;
  const at = trimmed.indexOf(number);
  const around = trimmed.slice(0, at) + trimmed.slice(at + number.length);
  const negative = /[-−]/.test(around) || (around.includes("(") && around.includes(")"));
  return tryParseDecimal(`${negative ? "-" : ""}${plainNumber(number, currency)}`);
}

function plainNumber(number: string, currency: string): string {
  const decimal = decimalSeparator(number, currency);
  const end = decimal === undefined ? number.length : number.lastIndexOf(decimal);
  const whole = number.slice(0, end).replace(/\D/g, "");
  return decimal === undefined ? whole : `${whole}.${number.slice(end + 1)}`;
}

/** The last of two kinds; a lone one, unless it groups. Spaces and apostrophes only group. */
function decimalSeparator(number: string, currency: string): "." | "," | undefined {
  const dots = number.split(".").length - 1;
  const commas = number.split(",").length - 1;
  if (dots > 0 && commas > 0) return number.lastIndexOf(".") > number.lastIndexOf(",") ? "." : ",";
  if (dots + commas !== 1) return undefined;
  const separator = dots === 1 ? "." : ",";
  const groups = /^[1-9]\d{0,2}[.,]\d{3}$/.test(number) && !THREE_DIGITS.has(currency);
  return groups ? undefined : separator;
}

const SIGNS: readonly (readonly [sign: RegExp, currency: string])[] = [
  [/^-?\$/, "USD"],
  [/€/, "EUR"],
  [/£/, "GBP"],
];

/** The currency that an amount's text names by code or by an unmistakable sign. */
export function currencyOfText(text: string, isCurrency: (code: string) => boolean): string | undefined {
  const code = text.match(/[A-Z]{3}/g)?.find(isCurrency);
  return code ?? SIGNS.find(([sign]) => sign.test(text.trim()))?.[1];
}
