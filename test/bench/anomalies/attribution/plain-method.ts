import { surprise } from "../../../../shared/governance/anomalies/attribution/surprise.ts";
import type { Case, Keys } from "./inject.ts";

const LEAST_POWER = 0.1;
const ENOUGH = 0.67;

interface Candidate {
  name: string;
  value: string;
  power: number;
  surprise: number;
}

type Rows = Case["rows"];

/**
 * The method as `reference/anomaly.md` §5 has it, to compare with: Adtributor, then once more inside the best element. What is named
 * first: the pair of both where the inner set is one element, else the best element; then what is left of both levels.
 */
export function plainNames({ bill, rows }: Case): Keys[] {
  const outer = adtributor(rows, bill.dimensions);
  const [best] = outer;
  if (best === undefined) return [];
  const inside = rows.filter(({ values }) => values[bill.dimensions.indexOf(best.name)] === best.value);
  const inner = adtributor(inside, bill.dimensions, best.name);
  const pairs = inner.map((second): Keys => ({ [best.name]: best.value, [second.name]: second.value }));
  const singles = outer.map(({ name, value }): Keys => ({ [name]: value }));
  return inner.length === 1 ? [...pairs, ...singles] : [...singles.slice(0, 1), ...pairs, ...singles.slice(1)];
}

/** The elements of the most surprising dimension, by falling surprise, until they explain enough. */
function adtributor(rows: Rows, dimensions: readonly string[], without?: string): Candidate[] {
  const sets = dimensions.map((name, d) => (name === without ? [] : setOf(rows, name, d)));
  const size = (set: readonly Candidate[]) => set.reduce((sum, one) => sum + one.surprise, 0);
  return sets.sort((a, b) => size(b) - size(a))[0] ?? [];
}

/** The elements of one dimension that explain enough; none where they do not, or where it takes all of them. */
function setOf(rows: Rows, name: string, dimension: number): Candidate[] {
  const elements = Map.groupBy(rows, ({ values }) => values[dimension] ?? "");
  const total = totals(rows);
  const ranked = [...elements]
    .map(([value, members]): Candidate => {
      const own = totals(members);
      return {
        name,
        value,
        power: (own.actual - own.expected) / (total.actual - total.expected),
        surprise: surprise(own.expected / total.expected, own.actual / total.actual),
      };
    })
    .filter(({ power }) => power >= LEAST_POWER)
    .sort((a, b) => b.surprise - a.surprise);
  let explained = 0;
  const last = ranked.findIndex(({ power }) => {
    explained += power;
    return explained >= ENOUGH;
  });
  return last + 1 < elements.size ? ranked.slice(0, last + 1) : [];
}

function totals(rows: Rows): { expected: number; actual: number } {
  return {
    expected: rows.reduce((sum, { expected }) => sum + expected, 0),
    actual: rows.reduce((sum, { actual }) => sum + actual, 0),
  };
}
