import { abs, type Decimal, fromInteger, multiply, subtract } from "../../core/decimal.ts";
import type { Finding, Observation, WantedAction } from "../../core/finding.ts";
import { canonicalJson } from "../../core/json.ts";
import type { FindingDocument, OwedEvent } from "./schema.ts";

/** Changes of the amount below this share are not worth a revision. */
const QUIET_SHARE = 100;

type EventType = OwedEvent["type"];

/**
 * What an observation makes of its finding; `undefined` when nothing is to be written.
 * - No finding yet: opened.
 * - Closed by a person, or snoozed and not yet due: stays as it is for this period.
 * - Resolved by a restatement and true again: open again, told as an update, since a threshold fires once per period. What was wanted is
 *   wanted again, because it ended with the resolution.
 * - Open or acknowledged: updated if the amount moved by 1 % or a fact appeared or went, otherwise left alone.
 */
export function observedFinding(
  key: string,
  before: FindingDocument | undefined,
  seen: Observation,
  now: Date,
): FindingDocument | undefined {
  if (before === undefined) return openedFinding(key, seen, now);
  if (before.state === "resolved") return before.actor === undefined ? reopened(before, seen, now) : undefined;
  if (before.state === "snoozed") return isDue(before, now) ? reopened(before, seen, now) : undefined;
  return isNews(before, seen)
    ? changed(before, { ...contentOf(seen, before) }, updateEvents(before, seen), now)
    : undefined;
}

function openedFinding(key: string, seen: Observation, now: Date): FindingDocument {
  const at = now.toISOString();
  const types: EventType[] = [
    "genops.finding.opened",
    ...(isHard(seen.wantedActions) ? (["genops.action.wanted"] as const) : []),
  ];
  return {
    ...contentOf(seen),
    key,
    state: "open",
    openedAt: at,
    updatedAt: at,
    revision: 1,
    owed: types.map((type) => ({ type, revision: 1, since: at })),
  };
}

function reopened(before: FindingDocument, seen: Observation, now: Date): FindingDocument {
  const { resolvedAt, resolution, snoozedUntil, actor, ...rest } = before;
  const wanted: EventType[] = isHard(seen.wantedActions) ? ["genops.action.wanted"] : [];
  return changed(rest, { ...contentOf(seen), state: "open" }, ["genops.finding.updated", ...wanted], now);
}

/** The same finding as an observation tells it now, whatever differs. What it was related to before is forgotten. */
export function correctedFinding(before: FindingDocument, seen: Observation, now: Date): FindingDocument {
  const { related: _, ...rest } = before;
  return changed(rest, contentOf(seen, before), updateEvents(before, seen), now);
}

/** The same finding no longer observed. It belongs to nobody then: if it comes back, it is open to all. */
export function resolvedFinding(before: FindingDocument, resolution: string, now: Date): FindingDocument {
  const { snoozedUntil, actor, ...rest } = before;
  const fields = { state: "resolved", resolution, resolvedAt: now.toISOString() } as const;
  return changed(rest, fields, ["genops.finding.resolved"], now);
}

/** A document with new fields, one revision further, owing the events that tell about it. */
export function changed(
  before: FindingDocument,
  fields: Partial<FindingDocument>,
  types: readonly EventType[],
  now: Date,
): FindingDocument {
  const since = now.toISOString();
  const revision = before.revision + 1;
  const owed = [...before.owed, ...types.map((type) => ({ type, revision, since }))];
  return { ...before, ...fields, updatedAt: since, revision, owed };
}

/** The observation's part of a document. A target once chosen stays while the same actions are wanted. */
function contentOf(seen: Observation, before?: Finding) {
  const keep =
    before !== undefined &&
    canonicalJson(actionNames(before.wantedActions)) === canonicalJson(actionNames(seen.wantedActions));
  const wantedActions = keep ? before.wantedActions : seen.wantedActions;
  return {
    kind: seen.kind,
    rule: seen.rule,
    level: seen.level,
    scope: copyScope(seen.scope),
    period: { ...seen.period },
    subject: seen.subject,
    title: seen.title,
    amount: seen.amount,
    currency: seen.currency,
    wantedActions: wantedActions.map(({ action, targets }) => ({ action, targets: targets.map(copyScope) })),
    evidence: {
      ...seen.evidence,
      contributors: seen.evidence.contributors.map(({ keys, amount }) => ({ keys: { ...keys }, amount })),
      facts: { ...seen.evidence.facts },
    },
    recipients: [...seen.recipients],
    ...(seen.related === undefined ? {} : { related: { ...seen.related } }),
  };
}

function copyScope(scope: Observation["scope"]): Record<string, string[]> {
  return Object.fromEntries(Object.entries(scope).map(([name, values]) => [name, [...values]]));
}

function isNews(before: FindingDocument, seen: Observation): boolean {
  return (
    moved(before.amount, seen.amount) ||
    (before.evidence.waitsFor === "") !== (seen.evidence.waitsFor === "") ||
    canonicalJson(actionNames(before.wantedActions)) !== canonicalJson(actionNames(seen.wantedActions)) ||
    canonicalJson(Object.keys(before.evidence.facts).sort()) !==
      canonicalJson(Object.keys(seen.evidence.facts).sort()) ||
    canonicalJson([...before.recipients].sort()) !== canonicalJson([...seen.recipients].sort())
  );
}

function moved(before: Decimal, now: Decimal): boolean {
  const change = abs(subtract(now, before));
  return change !== 0n && multiply(change, fromInteger(QUIET_SHARE)) >= abs(before);
}

function updateEvents(before: FindingDocument, seen: Observation): EventType[] {
  const nowWanted = isHard(seen.wantedActions) && !isHard(before.wantedActions);
  return ["genops.finding.updated", ...(nowWanted ? (["genops.action.wanted"] as const) : [])];
}

function isHard(actions: readonly WantedAction[]): boolean {
  return actions.some(({ action }) => action !== "notify");
}

function actionNames(actions: readonly WantedAction[]): string[] {
  return actions.map(({ action }) => action).sort();
}

function isDue(finding: FindingDocument, now: Date): boolean {
  return finding.snoozedUntil === undefined || Date.parse(finding.snoozedUntil) <= now.getTime();
}
