import type { MoneyText } from "../../core/money.ts";
import type { CommittedVersion, ConformanceFinding, ControlTotal, PeriodVersion } from "../versions.ts";

export type RunStatus = "replaced" | "unchanged" | "quarantined" | "failed";

/** What happened to one source and billing period; the JSON of `genops collect`. */
export interface CollectRun {
  source: string;
  providers: string[];
  /** `2024-09`; empty when the delivery does not tell. */
  period: string;
  status: RunStatus;
  rows: number;
  /** Current version after the run; empty when there is none. */
  version: string;
  billedCost: MoneyText[];
  effectiveCost: MoneyText[];
  control: ControlTotal[] | "none";
  bytesRead: number;
  seconds: number;
  messages: string[];
  conformance: ConformanceFinding[];
  /** Set when `failed`: for `--debug`; not part of the JSON. */
  error?: unknown;
  /** Set when there is more to fetch than time or a pause allowed: not before so many milliseconds. Not part of the JSON. */
  laterMs?: number;
  /** Set when `quarantined`: what `genops collect confirm|discard` takes. */
  quarantine?: string;
}

/** A run about a version: its numbers, whatever became of it. */
export function runOf(
  status: RunStatus,
  version: PeriodVersion | CommittedVersion,
  messages: readonly string[],
): CollectRun {
  return {
    source: version.source,
    providers: version.providers,
    period: version.billingPeriod,
    status,
    rows: version.rows,
    version: status === "quarantined" ? "" : version.id,
    billedCost: version.totals.map(({ currency, billed }) => ({ currency, amount: billed })),
    effectiveCost: version.totals.map(({ currency, effective }) => ({ currency, amount: effective })),
    control: version.control,
    bytesRead: 0,
    seconds: 0,
    messages: [...new Set([...messages, ...version.messages])],
    conformance: version.conformance,
  };
}

/** A run without a version: a failure, an empty delivery. */
export function emptyRun(status: RunStatus, source: string, period: string, messages: string[]): CollectRun {
  return {
    source,
    providers: [],
    period,
    status,
    rows: 0,
    version: "",
    billedCost: [],
    effectiveCost: [],
    control: "none",
    bytesRead: 0,
    seconds: 0,
    messages,
    conformance: [],
  };
}

/** A run as JSON has it. */
export function runJson({
  error: _error,
  laterMs: _laterMs,
  ...run
}: CollectRun): Omit<CollectRun, "error" | "laterMs"> {
  return run;
}
