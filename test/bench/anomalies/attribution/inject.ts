import type { Draw } from "../fine/random.ts";
import { type Bill, weightedIndex } from "./bill.ts";

/** One element (one entry) or a pair: dimension → value. */
export type Keys = Readonly<Record<string, string>>;

/** What happened to a bill on one day: the cause, what else moved, and how noisy it is. */
export interface Event {
  bill: Bill;
  cause: Keys;
  /** Rows of the cause, by index. */
  truth: ReadonlySet<number>;
  /** The cause has never cost anything before: its rows come from nothing. */
  isNew: boolean;
  /** Per row, by what its cost is multiplied that day. */
  factors: readonly number[];
  /** Per row, standard deviation of the logarithm of its daily cost. */
  noise: readonly number[];
}

/** A day with what was expected of it. */
export interface Case extends Event {
  rows: readonly { values: readonly string[]; expected: number; actual: number }[];
}

export interface EventShape {
  /** One: an element. Two: a pair that is clearly less than either of its elements. */
  dimensions: 1 | 2;
  /** Noise of single rows that grows as they get smaller, up to thrice, and a cause that moves its rows very unevenly. */
  rough?: boolean;
}

const DISTRACTORS = 3;
/** Least part of the whole cost that a cause moves, and least ratio to the noise of the whole: otherwise nobody was alerted. */
const VISIBLE_SHARE = 0.04;
const VISIBLE_SIGMAS = 4;
/** The rest of the day does not hide the cause: this part of its money is left in the whole. */
const LEFT_SHARE = 0.4;
/** A pair that has more of the rows of one of its elements is that element. */
const OWN_SHARE = 0.9;
const MOST_ROWS = 0.6;
const ATTEMPTS = 400;

/**
 * Moves one element or one pair up by 25 to 300 % (a fifth: down; one in twelve: from nothing), more or less evenly over its rows, and
 * three unrelated ones by 10 to 60 % of that money up or down. Noise of a row: 1 to 12 %, that of its expectation half of it. `undefined`
 * where the bill has nothing that is large enough.
 */
export function drawCase(draw: Draw, bill: Bill, shape: EventShape): Case | undefined {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const event = drawEvent(draw, bill, shape);
    if (event === undefined) continue;
    const rows = bill.rows.map(({ values, cost }, row) => ({
      values,
      expected:
        event.isNew && event.truth.has(row) ? 0 : cost * Math.exp(((event.noise[row] ?? 0) / 2) * draw.normal()),
      actual: cost * (event.factors[row] ?? 1) * Math.exp((event.noise[row] ?? 0) * draw.normal()),
    }));
    if (isSeen(event, rows)) return { ...event, rows };
  }
  return undefined;
}

function isSeen({ truth }: Event, rows: Case["rows"]): boolean {
  let [all, own] = [0, 0];
  for (const [row, { expected, actual }] of rows.entries()) {
    all += actual - expected;
    if (truth.has(row)) own += actual - expected;
  }
  return all / own >= LEFT_SHARE;
}

function drawEvent(draw: Draw, bill: Bill, shape: EventShape): Event | undefined {
  const costs = bill.rows.map(({ cost }) => cost);
  const cause = drawKeys(draw, bill, shape.dimensions);
  const own = rowsOf(bill, cause);
  const { move, isNew } = drawMove(draw);
  const noise = drawNoise(draw, costs, shape.rough === true);
  const excess = Math.abs(sumOf(own, costs) * move);
  const blur = Math.hypot(...costs.map((cost, row) => cost * (noise[row] ?? 0) * 1.2));
  if (excess < VISIBLE_SHARE * sum(costs) || excess < VISIBLE_SIGMAS * blur) return undefined;
  if (own.length > MOST_ROWS * costs.length || !isOwn(bill, cause, own.length)) return undefined;
  const unevenness = draw.between(0, shape.rough === true ? 0.8 : 0.3);
  const factors = costs.map(() => 1);
  for (const row of own) factors[row] = isNew ? 1 : Math.max(0, 1 + move * Math.exp(unevenness * draw.normal()));
  const moved = { bill, excess: excess * Math.sign(move), factors, taken: new Set(own) };
  for (let k = 0; k < DISTRACTORS; k++) if (!distract(draw, moved)) return undefined;
  return { bill, cause, truth: new Set(own), isNew, factors, noise };
}

function drawMove(draw: Draw): { move: number; isNew: boolean } {
  const kind = draw.uniform();
  if (kind < 0.2) return { move: -draw.between(0.25, 1), isNew: false };
  if (kind < 0.28) return { move: 1, isNew: true };
  return { move: Math.exp(draw.between(Math.log(0.25), Math.log(3))), isNew: false };
}

function drawNoise(draw: Draw, costs: readonly number[], rough: boolean): number[] {
  const level = draw.between(0.01, 0.12);
  const largest = Math.max(...costs);
  return costs.map((cost) => (rough ? level * Math.min(3, (largest / cost) ** 0.2) * draw.between(0.5, 1.5) : level));
}

/** An element of any size, or a pair that occurs. */
function drawKeys(draw: Draw, { dimensions, rows }: Bill, count: 1 | 2): Keys {
  const weights = rows.map(({ cost }) => Math.sqrt(cost));
  const values = rows[weightedIndex(draw, weights)]?.values ?? [];
  const first = draw.whole(0, dimensions.length - 1);
  const second = (first + draw.whole(1, dimensions.length - 1)) % dimensions.length;
  const chosen = count === 1 ? [first] : [first, second];
  return Object.fromEntries(chosen.map((d) => [dimensions[d] ?? "", values[d] ?? ""]));
}

/** An element is itself; a pair has to be less than each of its elements. */
function isOwn(bill: Bill, keys: Keys, size: number): boolean {
  const elements = Object.entries(keys);
  return (
    elements.length === 1 ||
    elements.every(([name, value]) => size <= OWN_SHARE * rowsOf(bill, { [name]: value }).length)
  );
}

interface Moved {
  bill: Bill;
  excess: number;
  factors: number[];
  taken: Set<number>;
}

/** Moves something that shares at most a tenth of its money with what moved before. */
function distract(draw: Draw, { bill, excess, factors, taken }: Moved): boolean {
  const costs = bill.rows.map(({ cost }) => cost);
  for (let attempt = 0; attempt < 60; attempt++) {
    const rows = rowsOf(bill, drawKeys(draw, bill, draw.chance(0.5) ? 1 : 2));
    const free = rows.filter((row) => !taken.has(row));
    const money = sumOf(free, costs);
    const move = (excess * draw.between(0.1, 0.6) * (draw.chance(0.6) ? 1 : -1)) / money;
    if (money < 0.9 * sumOf(rows, costs) || move < -1 || move > 5) continue;
    for (const row of free) {
      factors[row] = 1 + move;
      taken.add(row);
    }
    return true;
  }
  return false;
}

/** Rows that have all of these values. */
function rowsOf({ dimensions, rows }: Bill, keys: Keys): number[] {
  const wanted = Object.entries(keys).map(([name, value]) => [dimensions.indexOf(name), value] as const);
  return rows.flatMap(({ values }, row) => (wanted.every(([d, value]) => values[d] === value) ? [row] : []));
}

/** Whether these words name exactly the rows of the cause. */
export function isCause({ bill, truth }: Event, keys: Keys): boolean {
  const rows = rowsOf(bill, keys);
  return rows.length === truth.size && rows.every((row) => truth.has(row));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function sumOf(rows: readonly number[], costs: readonly number[]): number {
  return rows.reduce((total, row) => total + (costs[row] ?? 0), 0);
}
