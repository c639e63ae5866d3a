import type { Calendar } from "./calendar.ts";
import type { Seasons } from "./seasons.ts";
import type { Segments } from "./segments.ts";
import type { Slope } from "./slope.ts";

/** Everything that was learnt of a series of positive costs. */
export interface Learnt {
  costs: Float64Array;
  calendar: Calendar;
  seasons: Seasons;
  segments: Segments;
  slope: Slope;
  /** Logarithm of the level on the last day. */
  level: number;
  /** What recurring episodes add on average, as a factor. */
  habit: number;
}
