import { readObservations } from "../../../../../shared/governance/anomalies/backtest/read-observations.ts";
import type { CreateWatch, Judged, KnownSeries } from "../../../../../shared/governance/anomalies/types.ts";

export const HEADER = "series,charge_time,observed_at,cost";

/** The bytes of a file, in pieces of `size`. */
export async function* bytesOf(text: string, size = 7): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export function observationsOf(rows: readonly string[], header = HEADER): ReturnType<typeof readObservations> {
  return readObservations(bytesOf([header, ...rows, ""].join("\n"), 1000), "obs.csv");
}

/** Everything that a watch was shown. */
export interface Shown {
  start: string;
  step: number;
  costs: (number | null)[];
  completeness: number[];
  changedFrom: number;
}

/** A watch that judges every changed period by its cost and writes down what it saw; it alerts from `alertFrom` on. */
export function createRecordingWatch(shown: Shown[], alertFrom = Number.POSITIVE_INFINITY): CreateWatch {
  return (_sensitivity, memory) => ({
    look(known, changedFrom) {
      shown.push(copyOf(known, changedFrom));
      const judged: Judged[] = [];
      for (let index = changedFrom; index < known.costs.length; index += 1) {
        const cost = known.costs[index] ?? Number.NaN;
        if (!Number.isNaN(cost)) judged.push(judgedOf(known.start + index * known.step, cost, alertFrom));
      }
      return judged;
    },
    standing: () => [],
    memory: () => memory ?? { alerts: [] },
  });
}

function judgedOf(at: number, cost: number, alertFrom: number): Judged {
  if (cost < alertFrom) return { at, score: cost };
  const range = { actual: cost, expected: cost / 3, lower: cost / 4, upper: cost / 2 };
  const alert = { at, since: at, score: cost, ...range, direction: "up", channel: "point", impact: cost } as const;
  return { at, score: cost, alert };
}

function copyOf({ start, step, costs, completeness }: KnownSeries, changedFrom: number): Shown {
  return {
    start: new Date(start).toISOString(),
    step,
    costs: Array.from(costs, (cost) => (Number.isNaN(cost) ? null : cost)),
    completeness: completeness.map(({ share }) => Number(share.toFixed(3))),
    changedFrom,
  };
}
