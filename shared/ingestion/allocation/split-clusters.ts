import { ALLOCATION_DIMENSIONS, type AllocationDimension } from "../../config/types.ts";
import { type Decimal, split, ZERO } from "../../core/decimal.ts";
import type { CubeRow } from "./split-shared.ts";
import { UNALLOCATED } from "./tag-keys.ts";

/** How much of a cluster one group of workloads used on one day. */
export interface ClusterShare {
  /** Values of the allocation dimensions; `unallocated` leaves the row's own. */
  dims: Readonly<Record<AllocationDimension, string>>;
  /** In whatever unit; only the ratio counts. Not negative. */
  weight: Decimal;
}

/** UTC day → shares of that day. */
export type DailyShares = ReadonlyMap<string, readonly ClusterShare[]>;

/**
 * Splits what a cluster was billed over those who used it. Every measure of every row keeps its total to the last digit: shares only say
 * how, never how much, since a bill and a meter of the same thing are never added. Rows of days without shares, and the idle part
 * (a share without dimensions), stay with their own team.
 */
export function splitClusters(rows: readonly CubeRow[], shares: DailyShares): CubeRow[] {
  return rows.flatMap((row) => {
    const receivers = (shares.get(row.dims["date"] ?? "") ?? []).filter(({ weight }) => weight > ZERO);
    return receivers.length === 0 ? [row] : merge(row, receivers);
  });
}

function merge(row: CubeRow, receivers: readonly ClusterShare[]): CubeRow[] {
  const weights = receivers.map(({ weight }) => weight);
  const largest = weights.reduce((best, weight, index) => (weight > (weights[best] ?? ZERO) ? index : best), 0);
  const measures = Object.entries(row.measures).map(([name, total]) => {
    // `rows` counts bill lines; it stays whole.
    const parts =
      name === "rows" ? weights.map((_, index) => (index === largest ? total : ZERO)) : split(total, weights);
    return [name, parts] as const;
  });
  return receivers.map(({ dims }, index) => ({
    dims: { ...row.dims, ...ownDims(row, dims) },
    measures: Object.fromEntries(measures.map(([name, parts]) => [name, parts[index] ?? ZERO])),
  }));
}

function ownDims(row: CubeRow, dims: ClusterShare["dims"]): Record<string, string | null> {
  return Object.fromEntries(
    ALLOCATION_DIMENSIONS.map((name) => [name, dims[name] === UNALLOCATED ? (row.dims[name] ?? null) : dims[name]]),
  );
}
