import { DAY_MS } from "../../types.ts";
import { at } from "../daily/numbers.ts";

/**
 * How often a quantity exceeded what in the past of its own series. The past is cut into blocks; of each block only the largest value counts,
 * so that one long event is one. Values up to the largest fifth of the blocks are read off their histogram; beyond, the tail is Pareto with an
 * index learnt from the exceedances and a prior (Gamma) that dominates while there are few: young series are judged timidly.
 */
export interface Tails {
  /** `BINS` counts per tail, quarters of an octave. */
  counts: Float64Array;
  /** Per tail: the largest value of the open block, the value that a fifth of the blocks exceed, how many those are, the sum of their logarithmic excesses. */
  open: Float64Array;
  edge: Float64Array;
  beyond: Float64Array;
  excess: Float64Array;
  /** Highest bin that is not empty. */
  top: Float64Array;
  /** Blocks counted, and whether the open one counts. */
  blocks: Float64Array;
  seen: Uint8Array;
  /** `[0]`: weight of the open block. It grows: older ones fade. */
  weight: Float64Array;
}

/** A block: long enough to be nearly independent of the next, short enough that two weeks hold some dozens. */
export const BLOCK_MS = DAY_MS / 4;
const BINS = 56;
const PER_OCTAVE = 4;
const LOWEST = 0;
const SHARE_BEYOND = 0.2;
/** The prior: an index of about 3, worth three exceedances. */
const PRIOR_COUNT = 3;
const PRIOR_EXCESS = 1;
const FEWEST_BLOCKS = 2;
const FADE_MS = 120 * DAY_MS;
const GROWTH = Math.exp(BLOCK_MS / FADE_MS);

export function createTails(tails: number): Tails {
  return {
    counts: new Float64Array(tails * BINS),
    open: new Float64Array(tails),
    edge: new Float64Array(tails),
    beyond: new Float64Array(tails),
    excess: new Float64Array(tails),
    top: new Float64Array(tails),
    blocks: new Float64Array(tails),
    seen: new Uint8Array(tails),
    weight: new Float64Array([1]),
  };
}

export function copyTails(t: Tails): Tails {
  return {
    counts: t.counts.slice(),
    open: t.open.slice(),
    edge: t.edge.slice(),
    beyond: t.beyond.slice(),
    excess: t.excess.slice(),
    top: t.top.slice(),
    blocks: t.blocks.slice(),
    seen: t.seen.slice(),
    weight: t.weight.slice(),
  };
}

function binOf(value: number): number {
  if (value <= 1) return 0;
  const bin = Math.floor(PER_OCTAVE * (Math.log2(value) - LOWEST));
  return bin > 0 ? Math.min(bin, BINS - 1) : 0;
}

const LOG_STEP = Math.LN2 / PER_OCTAVE;
/** Natural logarithm of the lower end of a bin. */
const lowerEnd = (bin: number): number => Math.LN2 * LOWEST + bin * LOG_STEP;

export function noteValue(t: Tails, tail: number, value: number): void {
  t.seen[tail] = 1;
  if (value > at(t.open, tail)) t.open[tail] = value;
}

/** Ends the block: from now on it is history. */
export function closeBlock(t: Tails): void {
  const weight = at(t.weight, 0);
  t.weight[0] = weight * GROWTH;
  for (let tail = 0; tail < t.open.length; tail++) {
    if (t.seen[tail] === 0) continue;
    const bin = binOf(at(t.open, tail));
    const place = tail * BINS + bin;
    t.counts[place] = at(t.counts, place) + weight;
    t.top[tail] = Math.max(bin, at(t.top, tail));
    t.blocks[tail] = at(t.blocks, tail) + weight;
    t.open[tail] = 0;
    t.seen[tail] = 0;
    learn(t, tail, weight);
  }
}

function learn(t: Tails, tail: number, weight: number): void {
  const wanted = SHARE_BEYOND * at(t.blocks, tail);
  let beyond = 0;
  let logs = 0;
  let bin = at(t.top, tail) + 1;
  while (bin > 1 && beyond < wanted) {
    bin -= 1;
    const count = at(t.counts, tail * BINS + bin);
    beyond += count;
    logs += count * (lowerEnd(bin) + LOG_STEP / 2);
  }
  t.edge[tail] = Math.exp(lowerEnd(bin));
  t.beyond[tail] = beyond / weight;
  t.excess[tail] = (logs - beyond * lowerEnd(bin)) / weight;
}

const BLOCKS_PER_90_DAYS = (90 * DAY_MS) / BLOCK_MS;

/** Expected number of blocks per 90 days whose largest value exceeds `value`; Infinity for what is common. */
export function exceedances(t: Tails, tail: number, value: number): number {
  const edge = at(t.edge, tail);
  const weight = at(t.weight, 0);
  const blocks = at(t.blocks, tail) / weight;
  if (value <= edge || blocks < FEWEST_BLOCKS) return Number.POSITIVE_INFINITY;
  const beyond = at(t.beyond, tail);
  const survival = (1 + Math.log(value / edge) / (PRIOR_EXCESS + at(t.excess, tail))) ** -(PRIOR_COUNT + beyond);
  const modelled = ((beyond + 0.5) / (blocks + 1)) * survival;
  return BLOCKS_PER_90_DAYS * Math.max(modelled, seenBeyond(t, tail, value) / weight / blocks);
}

/** The value that is exceeded `expected` times in 90 days, by the Pareto tail. */
export function valueExceeded(t: Tails, tail: number, expected: number): number {
  const beyond = at(t.beyond, tail);
  const atEdge = (BLOCKS_PER_90_DAYS * (beyond + 0.5)) / (at(t.blocks, tail) / at(t.weight, 0) + 1);
  const excess =
    (PRIOR_EXCESS + at(t.excess, tail)) * (Math.max(1, atEdge / expected) ** (1 / (PRIOR_COUNT + beyond)) - 1);
  return at(t.edge, tail) * Math.exp(excess);
}

/** Weight of the blocks that exceeded `value`, less half a block for its being the largest of its kind. */
function seenBeyond(t: Tails, tail: number, value: number): number {
  const own = binOf(value);
  let seen = at(t.counts, tail * BINS + own) / 2;
  for (let bin = own + 1; bin <= at(t.top, tail); bin++) seen += at(t.counts, tail * BINS + bin);
  return seen - at(t.weight, 0) / 2;
}
