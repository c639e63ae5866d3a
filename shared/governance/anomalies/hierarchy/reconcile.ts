/** A number that is expected, and how uncertain it is. */
export interface Estimate {
  value: number;
  /** ≥ 0. */
  variance: number;
}

/** A series and those it is the sum of. */
export interface EstimateTree<Key> {
  key: Key;
  /** Its own estimate; without one, it is what its children add up to. */
  estimate?: Estimate;
  children: readonly EstimateTree<Key>[];
}

/**
 * Makes estimates of a tree add up: every parent is exactly the sum of its children, and each estimate moves as little as its variance
 * tells (weighted least squares; where all are equally sure, a difference is shared in equal parts). Exact for trees: what the leaves say
 * is gathered upwards, then the difference is handed down (cf. trace minimisation with a diagonal covariance, Wickramasuriya,
 * Athanasopoulos, Hyndman 2019). Values may become negative; who cannot use that cuts them off.
 */
export function reconcile<Key>(tree: EstimateTree<Key>): Map<Key, number> {
  const result = new Map<Key, number>();
  const gathered = gather(tree);
  handDown(gathered, gathered.value, result);
  return result;
}

interface Gathered<Key> extends Estimate {
  key: Key;
  children: readonly Gathered<Key>[];
}

/** What a subtree says about its root. */
function gather<Key>({ key, estimate, children }: EstimateTree<Key>): Gathered<Key> {
  if (children.length === 0) return { key, ...(estimate ?? { value: 0, variance: 0 }), children: [] };
  const below = children.map((child) => gather(child));
  const together = sumOf(below);
  return { key, ...(estimate === undefined ? together : combined(estimate, together)), children: below };
}

function sumOf(estimates: readonly Estimate[]): Estimate {
  return estimates.reduce<Estimate>(
    (sum, { value, variance }) => ({ value: sum.value + value, variance: sum.variance + variance }),
    { value: 0, variance: 0 },
  );
}

/** Two independent estimates of one number, the surer one weighing more. */
function combined(one: Estimate, other: Estimate): Estimate {
  const whole = one.variance + other.variance;
  if (!(whole > 0)) return { value: other.value, variance: 0 };
  return {
    value: (one.value * other.variance + other.value * one.variance) / whole,
    variance: (one.variance * other.variance) / whole,
  };
}

/** Gives a subtree its final sum; returns what its parts add up to, so that rounding never breaks the sum. */
function handDown<Key>({ key, children }: Gathered<Key>, value: number, result: Map<Key, number>): number {
  if (children.length === 0) {
    result.set(key, value);
    return value;
  }
  const together = sumOf(children);
  const missing = value - together.value;
  let sum = 0;
  for (const child of children) {
    const part = together.variance > 0 ? child.variance / together.variance : 1 / children.length;
    sum += handDown(child, child.value + missing * part, result);
  }
  result.set(key, sum);
  return sum;
}
