import type { Month } from "../core/period.ts";

/** Sums of one currency as decimal text. */
export interface VersionTotals {
  currency: string;
  billed: string;
  effective: string;
  /** Σ|BilledCost|: what the shrink guard compares. */
  absoluteBilled: string;
}

/** One control total: what the source's own columns add up to, and how far our rows are from it (L1). */
export interface ControlTotal {
  metric: "BilledCost" | "EffectiveCost";
  currency: string;
  /** Σ of the source's values, each rounded half-even to 18 digits. */
  amount: string;
  /** FOCUS rows − source; "0" when they agree. */
  difference: string;
}

export interface RowPart {
  /** Object key of a Parquet file. */
  key: string;
  rows: number;
  bytes: number;
}

/** Where the rows of a version are, when they are not in the lake. */
export interface InPlace {
  /** For people: `BigQuery table project.dataset.table`. */
  at: string;
  /** FOCUS columns that the daily groups keep apart; of the others nothing is known here. */
  columns: string[];
}

/** One committed (or quarantined) content of a (source, billing period). Immutable. */
export interface PeriodVersion {
  id: string;
  source: string;
  billingPeriod: Month;
  /** Fingerprint of the input and of the mapping; equal content is not stored twice (L3). */
  contentHash: string;
  /** When the source wrote it (newest input file); a slow writer never overwrites something newer. */
  sourceInstant: string;
  rows: number;
  totals: VersionTotals[];
  control: ControlTotal[] | "none";
  /** Rows, or daily groups of rows that stay in place. */
  parts: RowPart[];
  inPlace?: InPlace | undefined;
  /** HostProviderName slugs in it. */
  providers: string[];
  /** Violated FOCUS rules (`shared/ingestion/focus/conformance.ts`), worst first. */
  conformance: ConformanceFinding[];
  /** What the user was told when it was read. */
  messages: string[];
}

export interface ConformanceFinding {
  rule: string;
  severity: "error" | "warning";
  message: string;
  rows: number;
  examples: string[];
}

/** A version in a period's history. Reads with `asOf` pick the last one with `committedAt ≤ asOf` (L4). */
export interface CommittedVersion extends PeriodVersion {
  committedAt: string;
}
