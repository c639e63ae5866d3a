import type { Scope } from "../../../core/finding.ts";
import { DAY_MS, type Sensitivity } from "../types.ts";
import type { Feedback, SeriesName } from "./types.ts";

/** What one alert called wrong does to the scores of its series. */
const CAUTION = 1.5;
const MOST_CAUTION = 3;
/** It counts in full for half a year, then less every day, and after another quarter not at all. */
const FULL_DAYS = 180;
const FADING_DAYS = 90;

/**
 * How a series is judged because of what people said about it or about a series above it: days that nobody is told about, levels that are
 * normal, and caution. Said about a series below it, it changes nothing here: an unrelated move of the whole must still be seen
 * (`heedFeedback` holds back what is only the sum of what was said below). A pure function: what is undone has no effect.
 */
export function sensitivityOf(
  feedback: readonly Feedback[],
  series: SeriesName,
  now: Date,
): Pick<Sensitivity, "planned" | "newLevels" | "caution"> {
  const touching = feedbackOn(feedback, series);
  return {
    planned: touching.flatMap(({ planned }) =>
      planned === undefined ? [] : [{ from: Date.parse(planned.start), to: Date.parse(planned.end) }],
    ),
    newLevels: touching.filter(({ kind }) => kind === "expected").map(({ since }) => Date.parse(since)),
    caution: Math.min(
      MOST_CAUTION,
      touching.filter(({ kind }) => kind === "wrong").reduce((all, said) => all * cautionOf(said, now), 1),
    ),
  };
}

/** Feedback in force about a series or one above it. */
export function feedbackOn(feedback: readonly Feedback[], series: SeriesName): Feedback[] {
  return feedback.filter(
    (said) => said.undone === undefined && said.currency === series.currency && contains(said.scope, series.scope),
  );
}

/** Whether everything in `inner` lies in `outer`. */
export function contains(outer: Scope, inner: Scope): boolean {
  return Object.entries(outer).every(([dimension, values]) => {
    const chosen = inner[dimension] ?? [];
    return chosen.length > 0 && chosen.every((value) => values.includes(value));
  });
}

/** 1.5 for 180 days after it was said, fading to 1 over the next 90. */
export function cautionOf({ at }: Pick<Feedback, "at">, now: Date): number {
  const days = (now.getTime() - Date.parse(at)) / DAY_MS;
  const weight = Math.min(1, Math.max(0, 1 - (days - FULL_DAYS) / FADING_DAYS));
  return CAUTION ** weight;
}
