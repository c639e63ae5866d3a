import type { Draw } from "./random.ts";

/** A kind of series as engineers know them: how it looks when nothing is wrong. */
export interface Family {
  name: string;
  /**
   * The constants were chosen on those for design. The kept ones were not, but their totals were seen beside the design figures. The third
   * set was written after that; changes were kept only if its totals did not fall.
   */
  use: "design" | "kept" | "third";
  minutes: readonly number[];
  days: readonly [number, number];
  values(draw: Draw, length: number, minutes: number): Float64Array;
}

export const DAY_MINUTES = 1440;
const dayWave = (phase: number, sharpness: number): number => ((1 + Math.sin(2 * Math.PI * phase)) / 2) ** sharpness;

export function autoregressive(draw: Draw, length: number, keep: number, noise: () => number): Float64Array {
  const out = new Float64Array(length);
  let value = draw.normal();
  for (let i = 0; i < length; i++) {
    value = keep * value + Math.sqrt(1 - keep * keep) * noise();
    out[i] = value;
  }
  return out;
}

/** Share of activity by the time of day and week: nights and weekends quieter. */
export function week(draw: Draw): (minute: number) => number {
  const shift = draw.uniform();
  const sharpness = draw.between(0.7, 2.5);
  const night = draw.between(0.05, 0.6);
  const weekend = draw.between(0.3, 1);
  return (minute) => {
    const day = Math.floor(minute / DAY_MINUTES) % 7;
    const activity = night + (1 - night) * dayWave(minute / DAY_MINUTES + shift, sharpness);
    return activity * (day >= 5 ? weekend : 1);
  };
}
