import { at } from "../detector/daily/numbers.ts";
import type { Judged } from "../types.ts";
import type { Observations } from "./observations.ts";
import { createSeriesReplay, type ReplaySettings, type SeriesReplay } from "./series-replay.ts";

/** What one look at one series said. */
export interface Look {
  series: string;
  observedAt: number;
  judged: readonly Judged[];
}

/**
 * At each distinct `observedAt`, in order, evaluates everything known then and nothing later. Series are independent: each has a watch
 * and a memory of its own. Looks come in order of time, then by series.
 */
export function* replay(observations: Observations, settings: ReplaySettings): Generator<Look, void> {
  const { names, series, observedAt } = observations;
  const replays: (SeriesReplay | undefined)[] = names.map(() => undefined);
  for (let from = 0; from < series.length; ) {
    const id = at(series, from);
    const seenAt = at(observedAt, from);
    let to = from + 1;
    while (series[to] === id && observedAt[to] === seenAt) to += 1;
    replays[id] ??= createSeriesReplay(observations, settings);
    const judged = replays[id].look(from, to);
    if (judged.length > 0) yield { series: names[id] as string, observedAt: seenAt, judged };
    from = to;
  }
}
