import type { Day } from "../../../core/period.ts";

/** Effective usage cost of one combination of dimensions in one currency by the day, or by the hour: the finest that is watched. */
export interface LeafSeries {
  provider: string;
  currency: string;
  /** One value per dimension of `LeafTable.by`; `""` where it has none. */
  values: readonly string[];
  /**
   * One number per day (`LeafTable.step`) from `LeafTable.start`. NaN: the provider has delivered nothing of that day, so its cost is
   * unknown. Where it delivered and this series has no rows, the cost is 0.
   */
  costs: Float64Array;
}

/** All leaves over the same days, or hours. */
export interface LeafTable {
  by: readonly string[];
  start: Day;
  /** How many periods: days, unless `step` says otherwise. */
  days: number;
  /** Milliseconds of a period that is shorter than a day. */
  step?: number;
  leaves: readonly LeafSeries[];
}

/** A series at one level: the sum of its leaves. */
export interface SeriesNode {
  /** Names it for good, wherever it stands in a table: JSON of currency and dimensions. */
  id: string;
  currency: string;
  /** The dimensions it fixes, in the order of `LeafTable.by`; empty for everything. */
  keys: Readonly<Record<string, string>>;
  /** Places in `LeafTable.leaves`, ascending. */
  leaves: readonly number[];
  /** NaN on days on which the cost of one of its leaves is unknown. */
  costs: Float64Array;
}
