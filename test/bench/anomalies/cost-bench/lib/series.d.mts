export interface BenchObservation {
  series: string;
  charge_time: string;
  observed_at: string;
  cost: number;
}
export interface BenchEvent {
  id: string;
  type: "spike" | "step" | "leak" | "drop";
  size: number;
  start: string;
  end: string;
  first_visible: string;
  deadline: string;
  care_until: string;
  /** Cost too much (or too little, for a drop) on each day from start to end. */
  excess: number[];
}
export interface BenchLabel {
  series: string;
  level: number;
  noise: number;
  traits: string[];
  scored_from: string;
  scored_until: string;
  events: BenchEvent[];
}
export interface BenchSettings {
  days: number;
  warmupDays: number;
  startDate: string;
  startJitterDays: readonly [number, number];
  burstChance: number;
  burstDays: readonly [number, number];
}
export function createSeries(
  seed: number,
  index: number,
  settings: BenchSettings,
): { observations: BenchObservation[]; label: BenchLabel };
