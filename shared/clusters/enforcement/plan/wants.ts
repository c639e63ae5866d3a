import type { EnforcementConfig } from "../../../config/types.ts";
import { type Decimal, divide, fromInteger, max, multiplyDivide, subtract, ZERO } from "../../../core/decimal.ts";
import type { BudgetStanding, StandingAlert } from "../../../governance/budgets/standing.ts";
import type { LeftOut, Want } from "../types.ts";
import {
  isAfter,
  left,
  type Silence,
  silenceOf,
  silenceText,
  type WantRecord,
  type WantsState,
} from "./wants-state.ts";

type Settings = Pick<
  EnforcementConfig,
  "enterAfter" | "leaveBelow" | "minimumHoldMinutes" | "cooldownMinutes" | "maxDataAgeHours"
>;

const HUNDRED = fromInteger(100);
const ONE = fromInteger(1);
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/**
 * What budgets want after an evaluation. Entered after `enterAfter` consecutive evaluations at or above a hard threshold; left at `leaveBelow`
 * points below it (after the minimum hold), with the period, after the budget was raised above the usage, or by a person; then not entered
 * again for the cooldown. Old data and missing rates neither enter nor leave anything. A budget that was not seen stays as it is until its
 * period ends.
 */
export function nextWants(
  previous: WantsState,
  seen: readonly BudgetStanding[],
  now: Date,
  settings: Settings,
): WantsState {
  const silences = Object.fromEntries(Object.entries(previous.silences).filter(([, { until }]) => isAfter(until, now)));
  const records = new Map(Object.entries(previous.records).filter(([, record]) => !isOver(record, now)));
  const leftOut: LeftOut[] = [];
  for (const standing of seen) {
    if (isOver(standing, now)) continue;
    forgetUnasked(records, standing);
    for (const alert of standing.alerts) {
      const policy = policyOf(standing, alert.rule);
      const { budget, period } = standing;
      const before = records.get(policy) ?? { policy, budget, period, reached: 0, lastEvaluation: "" };
      const judgement = judge({ standing, alert, before, silence: silenceOf(silences, before, now), now, settings });
      records.set(policy, judgement.record);
      if (judgement.reason !== undefined) {
        leftOut.push({ subject: `budget ${budget}`, policy, reason: judgement.reason });
      }
    }
  }
  return { records: Object.fromEntries(records), silences, leftOut };
}

/** Thresholds that the configuration no longer has, and earlier periods of the budget. */
function forgetUnasked(records: Map<string, WantRecord>, standing: BudgetStanding): void {
  const asked = new Set(standing.alerts.map(({ rule }) => policyOf(standing, rule)));
  for (const [policy, { budget }] of records) {
    if (budget === standing.budget && !asked.has(policy)) records.delete(policy);
  }
}

interface Judged {
  standing: BudgetStanding;
  alert: StandingAlert;
  before: WantRecord;
  silence: Silence | undefined;
  now: Date;
  settings: Settings;
}

/** `reason`: why what the threshold asks for is not done. */
interface Judgement {
  record: WantRecord;
  reason?: string;
}

function judge(judged: Judged): Judgement {
  const { standing, alert, before, silence, now } = judged;
  if (silence !== undefined && silence.kind !== "snooze") {
    const reason = silenceText(silence);
    const record = before.want === undefined ? before : left(before, reason, now);
    return { record, ...told(alert, `it is ${reason}`) };
  }
  const doubt = doubtOf(judged);
  if (doubt !== undefined) return { record: before, ...told(alert, doubt) };
  const counted = countedOnce(before, standing, alert);
  return counted.want === undefined ? maybeEnter(counted, judged) : { record: maybeLeave(counted, judged) };
}

/** Why the numbers are not to be acted on. */
function doubtOf({ standing: { dataAsOf, missingRates }, now, settings }: Judged): string | undefined {
  if (dataAsOf === undefined) return "no billing data has been delivered";
  const ageHours = (now.getTime() - Date.parse(dataAsOf)) / HOUR_MS;
  if (ageHours > settings.maxDataAgeHours) {
    return `the billing data is ${Math.floor(ageHours)} hours old, and nothing is done on data older than ${settings.maxDataAgeHours} hours`;
  }
  if (missingRates.length === 0) return undefined;
  return `there is no exchange rate for ${missingRates.join(", ")}, so that the budget's usage is not whole`;
}

/** An evaluation that was counted is not counted again. */
function countedOnce(before: WantRecord, { evaluationId }: BudgetStanding, { state }: StandingAlert): WantRecord {
  if (before.lastEvaluation === evaluationId) return before;
  return { ...before, lastEvaluation: evaluationId, reached: state === "fired" ? before.reached + 1 : 0 };
}

function maybeEnter(record: WantRecord, judged: Judged): Judgement {
  const { alert, standing, silence, now, settings } = judged;
  if (alert.state !== "fired") {
    return { record, ...told(alert, "reported cost has reached the threshold, cost that can be relied on has not") };
  }
  const coolsUntil = minutesAfter(record.leftAt, settings.cooldownMinutes);
  if (coolsUntil !== undefined && isAfter(coolsUntil, now)) {
    return { record, reason: `it was left at ${record.leftAt} and cools down until ${coolsUntil}` };
  }
  if (silence !== undefined) return { record, reason: `it is ${silenceText(silence)}` };
  if (record.reached < settings.enterAfter) {
    return {
      record,
      reason: `${record.reached} of ${settings.enterAfter} consecutive evaluations have reached the threshold`,
    };
  }
  const { leftAt: _, leftBecause: __, ...kept } = record;
  const entered = { enteredAt: now.toISOString(), limitAtEntry: standing.limit };
  return { record: { ...kept, ...entered, want: wantOf(standing, alert, []) } };
}

function maybeLeave(record: WantRecord, { standing, alert, now, settings }: Judged): WantRecord {
  const { counted, at, threshold } = alert;
  const isRaised = record.limitAtEntry !== undefined && standing.limit > record.limitAtEntry;
  if (isRaised && counted < at) return left(record, "the budget was raised", now);
  const below = multiplyDivide(standing.limit, subtract(threshold, settings.leaveBelow), HUNDRED);
  const holdsUntil = minutesAfter(record.enteredAt, settings.minimumHoldMinutes);
  const isHeldLongEnough = holdsUntil === undefined || !isAfter(holdsUntil, now);
  if (counted <= below && counted < at && isHeldLongEnough) return left(record, "usage fell below the threshold", now);
  return { ...record, want: wantOf(standing, alert, record.want?.scopes ?? []) };
}

/** Below its threshold an alert names no targets: then those of before hold. */
function wantOf(standing: BudgetStanding, alert: StandingAlert, before: Want["scopes"]): Want {
  const { budget, period, currency, scope } = standing;
  const { action } = alert;
  const scopes = [alert.targets, before, [scope]].find((each) => each.length > 0) ?? [scope];
  return {
    policy: policyOf(standing, alert.rule),
    budget,
    action,
    rung: action,
    scopes,
    period,
    ...(action === "throttle" ? { reduceByPerHour: excessPerHour(standing, alert) } : {}),
    currency,
    expiresAt: `${period.end}T00:00:00.000Z`,
  };
}

/** What is burnt per hour beyond what would last until the period's end; the last hour counts as a whole one. */
function excessPerHour({ burnPerHour, limit, hoursLeft }: BudgetStanding, { counted }: StandingAlert): Decimal {
  return max(ZERO, subtract(burnPerHour, divide(subtract(limit, counted), max(hoursLeft, ONE))));
}

/** An alert that is far from its threshold has nothing to explain. */
function told({ state }: StandingAlert, reason: string): { reason?: string } {
  return state === "ok" ? {} : { reason };
}

function policyOf({ budget, period }: Pick<BudgetStanding, "budget" | "period">, rule: string): string {
  return `budget/${budget}/${period.start}/${rule}`;
}

function isOver({ period }: Pick<WantRecord, "period">, now: Date): boolean {
  return !isAfter(`${period.end}T00:00:00Z`, now);
}

function minutesAfter(instant: string | undefined, minutes: number): string | undefined {
  return instant === undefined ? undefined : new Date(Date.parse(instant) + minutes * MINUTE_MS).toISOString();
}
