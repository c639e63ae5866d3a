import type { LedgerConfig, SourceConfig, SourceConfigOf } from "../../config/types.ts";
import { GenOpsError } from "../../core/errors.ts";
import type { FileSourceType } from "../../ingestion/sources/bill.ts";
import { isFileSourceType } from "../../ingestion/sources/registry.ts";
import type { OpenBillStore } from "../../ports/bill-store.ts";
import type { BillingApis } from "../../ports/billing-apis.ts";
import type { Deadline } from "../../ports/invocation.ts";
import type { Progress } from "../../ports/progress.ts";
import type { Randomness } from "../../ports/randomness.ts";
import type { SqlEngine } from "../../ports/sql-engine.ts";
import type { ReplaceDeps } from "../replace-period.ts";

export interface CollectDeps extends ReplaceDeps {
  randomness: Randomness;
  progress: Progress;
  limits: LedgerConfig;
  /** A fresh engine, closed by who asked for it. */
  createEngine(): Promise<SqlEngine>;
  /** A fresh private folder, removed by who asked for it. */
  createWorkDir(): Promise<string>;
  /** Billing APIs, for sources that are fetched. */
  apis: BillingApis;
  /** Buckets that bills lie in. */
  openBills: OpenBillStore;
  /** When this run is ended from outside. */
  deadline: Deadline;
  /** Snake-case columns beyond the cube's that budget scopes name: what is read in place has to keep them apart. */
  scopeColumns?: readonly string[];
}

export type FileSourceConfig = SourceConfigOf<FileSourceType>;

/** Refuses what a source type cannot do here. */
export function assertFileSource(source: SourceConfig): asserts source is FileSourceConfig {
  if (!isFileSourceType(source.type)) {
    throw new GenOpsError("config", `this version does not read sources of type ${source.type}`, {
      place: { source: source.id },
    });
  }
}
