import type { SourceConfigOf, SourceTypeName } from "../../config/types.ts";
import type { Progress } from "../../ports/progress.ts";
import type { SqlEngine } from "../../ports/sql-engine.ts";
import type { Delivery, StagedFile } from "../input/staged-file.ts";

/** Sources that map files to FOCUS rows, wherever the files come from: a folder, a bucket, or a fetcher that asked an API. */
export type FileSourceType =
  | "aws-data-export"
  | "aws-cost-explorer"
  | "azure-cost-export"
  | "azure-cost-query"
  | "gcp-billing-export"
  | "focus-export"
  | "opencost"
  | "custom";

/** One configured location of a source; `role` tells Azure's two files apart. */
export interface SourceLocation {
  role: "bill" | "actual" | "amortized";
  location: string;
}

export interface StagedDelivery extends Omit<Delivery, "files"> {
  role: SourceLocation["role"];
  files: StagedFile[];
}

export interface ReadContext<T extends SourceTypeName> {
  engine: SqlEngine;
  source: SourceConfigOf<T>;
  /** What one ingest reads together: normally one delivery; Azure's actual and amortized run of one period are two. Never blank files. */
  deliveries: readonly StagedDelivery[];
  progress: Progress;
  /** Where only a part of a bill is read: what was decided for the whole of it. */
  decided?: Decisions;
}

/** What a mapping decides from all rows at hand and then does to each of them alike: name → decision. */
export type Decisions = Readonly<Record<string, string>>;

/** A condition no bill may violate. */
export interface BillCheck {
  /** Sentence for the user: what is wrong. */
  message: string;
  /** SELECT of offending rows: `source_file`, `row` (1-based, NULL if unknown), `column_name`, `value`; empty when all is well. */
  sql: string;
}

/**
 * A bill that is open in the engine: temporary views and tables exist, nothing was mapped yet. The SQL texts are run by
 * `shared/ledger/collect-delivery.ts`; the row-wise work is all the engine's.
 */
export interface Bill {
  /**
   * SELECT of FOCUS 1.4 columns (PascalCase; VARCHAR, DECIMAL(38,18), TIMESTAMP in UTC; JSON columns as VARCHAR) and `x_` columns, one row
   * per charge. FOCUS columns left out are null.
   */
  mapping: string;
  /**
   * SELECT `billing_period` (`2024-09`), `currency`, `metric` (`BilledCost`|`EffectiveCost`), `amount` DECIMAL(38,18): the source's own
   * totals, from the raw columns, by code that shares nothing with the mapping (L1). Undefined: the source has none.
   */
  control?: string;
  /** SELECT `label`, `rows` (signed): `source` first, then what the mapping drops (−) and adds (+). Must add up to the FOCUS rows (INV-6). */
  accounting: string;
  checks: readonly BillCheck[];
  /** As `checks`, for what is only worth knowing (AZ-8, AZ-9): rows are counted and reported, never refused. */
  warnings?: readonly BillCheck[];
  /** Names of `bill` columns that `money()` and `instant()` are applied to: where a bad value is looked for. */
  parsedColumns: readonly string[];
  /** FOCUS column → SQL over `bill` that it is taken from, where that is not a column of the same name: where a missing value is looked for. */
  origins?: Readonly<Record<string, string>>;
  /** Remarks for the user: skipped rows, missing columns. */
  messages: readonly string[];
  /** What was decided from the rows at hand. */
  decisions?: Decisions;
}

export interface FileSource<T extends FileSourceType> {
  readonly type: T;
  /** Raised when a mapping changes what the same file gives: part of a version's content hash. */
  readonly mappingVersion: number;
  locations(source: SourceConfigOf<T>): readonly SourceLocation[];
  /**
   * Says that the parts of one delivery may be mapped apart and added up: rows come from one row each, control totals and accounting are
   * sums. Without it (rows that need others of the bill: pairs, corrections, a user's own SQL) a bill is read whole.
   */
  readonly split?: {
    /** The decisions of the whole bill from those of its parts; a part that has decided otherwise is mapped again. */
    decide(parts: readonly Decisions[]): Decisions;
  };
  /** Opens the bill in the engine. Refuses (GenOpsError `refused`) what is not this format or lacks mandatory columns. */
  open(context: ReadContext<T>): Promise<Bill>;
}
