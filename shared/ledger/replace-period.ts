import type { LedgerConfig } from "../config/types.ts";
import { GenOpsError } from "../core/errors.ts";
import type { CloudEvent, CostsChanged } from "../core/events.ts";
import type { Clock } from "../ports/clock.ts";
import type { EventBus } from "../ports/event-bus.ts";
import type { Lake } from "../ports/object-store.ts";
import { currentVersion, type Head, HeadSchema, headKey, readHead } from "./head.ts";
import { publishIndex } from "./index-file.ts";
import { updateDocument, writeDocument } from "./json-document.ts";
import { keepQuarantine, type Quarantine } from "./quarantine.ts";
import { shrinkReason } from "./shrink-guard.ts";
import type { CommittedVersion, PeriodVersion } from "./versions.ts";

export interface ReplaceDeps {
  lake: Lake;
  clock: Clock;
  events: EventBus;
  /** Called with a version whose rows are stored and which is about to be committed (L10: its cube must exist where it is read). */
  beforeCommit?(version: PeriodVersion): Promise<void>;
}

export interface ReplaceOptions {
  limits: Pick<LedgerConfig, "shrinkRows" | "shrinkCost">;
  /** The source's `allowShrink`, or a person's confirmation: skip L5. */
  allowShrink: boolean;
  /** Why the delivery is not whole, in words: a part of it is empty (L5). */
  incomplete?: string | undefined;
  /** A person's confirmation: commit in spite of a control mismatch. */
  acceptControl?: boolean;
}

export type ReplaceOutcome =
  | { status: "replaced"; version: CommittedVersion }
  /** The same content is current, or something newer from the same source is. */
  | { status: "unchanged"; version: CommittedVersion; reason: string }
  | { status: "quarantined"; quarantine: Quarantine };

/** A writer whose rows were staged longer ago must start again: their files may already be swept as orphans. */
export const STAGED_ROWS_LIVE_MS = 12 * 3_600_000;

/**
 * Makes `candidate`, whose parts are already in the lake, the current version of its (source, billing period): whole or not at all (L2),
 * not twice (L3), not when it is suspicious (L5, INV-7). Of two writers at once one wins; the other looks again (L6).
 */
export async function replacePeriod(
  deps: ReplaceDeps,
  candidate: PeriodVersion,
  stagedAt: Date,
  options: ReplaceOptions,
): Promise<ReplaceOutcome> {
  for (;;) {
    const read = await readHead(deps.lake, candidate.source, candidate.billingPeriod);
    const current = read === undefined ? undefined : currentVersion(read.value);
    const same = read === undefined ? undefined : whyUnchanged(read.value, candidate, stagedAt);
    if (read !== undefined && current !== undefined && same !== undefined) {
      await announce(deps, read.value);
      return { status: "unchanged", version: current, reason: same };
    }
    const doubt = doubtOf(current, candidate, options);
    if (doubt !== undefined) return { status: "quarantined", quarantine: await quarantine(deps, candidate, doubt) };
    const now = deps.clock.now();
    if (now.getTime() - stagedAt.getTime() > STAGED_ROWS_LIVE_MS) {
      throw new GenOpsError("unavailable", "took too long between writing rows and committing them; collect again");
    }
    await deps.beforeCommit?.(candidate);
    const version = { ...candidate, committedAt: laterThan(current?.committedAt, now) };
    const head = withVersion(read?.value, version);
    if (await writeDocument(deps.lake, headKey(candidate.source, candidate.billingPeriod), HeadSchema, head, read)) {
      await announce(deps, head);
      return { status: "replaced", version };
    }
  }
}

/** A writer that read its input before somebody else committed a newer one must not put the older back (L6). */
function whyUnchanged(head: Head, candidate: PeriodVersion, stagedAt: Date): string | undefined {
  const current = currentVersion(head);
  if (current.contentHash === candidate.contentHash) return "the same content";
  if ([...head.versions, ...head.expired].some(({ id }) => id === candidate.id)) return "already committed";
  const overtaken = current.committedAt > stagedAt.toISOString() && current.sourceInstant > candidate.sourceInstant;
  return overtaken ? `somebody else just loaded a newer export, of ${current.sourceInstant}` : undefined;
}

interface Doubt {
  reason: Quarantine["reason"];
  detail: string;
}

function doubtOf(
  current: CommittedVersion | undefined,
  candidate: PeriodVersion,
  options: ReplaceOptions,
): Doubt | undefined {
  if (options.incomplete !== undefined) return { reason: "empty", detail: options.incomplete };
  const wrong = candidate.control === "none" ? [] : candidate.control.filter(({ difference }) => difference !== "0");
  if (wrong.length > 0 && options.acceptControl !== true) {
    const detail = wrong
      .map((c) => `${c.metric} differs from the source's ${c.amount} ${c.currency} by ${c.difference}`)
      .join("; ");
    return { reason: "control-mismatch", detail };
  }
  const shrunk =
    current === undefined || options.allowShrink ? undefined : shrinkReason(current, candidate, options.limits);
  return shrunk === undefined ? undefined : { reason: "shrunk", detail: shrunk };
}

async function quarantine(deps: ReplaceDeps, candidate: PeriodVersion, doubt: Doubt): Promise<Quarantine> {
  const kept: Quarantine = {
    id: `${candidate.source}-${candidate.billingPeriod}-${candidate.contentHash.slice(0, 12)}`,
    source: candidate.source,
    billingPeriod: candidate.billingPeriod,
    ...doubt,
    at: deps.clock.now().toISOString(),
    state: "waiting",
    version: candidate,
  };
  return keepQuarantine(deps.lake, kept);
}

/** Knowledge time never runs backwards within a period, whatever the clocks of two writers say. */
function laterThan(before: string | undefined, now: Date): string {
  const text = now.toISOString();
  return before === undefined || before < text ? text : new Date(Date.parse(before) + 1).toISOString();
}

function withVersion(head: Head | undefined, version: CommittedVersion): Head {
  return head === undefined
    ? { source: version.source, billingPeriod: version.billingPeriod, versions: [version], expired: [] }
    : { ...head, versions: [...head.versions, version] };
}

/** Publishes index and `genops.costs.changed` once per version; what a crash left unsaid is said by the next run. */
async function announce(deps: ReplaceDeps, head: Head): Promise<void> {
  const version = currentVersion(head);
  if (head.announced === version.id) return;
  await publishIndex(deps.lake, head.source, head.billingPeriod);
  const event: CloudEvent<CostsChanged> = {
    specversion: "1.0",
    id: `costs-changed/${head.source}/${head.billingPeriod}/${version.id}`,
    source: "/genops/ledger",
    type: "genops.costs.changed",
    subject: `${head.source}/${head.billingPeriod}`,
    time: version.committedAt,
    datacontenttype: "application/json",
    data: { source: head.source, billingPeriod: head.billingPeriod, version: version.id },
  };
  await deps.events.publish(event);
  await updateDocument(deps.lake, headKey(head.source, head.billingPeriod), HeadSchema, (now) =>
    now === undefined || now.announced === version.id ? now : { ...now, announced: version.id },
  );
}
