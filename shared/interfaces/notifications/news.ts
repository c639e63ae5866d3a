import type { Finding, FindingLevel } from "../../core/finding.ts";
import type { DeliveryReceipt } from "../../ports/notifier.ts";

/**
 * What a revision means to somebody who read the last message.
 * - `opened`: never told before.
 * - `reopened`: was resolved or snoozed.
 * - `raised`: a higher level.
 * - `resolved`: no longer true.
 * - `changed`: worth correcting in place, not worth a new message.
 * - `unannounced`: nobody was told, and there is nothing to tell.
 */
export type News = "opened" | "reopened" | "raised" | "resolved" | "changed" | "unannounced";

const RANK: Readonly<Record<FindingLevel, number>> = { info: 0, warning: 1, critical: 2 };

export function newsOf(finding: Finding, previous: DeliveryReceipt | undefined): News {
  const before = previous?.["state"];
  if (before === undefined) return finding.state === "open" ? "opened" : "unannounced";
  if (finding.state === "resolved") return before === "resolved" ? "changed" : "resolved";
  if (finding.state !== "open") return "changed";
  if (before === "resolved" || before === "snoozed") return "reopened";
  return rankOf(previous?.["level"]) < RANK[finding.level] ? "raised" : "changed";
}

/** What is kept of a telling so that `newsOf` works next time. */
export function toldReceipt(finding: Finding): DeliveryReceipt {
  return { state: finding.state, level: finding.level };
}

function rankOf(level: string | undefined): number {
  return level === "info" || level === "warning" || level === "critical" ? RANK[level] : RANK.critical;
}
