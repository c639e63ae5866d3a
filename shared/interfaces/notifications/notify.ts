import type { NotificationConfig } from "../../config/types.ts";
import type { Finding, FindingLevel } from "../../core/finding.ts";
import { plainTextOf } from "./email-message.ts";
import { describeFinding } from "./finding-text.ts";
import { type DrainDeps, type DrainOptions, type DrainReport, drainOutbox, enqueue } from "./outbox.ts";

type MinimumLevel = NotificationConfig["minimumLevel"];

export interface NotifyDeps extends DrainDeps {
  minimumLevel: MinimumLevel;
}

export interface NotifyReport extends DrainReport {
  /** Messages that were new to the outbox. */
  enqueued: number;
}

/** Writes to the store at a time. */
const AT_ONCE = 16;

const RANK: Readonly<Record<FindingLevel, number>> = { info: 0, warning: 1, critical: 2 };

/**
 * Tells every notifier about findings: first all messages are written to the outbox, then what is due is sent. Findings
 * below the minimum level are left out. Snoozed and acknowledged ones go through as well, so that what waits is
 * superseded and what was told is corrected in place; the notifiers ping nobody for them. Telling the same revisions
 * again sends nothing.
 */
export async function notifyFindings(
  deps: NotifyDeps,
  findings: readonly Finding[],
  options: DrainOptions = {},
): Promise<NotifyReport> {
  const loud = findings.filter((finding) => isLoud(finding, deps.minimumLevel));
  const messages = loud.flatMap((finding) => deps.notifiers.map(({ id }) => ({ finding, id })));
  let enqueued = 0;
  for (let start = 0; start < messages.length; start += AT_ONCE) {
    const batch = messages.slice(start, start + AT_ONCE);
    const answers = await Promise.all(batch.map(({ finding, id }) => enqueue(deps, finding, id)));
    enqueued += answers.filter((answer) => answer === "enqueued").length;
  }
  return { enqueued, ...(await drainOutbox(deps, options)) };
}

/**
 * What Slack would be told about open findings, one text each, the most severe first: for the terminal. Holds no
 * control characters.
 */
export function previewMessages(findings: readonly Finding[], minimumLevel: MinimumLevel = "info"): string[] {
  return findings
    .filter((finding) => finding.state === "open" && isLoud(finding, minimumLevel))
    .toSorted((a, b) => RANK[b.level] - RANK[a.level])
    .map((finding) => plainTextOf(describeFinding(finding)));
}

function isLoud(finding: Finding, minimumLevel: MinimumLevel): boolean {
  return RANK[finding.level] >= RANK[minimumLevel];
}
