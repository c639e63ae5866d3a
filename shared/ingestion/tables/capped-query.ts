import { formatFixed, fromInteger, multiplyDivide, parseDecimal } from "../../core/decimal.ts";
import { GenOpsError } from "../../core/errors.ts";
import type { BigQueryApi, BigQueryParameter, BigQueryResult } from "../../ports/billing-apis.ts";

/** On demand, [assumed] (`reference/clouds.md` §3.1); the first TiB of a month is free, which is not counted here. */
const USD_PER_TIB = parseDecimal("6.25");
const TIB = fromInteger(2n ** 40n);
/** 50 GiB: about 0.31 USD. A month of ten million rows is a fraction of it. */
export const DEFAULT_MAXIMUM_BYTES = 50 * 1024 ** 3;

export interface CappedQueries {
  /** Runs one SELECT after asking what it would read. Refuses, with the figure, what is above the cap: nothing was read then. */
  run(what: string, sql: string, parameters?: Readonly<Record<string, BigQueryParameter>>): Promise<BigQueryResult>;
  /** What the queries so far have read and cost, in words. */
  summary(): string;
}

/** Queries of one source, each below `maximumBytesBilled`. BigQuery is told the cap as well. */
export function cappedQueries(api: BigQueryApi, maximumBytesBilled: number = DEFAULT_MAXIMUM_BYTES): CappedQueries {
  const cap = BigInt(maximumBytesBilled);
  let read = 0n;
  return {
    summary: () => `BigQuery read ${sizeText(read)}, about ${costText(read)} USD`,
    async run(what, sql, parameters = {}) {
      const request = { sql, parameters, maximumBytesBilled: cap };
      const bytes = await api.estimate(request);
      if (bytes > cap) {
        throw new GenOpsError(
          "refused",
          `${what} would read ${sizeText(bytes)} (about ${costText(bytes)} USD), more than maximumBytesBilled allows (${sizeText(cap)}); nothing was read`,
        );
      }
      const result = await api.query(request);
      read += result.bytesProcessed;
      return result;
    },
  };
}

/** List price of reading so many bytes, in USD. */
function costText(bytes: bigint): string {
  return formatFixed(multiplyDivide(fromInteger(bytes), USD_PER_TIB, TIB), 4);
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

export function sizeText(bytes: bigint): string {
  let unit = 0;
  let divisor = 1n;
  while (bytes / divisor >= 1024n && unit < UNITS.length - 1) {
    divisor *= 1024n;
    unit++;
  }
  const tenths = (bytes * 10n) / divisor;
  return unit === 0 ? `${bytes} B` : `${tenths / 10n}.${tenths % 10n} ${UNITS[unit]}`;
}
