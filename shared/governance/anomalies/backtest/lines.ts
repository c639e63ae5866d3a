import type { Judged } from "../types.ts";
import { writeInstant } from "./read-instant.ts";
import type { Look } from "./replay.ts";

/** The JSON lines of one look, as the contract of `genops anomalies backtest` has them; score lines only where wanted. */
export function linesOf({ series, observedAt, judged }: Look, wanted: { scores: boolean }): string[] {
  const seenAt = writeInstant(observedAt);
  return judged.flatMap((one) => [
    ...(wanted.scores ? [JSON.stringify(scoreLine(series, seenAt, one))] : []),
    ...alertLines(series, seenAt, one),
  ]);
}

function scoreLine(series: string, observed_at: string, { at, score }: Judged): object {
  return { kind: "score", series, observed_at, charge_time: writeInstant(at), score: rounded(score) };
}

function alertLines(series: string, alerted_at: string, { at, alert }: Judged): string[] {
  if (alert === undefined) return [];
  const line = {
    kind: "alert",
    series,
    alerted_at,
    charge_time: writeInstant(at),
    score: rounded(alert.score),
    actual: alert.actual,
    expected: rounded(alert.expected),
    lower: rounded(alert.lower),
    upper: rounded(alert.upper),
    direction: alert.direction,
    channel: alert.channel,
    impact: rounded(alert.impact),
  };
  return [JSON.stringify(line)];
}

/** Six digits: what statistics are good for. */
function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
