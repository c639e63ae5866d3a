import { tryParseDecimal } from "../core/decimal.ts";
import { type Day, isDay } from "../core/period.ts";
import { sparkline } from "../core/sparkline.ts";
import { type CostHistory, readHistory } from "../governance/anomalies/history-text.ts";
import { shortKey } from "../governance/findings/find-key.ts";
import { formatMoney } from "./console/money-text.ts";

/** What of a finding is needed; the API's form of it will do. */
export interface AnomalyFinding {
  key: string;
  kind: string;
  currency: string;
  /** The API's form has neither; then the facts tell. */
  rule?: string;
  period?: { start: Day };
  evidence: { facts: Readonly<Record<string, string>> };
}

export interface AnomalyHistory {
  /** First day, and the last one. */
  start: Day;
  end: Day;
  /** Oldest first; null where nothing is known. */
  costs: (number | null)[];
  /** Which of them belong to the anomaly. */
  marked: boolean[];
  /** `▂▂▂▃[█▇]`, the anomaly in brackets. */
  sparkline: string;
}

/** What an anomaly's evidence says, taken apart for people. Amounts are decimal text. */
export interface AnomalyView {
  /** The day that decided: its cost, what was expected of it, and between which two it would have been usual. */
  day: Day;
  actual?: string;
  expected?: string;
  range?: { lower: string; upper: string };
  /** First day of the anomaly. */
  since: Day;
  /** All of its days together. */
  total?: { actual: string; expected: string };
  direction?: string;
  channel?: string;
  score?: string;
  /** The rules that saw it, the one that told it among them. */
  rules: string[];
  history?: AnomalyHistory;
  /** What people have said about the series. */
  feedback?: string;
}

/** Facts that `anomalyRows` shows in its own way. */
const TOLD = [
  "day",
  "days",
  "totalActual",
  "totalExpected",
  "surprise",
  "actual",
  "expected",
  "lower",
  "upper",
  "since",
  "direction",
  "channel",
  "score",
  "rules",
  "history",
  "feedback",
] as const;

export function isAnomaly({ kind }: Pick<AnomalyFinding, "kind">): boolean {
  return kind === "anomaly";
}

export function anomalyView(finding: AnomalyFinding): AnomalyView {
  const { facts } = finding.evidence;
  const { lower, upper, totalActual, totalExpected } = facts;
  const since = dayIn(facts["since"]) ?? finding.period?.start ?? "";
  const rules = (facts["rules"] ?? finding.rule ?? "").split(",").map((rule) => rule.trim());
  const history = readHistory(facts["history"] ?? "");
  return {
    day: dayIn(facts["day"]) ?? since,
    ...given(facts, "actual"),
    ...given(facts, "expected"),
    ...(isAmount(lower) && isAmount(upper) ? { range: { lower, upper } } : {}),
    since,
    ...(isAmount(totalActual) && isAmount(totalExpected)
      ? { total: { actual: totalActual, expected: totalExpected } }
      : {}),
    ...given(facts, "direction"),
    ...given(facts, "channel"),
    ...given(facts, "score"),
    rules,
    ...(history === undefined ? {} : { history: historyView(history, since, rules) }),
    ...given(facts, "feedback"),
  };
}

function given<K extends (typeof TOLD)[number]>(
  facts: Readonly<Record<string, string>>,
  name: K,
): Partial<Record<K, string>> {
  const value = facts[name];
  return value === undefined || value === "" ? {} : ({ [name]: value } as Record<K, string>);
}

function isAmount(text: string | undefined): text is string {
  return text !== undefined && tryParseDecimal(text) !== undefined;
}

function dayIn(text: string | undefined): Day | undefined {
  const day = (text ?? "").slice(0, 10);
  return isDay(day) ? day : undefined;
}

/** Rules that are about one day; everything else goes on to the newest. */
const OF_ONE_DAY: readonly string[] = ["over-yesterday", "absolute-jump"];

function historyView({ start, step, costs }: CostHistory, since: Day, [rule = ""]: readonly string[]): AnomalyHistory {
  const dayAt = (index: number) => new Date(start + index * step).toISOString().slice(0, 10);
  const isOneDay = OF_ONE_DAY.includes(rule);
  const marked = costs.map((_cost, index) => (isOneDay ? dayAt(index) === since : dayAt(index) >= since));
  return {
    start: dayAt(0),
    end: dayAt(costs.length - 1),
    costs: costs.map((cost) => (Number.isFinite(cost) ? cost : null)),
    marked,
    sparkline: sparkline(costs, (index) => marked[index] === true),
  };
}

/** What an anomaly is about, as labels and values for every channel. Not escaped; feedback is people's own words. */
export function anomalyRows(finding: AnomalyFinding): { label: string; value: string; fixed: boolean }[] {
  const view = anomalyView(finding);
  const { currency } = finding;
  const { history, rules } = view;
  const rows: [string, string | undefined][] = [
    ["Cost", costText(view, currency)],
    ["Expected", expectedText(view, currency)],
    ["Usual", rangeText(view, currency)],
    ["Since", view.since],
    ["History", history === undefined ? undefined : `${history.sparkline} ${history.start} to ${history.end}`],
    ["Seen by", rules.length > 1 ? rules.join(", ") : undefined],
    ["Feedback", view.feedback],
  ];
  return rows.flatMap(([label, value]) => (value === undefined ? [] : [{ label, value, fixed: true }]));
}

/** Facts that say something beyond `anomalyRows`. */
export function otherFacts(facts: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(facts).filter(([name]) => !TOLD.some((told) => told === name));
}

/** `1,234.56 USD since 2024-09-23`, or what the day cost. */
export function costText({ actual, total, since }: AnomalyView, currency: string): string | undefined {
  return total === undefined ? moneyText(actual, currency) : `${moneyText(total.actual, currency)} since ${since}`;
}

/** What the same days were expected to cost. */
export function expectedText({ expected, total }: AnomalyView, currency: string): string | undefined {
  return moneyText(total?.expected ?? expected, currency);
}

/** `245.32 USD to 352.93 USD on 2024-09-28, which cost 751.54 USD`. */
export function rangeText({ actual, range, day }: AnomalyView, currency: string): string | undefined {
  if (range === undefined) return undefined;
  const span = `${moneyText(range.lower, currency)} to ${moneyText(range.upper, currency)} on ${day}`;
  const cost = moneyText(actual, currency);
  return cost === undefined ? span : `${span}, which cost ${cost}`;
}

function moneyText(amount: string | undefined, currency: string): string | undefined {
  const value = amount === undefined ? undefined : tryParseDecimal(amount);
  return value === undefined ? amount : formatMoney(value, currency);
}

/** What a person may answer, as commands. */
export function feedbackHint({ key }: Pick<AnomalyFinding, "key">): string {
  return `genops anomalies feedback ${shortKey(key)} expected | planned --to LAST-DAY | wrong`;
}
