import type { Month } from "../../core/period.ts";
import { type ReplaceOutcome, replacePeriod } from "../replace-period.ts";
import type { ConformanceFinding, InPlace, PeriodVersion, RowPart, VersionTotals } from "../versions.ts";
import { type AccountingLine, accountingMessages } from "./accounting.ts";
import { compareControl, type SourceControl } from "./control-totals.ts";
import { keepDeliveryRecord } from "./delivery-record.ts";
import type { CollectDeps, FileSourceConfig } from "./deps.ts";
import { discardedRun } from "./quarantined-runs.ts";
import { type CollectRun, runOf } from "./run.ts";

export interface BillPeriod {
  billingPeriod: Month;
  rows: number;
  totals: VersionTotals[];
  providers: string[];
}

/** A bill that was read and converted, whole. */
export interface ReadBill<P extends BillPeriod> {
  /** Before anything was looked for: what somebody else has committed since then may be newer. */
  startedAt: Date;
  contentHash: string;
  /** When the source wrote it. */
  sourceInstant: string;
  /** Why it is not whole (L5). */
  incomplete: string | undefined;
  periods: readonly P[];
  control: SourceControl | undefined;
  accounting: readonly AccountingLine[];
  conformance: ConformanceFinding[];
  /** What was found about the files. */
  stagedMessages: readonly string[];
  /** What was found about the rows. */
  messages: readonly string[];
  bytesRead: number;
  /** Its rows stay where they are. */
  inPlace?: InPlace | undefined;
}

export interface CommitInput {
  source: FileSourceConfig;
  /** Only these billing periods; empty means all. */
  periods: readonly string[];
  /** Name of the delivery record, and by what the delivery is recognised without being read. */
  record: { name: string; identity: string | undefined };
}

/** How rows come into the lake, and what becomes of those that nobody needs. */
export interface RowKeeper<P extends BillPeriod> {
  store(period: P): Promise<{ id: string; parts: RowPart[] }>;
  discard(version: PeriodVersion): Promise<void>;
}

/** Commits a bill period by period, and remembers the delivery when all of it was believed. */
export async function commitBill<P extends BillPeriod>(
  deps: CollectDeps,
  input: CommitInput,
  bill: ReadBill<P>,
  rows: RowKeeper<P>,
): Promise<CollectRun[]> {
  const runs: CollectRun[] = [];
  const wanted = bill.periods.filter(({ billingPeriod }) => isWanted(input.periods, billingPeriod));
  for (const period of wanted) {
    const candidate = versionOf(input.source, bill, period, await rows.store(period));
    const outcome = await replacePeriod(deps, candidate, bill.startedAt, {
      limits: deps.limits,
      allowShrink: input.source.allowShrink === true,
      incomplete: bill.incomplete,
    });
    if (!keepsParts(outcome, candidate)) await rows.discard(candidate);
    runs.push({ ...(await runOfOutcome(deps, outcome, candidate, bill.stagedMessages)), bytesRead: bill.bytesRead });
  }
  const believed = runs.filter(({ status }) => status !== "quarantined").map(({ period }) => period);
  if (believed.length === bill.periods.length) {
    const { name, identity } = input.record;
    await keepDeliveryRecord(deps.lake, input.source.id, name, {
      contentHash: bill.contentHash,
      periods: believed,
      ...(identity === undefined ? {} : { identity }),
    });
  }
  return runs;
}

/** Whether a billing period is among those that were asked for; none means all. */
export function isWanted(periods: readonly string[], period: string): boolean {
  return periods.length === 0 || periods.includes(period);
}

function versionOf<P extends BillPeriod>(
  source: FileSourceConfig,
  bill: ReadBill<P>,
  { billingPeriod, rows, totals, providers }: P,
  { id, parts }: { id: string; parts: RowPart[] },
): PeriodVersion {
  return {
    id,
    source: source.id,
    billingPeriod,
    contentHash: bill.contentHash,
    sourceInstant: bill.sourceInstant,
    rows,
    totals,
    control: bill.control === undefined ? "none" : compareControl(bill.control, billingPeriod, totals),
    parts,
    ...(bill.inPlace === undefined ? {} : { inPlace: bill.inPlace }),
    providers,
    conformance: bill.conformance,
    messages: [...bill.stagedMessages, ...bill.messages, ...accountingMessages(bill.accounting)],
  };
}

async function runOfOutcome(
  deps: CollectDeps,
  outcome: ReplaceOutcome,
  candidate: PeriodVersion,
  messages: readonly string[],
): Promise<CollectRun> {
  if (outcome.status === "replaced") return runOf("replaced", outcome.version, []);
  if (outcome.status === "unchanged") return runOf("unchanged", outcome.version, messages);
  const { quarantine } = outcome;
  if (quarantine.state === "discarded") return discardedRun(deps, quarantine);
  return {
    ...runOf("quarantined", candidate, [`quarantined as ${quarantine.id}: ${quarantine.detail}`]),
    quarantine: quarantine.id,
  };
}

/** A quarantine keeps the first delivery of a content; the same again has brought nothing new. */
function keepsParts(outcome: ReplaceOutcome, candidate: PeriodVersion): boolean {
  return (
    outcome.status === "replaced" ||
    (outcome.status === "quarantined" && outcome.quarantine.version?.id === candidate.id)
  );
}
