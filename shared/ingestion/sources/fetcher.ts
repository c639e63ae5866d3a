import type { SourceConfigOf, SourceTypeName } from "../../config/types.ts";
import type { Decimal } from "../../core/decimal.ts";
import type { Month } from "../../core/period.ts";
import type { BillingApis } from "../../ports/billing-apis.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Deadline } from "../../ports/invocation.ts";
import type { ObjectStore } from "../../ports/object-store.ts";
import type { Progress } from "../../ports/progress.ts";
import type { Randomness } from "../../ports/randomness.ts";
import type { LocatedFile } from "../input/staged-file.ts";

export interface FetchContext<T extends SourceTypeName> {
  source: SourceConfigOf<T>;
  period: Month;
  /** Where the files go; private and empty. */
  folder: string;
  apis: BillingApis;
  /** State between runs: pages already paid for, what was spent today, watermarks. Keys below `sources/<source id>/`. */
  store: ObjectStore;
  clock: Clock;
  randomness: Randomness;
  deadline: Deadline;
  progress: Progress;
  /** Snake-case columns beyond the cube's that budget scopes name. */
  scopeColumns?: readonly string[];
}

/** A billing period that was read in place: by SQL, from rows that are not copied. */
export interface InPlaceReading {
  /** For people: `BigQuery table project.dataset.table`. */
  at: string;
  /** FOCUS columns that the groups keep apart. */
  columns: string[];
  /** Rows that were counted there. */
  rows: number;
  /** Totals of the rows by an independent query (L1). */
  control: { metric: "BilledCost" | "EffectiveCost"; currency: string; amount: Decimal }[];
}

export type FetchedBill =
  /** The whole period, as files of a stable name and order: the same answer of the API gives the same bytes. */
  | {
      outcome: "fetched";
      files: LocatedFile[];
      expectedRows?: number;
      messages: string[];
      /** Called once the files are in the ledger, or in quarantine: the API need not be asked for them again. */
      collected?: () => Promise<void>;
      /** The rows stay where they are; the files hold their daily groups. */
      inPlace?: InPlaceReading;
    }
  /** The API has no (new) data for this period. What was loaded before stays. */
  | { outcome: "nothing"; messages: string[] }
  /** Stopped before the end: time or money ran out, or the API asked for a pause. What was fetched so far is kept in the store. */
  | { outcome: "later"; afterMs: number; messages: string[] };

/** What is asked before a period is chosen. */
export type PeriodsContext<T extends SourceTypeName> = Omit<FetchContext<T>, "period" | "folder">;

export interface FetchablePeriods {
  /** Empty: the API has nothing new. */
  periods: Month[];
  messages: string[];
}

/** Brings a bill from an API into files; the reader of the same source type (`bill.ts`) maps them. */
export interface BillFetcher<T extends SourceTypeName> {
  readonly type: T;
  /** Whether this source is fetched, not located (`gcp-billing-export` may name a table or files). */
  applies(source: SourceConfigOf<T>): boolean;
  /**
   * The periods that have something to read, where the API can tell. They are told again until `collected`. Without it the current and the
   * previous month are fetched.
   */
  periods?(context: PeriodsContext<T>): Promise<FetchablePeriods>;
  fetch(context: FetchContext<T>): Promise<FetchedBill>;
}
