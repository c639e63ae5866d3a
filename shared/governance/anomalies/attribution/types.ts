/**
 * The parts of one excess: every combination of dimension values with what it was expected to cost and what it cost. Both add up to the
 * totals that alerted.
 */
export interface Leaves {
  /** The one that people would name first in front: of two elements that are the same leaves, its is named. */
  dimensions: readonly LeafDimension[];
  expected: Float64Array;
  actual: Float64Array;
}

export interface LeafDimension {
  name: string;
  /** The values that occur. */
  values: readonly string[];
  /** Per leaf, the index of its value. */
  codes: Int32Array;
}

/** An element (one key) or a pair of elements of different dimensions (two keys) that makes a part of the excess. */
export interface Cause {
  /** Dimension → value. */
  keys: Readonly<Record<string, string>>;
  /** Leaves that it names and that no cause before it has claimed, by index. */
  leaves: readonly number[];
  /** Of these leaves. */
  expected: number;
  actual: number;
  /** Explanatory power: (actual − expected) ÷ excess of everything. All leaves together have 1; a part that moved the other way is negative. */
  share: number;
  /** Jensen-Shannon divergence that this part adds, of its shares of what was expected and of what came: 0 where it kept its share. */
  surprise: number;
  /** How much better the leaves are explained with this cause than without any, in nats, less the cost of naming it. */
  gain: number;
}

/** What makes an excess. */
export interface Explanation {
  /** Σ actual − Σ expected. */
  excess: number;
  /** Causes that share no leaf and moved as the whole did, the largest share first. */
  causes: readonly Cause[];
  /** How many of `causes`, from the first, it takes to explain the excess. */
  needed: number;
  /** Everything moved alike: no part stands out, and `causes` are only where most of the money is. */
  even: boolean;
}
