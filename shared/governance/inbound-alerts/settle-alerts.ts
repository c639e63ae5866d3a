import type { Budget } from "../../config/types.ts";
import type { Finding } from "../../core/finding.ts";
import { canonicalJson } from "../../core/json.ts";
import { addDays, daysBetween } from "../../core/period.ts";
import { changeStored, type FindingDeps, listFindings } from "../findings/finding-store.ts";
import { changed, resolvedFinding } from "../findings/next-finding.ts";
import type { FindingDocument } from "../findings/schema.ts";
import { ANOMALY_RULE, SENT, UNSUBSCRIBED_RULE } from "./alert-observation.ts";
import { UNRECOGNISED_RULE } from "./raw-observation.ts";
import { type Related, relatedBudget } from "./related-budget.ts";

/** Clouds send no recovery: after this long without a message about a period that is over, nobody has to act on it any more. */
const QUIET_DAYS = 7;
/** A daily budget speaks up every day. */
const QUIET_DAYS_DAILY = 1;
/** Google repeats what is still true within the hour; after a day of silence our own, restated bill may decide. */
const SILENT_MS = 86_400_000;

const NOT_BUDGETS: ReadonlySet<string> = new Set([ANOMALY_RULE, UNRECOGNISED_RULE, UNSUBSCRIBED_RULE]);

/**
 * Looks at the open findings of the clouds' alerts again: links them to our budgets' findings that have appeared since, and ends those that
 * are over. One is over a week after its period's end and its newest message, or when the finding of our own budget that it is linked to
 * was resolved by a restatement and the cloud has been silent for a day. A person may close it before.
 */
export async function settleAlerts(deps: FindingDeps, budgets: readonly Budget[]): Promise<void> {
  for (const finding of await listFindings(deps)) {
    if (finding.kind !== "cloud-alert" || finding.state === "resolved") continue;
    const related = await relatedBudget(deps, budgets, finding);
    await changeStored(deps, finding.key, (current) =>
      current === undefined || current.state === "resolved" ? undefined : settled(current, related, deps.clock.now()),
    );
  }
}

function settled(finding: FindingDocument, related: Related | undefined, now: Date): FindingDocument | undefined {
  const over = whyOver(finding, related, now);
  if (over !== undefined) return resolvedFinding(finding, over, now);
  if (canonicalJson(finding.related ?? null) === canonicalJson(related?.related ?? null)) return undefined;
  const { related: _, ...rest } = finding;
  return changed(rest, related === undefined ? {} : { related: related.related }, ["genops.finding.updated"], now);
}

function whyOver(finding: Finding, related: Related | undefined, now: Date): string | undefined {
  const { period, evidence, rule } = finding;
  const sent = evidence.facts[SENT] ?? "";
  const lastDay = [addDays(period.end, -1), sent.slice(0, 10)].sort().at(-1) ?? period.end;
  const daily = !NOT_BUDGETS.has(rule) && daysBetween(period.start, period.end) === 1;
  const quietDays = daily ? QUIET_DAYS_DAILY : QUIET_DAYS;
  if (now.toISOString().slice(0, 10) > addDays(lastDay, quietDays)) {
    return `over: no message for ${quietDays === 1 ? "a day" : `${quietDays} days`} and its period has ended`;
  }
  const own = related?.finding;
  if (own?.resolvedAt === undefined || own.actor !== undefined || own.state !== "resolved") return undefined;
  const silent = own.resolvedAt > sent && now.getTime() - Date.parse(sent) >= SILENT_MS;
  return silent ? `our budget ${own.subject}: ${own.resolution ?? "resolved"}` : undefined;
}
