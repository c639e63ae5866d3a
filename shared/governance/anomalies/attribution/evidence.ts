import { at } from "../../../core/at.ts";
import type { Leaves } from "./types.ts";

/**
 * What each leaf says about a group that it is in. A group is taken to move by one rate δ of its leaves' sizes; the best δ is Σx ÷ Σy, and
 * with it the leaves are (Σx)² ÷ 2Σy nats more likely than without any move.
 */
export interface LeafEvidence {
  x: Float64Array;
  y: Float64Array;
}

/** A leaf of 16 × the size has 11 × the noise: between one thing that varies as a whole (16 ×) and a sum of independent things (4 ×). */
const NOISE_POWER = 1.75;
/** Relative noise of a leaf of middling size is not taken to be smaller than this. */
const LEAST_NOISE = 0.01;
/** Noise is read off this part of the leaves, the densest: the rest may have moved, or all may. */
const CALM = 1 / 3;
/** Half the width, in standard deviations, of the middle third of a normal distribution. */
const CALM_WIDTH = 0.4307;

/**
 * Normal noise with variance c · size^1.75. The size of a leaf is the mean of what was expected and what came, so that what is new or gone
 * counts by what it is or was; c is read off the leaves that moved most alike, the large ones counting more, but not by all their money.
 */
export function leafEvidence({ expected, actual }: Pick<Leaves, "expected" | "actual">): LeafEvidence {
  const moved = actual.map((value, i) => value - at(expected, i));
  const sizes = actual.map((value, i) => (Math.abs(value) + Math.abs(at(expected, i))) / 2);
  const scale = noiseScale(moved, sizes);
  return {
    x: moved.map((value, i) => weigh(value, at(sizes, i), 1 - NOISE_POWER, scale)),
    y: sizes.map((size) => weigh(1, size, 2 - NOISE_POWER, scale)),
  };
}

function weigh(value: number, size: number, power: number, scale: number): number {
  return size === 0 ? 0 : (value * size ** power) / scale;
}

function noiseScale(moved: Float64Array, sizes: Float64Array): number {
  const weights = sizes.map(Math.sqrt);
  const scores = moved.map((value, i) => weigh(value, at(sizes, i), -NOISE_POWER / 2, 1));
  const noise = shortest(scores, weights, CALM) / (2 * CALM_WIDTH);
  const floor = LEAST_NOISE ** 2 * weightedMedian(sizes, weights) ** (2 - NOISE_POWER);
  return Math.max(noise ** 2, floor, Number.MIN_VALUE);
}

/** Width of the shortest interval that holds this part of the weight. */
function shortest(values: Float64Array, weights: Float64Array, part: number): number {
  const order = orderOf(values);
  const wanted = total(weights) * part;
  let width = Number.POSITIVE_INFINITY;
  let held = 0;
  let first = 0;
  for (const last of order) {
    held += at(weights, last);
    for (let lower = at(order, first); held - at(weights, lower) >= wanted; lower = at(order, first)) {
      held -= at(weights, lower);
      first++;
    }
    if (held >= wanted) width = Math.min(width, at(values, last) - at(values, at(order, first)));
  }
  return Number.isFinite(width) ? width : 0;
}

function weightedMedian(values: Float64Array, weights: Float64Array): number {
  const half = total(weights) / 2;
  let passed = 0;
  for (const i of orderOf(values)) {
    passed += at(weights, i);
    if (passed >= half) return at(values, i);
  }
  return 0;
}

function orderOf(values: Float64Array): Uint32Array {
  return Uint32Array.from(values.keys()).sort((a, b) => at(values, a) - at(values, b));
}

function total(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
