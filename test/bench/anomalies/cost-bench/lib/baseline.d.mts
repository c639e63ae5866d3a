import type { BenchRandom } from "./random.mjs";
import type { BenchSettings } from "./series.mjs";
/** What kind of series it is. */
export interface BenchCharacter {
  level: number;
  sigma: number;
  phi: number;
  growthPerDay: number;
  monthStartFee: number;
  bursty: boolean;
  yearEndDip: number;
  wiggle: number;
  wigglePeriod: number;
  wigglePhase: number;
  burstSize: number;
  weekdayFactor: number[];
}
export function drawCharacter(random: BenchRandom, settings: BenchSettings): BenchCharacter;
