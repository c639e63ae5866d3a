import { type CreateWatch, DAY_MS, type SeriesWatch } from "../types.ts";
import { createDailyWatch } from "./daily/daily-watch.ts";
import { createFineWatch } from "./fine/fine-watch.ts";

/** A watch for series of any step: days and longer are judged by the daily detector, the rest by the fine one. */
export const createWatch: CreateWatch = (sensitivity, memory) => {
  let chosen: { daily: boolean; watch: SeriesWatch } | undefined;
  const watchFor = (step: number): SeriesWatch => {
    const daily = step >= DAY_MS;
    if (chosen?.daily !== daily) {
      const kept = chosen?.watch.memory() ?? memory;
      chosen = { daily, watch: daily ? createDailyWatch(sensitivity, kept) : createFineWatch(sensitivity, kept) };
    }
    return chosen.watch;
  };
  return {
    look: (known, changedFrom) => watchFor(known.step).look(known, changedFrom),
    standing: (known) => watchFor(known.step).standing(known),
    memory: () => chosen?.watch.memory() ?? memory ?? { alerts: [] },
  };
};
