import * as z from "zod";
import { parseDecimal } from "../core/decimal.ts";
import { byteSize, closed, share, wholeNumber } from "./scalars.ts";
import type { LedgerConfig } from "./types.ts";

/** `ledger:` as it stands in the file. */
export const Ledger = closed({
  retainVersionsDays: z.exactOptional(wholeNumber(1, 36_500)),
  shrinkRows: z.exactOptional(share),
  shrinkCost: z.exactOptional(share),
  maxInputBytes: z.exactOptional(byteSize),
  fanOutBytes: z.exactOptional(byteSize),
});

/** Fills in the defaults (L5 for the shares). */
export function toLedgerConfig(input: z.output<typeof Ledger>): LedgerConfig {
  return {
    retainVersionsDays: 400,
    shrinkRows: parseDecimal("0.20"),
    shrinkCost: parseDecimal("0.10"),
    maxInputBytes: 200 * 1024 ** 3,
    fanOutBytes: 256 * 1024 ** 2,
    ...input,
  };
}
