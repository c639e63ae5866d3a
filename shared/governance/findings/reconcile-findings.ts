import type { Finding, Observation } from "../../core/finding.ts";
import { findingKey } from "./finding-key.ts";
import { changeStored, type FindingDeps, listFindings } from "./finding-store.ts";
import { observedFinding, resolvedFinding } from "./next-finding.ts";

export interface ReconcileInput {
  observations: readonly Observation[];
  /**
   * Whether this run would have observed the finding again if it were still true: the words why it is no longer true, or `undefined`
   * when the run did not look at it, so that it stays.
   */
  covers: (finding: Finding) => string | undefined;
}

/** Findings by what this run did with them. */
export interface ReconcileReport {
  opened: Finding[];
  updated: Finding[];
  resolved: Finding[];
  unchanged: Finding[];
}

/**
 * Turns what rules saw now into findings: new ones are opened, changed ones updated, and those that are covered and no longer seen are
 * resolved. Doing it again changes nothing; two runs at once make one finding and one `opened` event.
 */
export async function reconcileFindings(
  deps: FindingDeps,
  { observations, covers }: ReconcileInput,
): Promise<ReconcileReport> {
  const report: ReconcileReport = { opened: [], updated: [], resolved: [], unchanged: [] };
  const seen = new Map(observations.map((observation) => [findingKey(observation), observation]));
  for (const [key, observation] of seen) await observe(deps, report, key, observation);
  for (const finding of await listFindings(deps)) {
    if (!seen.has(finding.key)) await resolveUnseen(deps, report, finding, covers);
  }
  return report;
}

async function observe(deps: FindingDeps, report: ReconcileReport, key: string, seen: Observation): Promise<void> {
  const { before, after } = await changeStored(deps, key, (current) =>
    observedFinding(key, current, seen, deps.clock.now()),
  );
  if (after === undefined) report.unchanged.push(...(before === undefined ? [] : [before]));
  else (before === undefined ? report.opened : report.updated).push(after);
}

/** Also asked for findings that stay as they are, since they may owe events of a run that died. */
async function resolveUnseen(
  deps: FindingDeps,
  report: ReconcileReport,
  listed: Finding & { owed: readonly unknown[] },
  covers: ReconcileInput["covers"],
): Promise<void> {
  const isOpen = (finding: Finding) => finding.state !== "resolved";
  if (listed.owed.length === 0 && (!isOpen(listed) || covers(listed) === undefined)) return;
  const { after } = await changeStored(deps, listed.key, (current) => {
    const reason = current === undefined || !isOpen(current) ? undefined : covers(current);
    return current === undefined || reason === undefined
      ? undefined
      : resolvedFinding(current, reason, deps.clock.now());
  });
  if (after !== undefined) report.resolved.push(after);
}
