import { at } from "../detector/daily/numbers.ts";

/**
 * All observations of a file in the order of a replay: by `observedAt`, then series, then charge time. Row i of one column is row i of
 * all; times in milliseconds since 1970.
 */
export interface Observations {
  /** Names, sorted. */
  names: readonly string[];
  /** Index in `names`. */
  series: Float64Array;
  chargeTime: Float64Array;
  observedAt: Float64Array;
  cost: Float64Array;
  /** Where the row stood in the file. */
  line: Float64Array;
}

/** Collects rows in any order. */
export interface ObservationTable {
  add(series: string, chargeTime: number, observedAt: number, cost: number, line: number): void;
  sorted(): Observations;
}

const COLUMNS = ["series", "chargeTime", "observedAt", "cost", "line"] as const;
type Columns = Record<(typeof COLUMNS)[number], Float64Array<ArrayBuffer>>;

export function createObservationTable(): ObservationTable {
  const ids = new Map<string, number>();
  let columns = columnsOf(1024);
  let count = 0;

  function idOf(name: string): number {
    const known = ids.get(name);
    if (known !== undefined) return known;
    ids.set(name, ids.size);
    return ids.size - 1;
  }

  return {
    add(series, chargeTime, observedAt, cost, line) {
      if (count === columns.cost.length) columns = grown(columns);
      columns.series[count] = idOf(series);
      columns.chargeTime[count] = chargeTime;
      columns.observedAt[count] = observedAt;
      columns.cost[count] = cost;
      columns.line[count] = line;
      count += 1;
    },
    sorted() {
      const names = [...ids.keys()].sort();
      const rankOf = new Map(names.map((name, rank) => [name, rank]));
      const ranks = Float64Array.from(ids.keys(), (name) => rankOf.get(name) as number);
      const series = Float64Array.from(columns.series.subarray(0, count), (id) => at(ranks, id));
      const order = orderOf(series, columns, count);
      const inOrder = (column: Float64Array) => Float64Array.from(order, (row) => at(column, row));
      return {
        names,
        series: inOrder(series),
        chargeTime: inOrder(columns.chargeTime),
        observedAt: inOrder(columns.observedAt),
        cost: inOrder(columns.cost),
        line: inOrder(columns.line),
      };
    },
  };
}

function columnsOf(length: number): Columns {
  const column = () => new Float64Array(length);
  return { series: column(), chargeTime: column(), observedAt: column(), cost: column(), line: column() };
}

function grown(columns: Columns): Columns {
  const larger = columnsOf(columns.cost.length * 2);
  for (const name of COLUMNS) larger[name].set(columns[name]);
  return larger;
}

/** Equal rows keep the order of the file. */
function orderOf(series: Float64Array, { observedAt, chargeTime }: Columns, count: number): Float64Array {
  const order = Float64Array.from({ length: count }, (_none, row) => row);
  return order.sort(
    (a, b) =>
      at(observedAt, a) - at(observedAt, b) ||
      at(series, a) - at(series, b) ||
      at(chargeTime, a) - at(chargeTime, b) ||
      a - b,
  );
}
