import * as z from "zod";
import { type Decimal, formatDecimal, parseDecimal, tryParseDecimal } from "./decimal.ts";

/** A decimal that is text in JSON: money in stored documents. */
export const DecimalCodec = z.codec(
  z.string().refine((text) => tryParseDecimal(text) !== undefined, "not a decimal number"),
  z.custom<Decimal>((value) => typeof value === "bigint"),
  { decode: parseDecimal, encode: formatDecimal },
);
