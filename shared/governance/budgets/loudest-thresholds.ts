import { parseDecimal } from "../../core/decimal.ts";
import type { Finding } from "../../core/finding.ts";

/** Evaluations this close together saw the same jump. */
const SAME_JUMP_MS = 60_000;

/**
 * Findings worth telling: when one jump crosses several thresholds of a budget that ask for the same action, only the highest is told,
 * unless a lower one has recipients whom the highest would not reach. The others stay findings; a threshold that was crossed earlier was told then and goes on being told.
 */
export function loudestThresholds(findings: readonly Finding[]): Finding[] {
  const open = Map.groupBy(
    findings.filter(({ kind, state }) => kind === "budget" && state === "open"),
    groupOf,
  );
  return findings.filter((finding) => !(open.get(groupOf(finding)) ?? []).some((other) => drownsOut(other, finding)));
}

function groupOf({ kind, subject, period, evidence }: Finding): string {
  return JSON.stringify([kind, subject, period.start, period.end, evidence.facts["basis"], evidence.facts["action"]]);
}

function drownsOut(other: Finding, finding: Finding): boolean {
  if (finding.state !== "open" || thresholdOf(other) <= thresholdOf(finding)) return false;
  if (!finding.recipients.every((recipient) => other.recipients.includes(recipient))) return false;
  return Date.parse(other.openedAt) <= Date.parse(finding.openedAt) + SAME_JUMP_MS;
}

function thresholdOf({ evidence }: Finding): bigint {
  return parseDecimal((evidence.facts["threshold"] ?? "0").replace("%", ""));
}
