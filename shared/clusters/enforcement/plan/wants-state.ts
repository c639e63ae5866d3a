import type { Decimal } from "../../../core/decimal.ts";
import type { Day } from "../../../core/period.ts";
import type { LeftOut, Want } from "../types.ts";

/** What a person decided about a policy (`budget/<name>/…`) or about all of a budget (`budget/<name>`). */
export interface Silence {
  /** `snooze`: nothing new until then. `exempt`: nothing at all until then. `resolve`: not again in this period. */
  kind: "snooze" | "exempt" | "resolve";
  until: string;
  /** Who, in words. */
  by: string;
}

/** What is remembered of one threshold in one period. */
export interface WantRecord {
  policy: string;
  budget: string;
  period: { start: Day; end: Day };
  /** Consecutive evaluations at or above the threshold. */
  reached: number;
  lastEvaluation: string;
  /** While it is wanted. */
  want?: Want;
  enteredAt?: string;
  /** The budget's limit when it was entered: a higher one may end it at once. */
  limitAtEntry?: Decimal;
  leftAt?: string;
  /** Why it ended, in words. */
  leftBecause?: string;
}

/** What budgets want, from one evaluation to the next. */
export interface WantsState {
  /** By policy. */
  records: Readonly<Record<string, WantRecord>>;
  /** By policy, or `budget/<name>`. */
  silences: Readonly<Record<string, Silence>>;
  /** Why something that a threshold asks for is not wanted (yet), of the last evaluation. */
  leftOut: readonly LeftOut[];
}

export const NO_WANTS: WantsState = { records: {}, silences: {}, leftOut: [] };

/** What is wanted now, in the order of the policies. What is held for any other policy is to be restored. */
export function wantsOf({ records, silences }: WantsState, now: Date): Want[] {
  return Object.keys(records)
    .sort()
    .flatMap((policy) => {
      const record = records[policy];
      if (record?.want === undefined || !isAfter(record.want.expiresAt, now)) return [];
      const silence = silenceOf(silences, record, now);
      return [silence?.kind === "snooze" ? { ...record.want, quietUntil: silence.until } : record.want];
    });
}

/** A person's decision about a policy, or about `budget/<name>`. What it ends, ends now. */
export function silence(state: WantsState, subject: string, decision: Silence, now: Date): WantsState {
  const silences = { ...state.silences, [subject]: decision };
  const records = Object.fromEntries(
    Object.entries(state.records).map(([policy, record]) => {
      const found = silenceOf(silences, record, now);
      const ends = record.want !== undefined && found !== undefined && found.kind !== "snooze";
      return [policy, ends ? left(record, silenceText(found), now) : record];
    }),
  );
  return { ...state, silences, records };
}

/** The silence of the policy before that of its budget. */
export function silenceOf(
  silences: WantsState["silences"],
  { policy, budget }: Pick<WantRecord, "policy" | "budget">,
  now: Date,
): Silence | undefined {
  return [silences[policy], silences[`budget/${budget}`]].find(
    (each) => each !== undefined && isAfter(each.until, now),
  );
}

export function silenceText({ kind, until, by }: Silence): string {
  const words = { snooze: `snoozed until ${until}`, exempt: `exempt until ${until}`, resolve: "resolved by hand" };
  return `${words[kind]} (${by})`;
}

/** The record without its want. */
export function left(
  { want: _, enteredAt: __, limitAtEntry: ___, ...record }: WantRecord,
  because: string,
  now: Date,
): WantRecord {
  return { ...record, reached: 0, leftAt: now.toISOString(), leftBecause: because };
}

export function isAfter(instant: string, now: Date): boolean {
  return Date.parse(instant) > now.getTime();
}
