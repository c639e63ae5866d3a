import { injections } from "./anomalies.ts";
import { designFamilies } from "./design-families.ts";
import type { Family } from "./family.ts";
import { keptFamilies } from "./kept-families.ts";
import { createDraw, type Draw } from "./random.ts";
import { thirdFamilies } from "./third-families.ts";

/** A series with what is wrong in it. Windows are rows `[from, to)` around each anomaly, a tenth of the series in all. */
export interface LabelledSeries {
  name: string;
  family: string;
  start: number;
  step: number;
  costs: Float64Array;
  windows: { from: number; to: number; at: number; kind: string }[];
}

const families = [...designFamilies, ...keptFamilies, ...thirdFamilies];
const OFFSETS: Readonly<Record<Family["use"], number>> = { design: 0, kept: 500, third: 700 };
const START = Date.UTC(2026, 0, 5);

/** `perFamily` series of each family in that use. The same seed gives the same series. */
export function generateFineSeries(use: Family["use"], perFamily: number, seed: number): LabelledSeries[] {
  return eachFamily(use, perFamily, seed, (family, name, draw) => disturb(oneSeries(family, name, draw), draw));
}

/** The same without anything wrong. */
export function generateQuietSeries(use: Family["use"], perFamily: number, seed: number): LabelledSeries[] {
  return eachFamily(use, perFamily, seed + 500, oneSeries);
}

function eachFamily(
  use: Family["use"],
  perFamily: number,
  seed: number,
  make: (family: Family, name: string, draw: Draw) => LabelledSeries,
): LabelledSeries[] {
  return families
    .filter((family) => family.use === use)
    .flatMap((family, f) =>
      Array.from({ length: perFamily }, (_none, k) =>
        make(family, `${family.name}-${k}`, createDraw(seed * 1_000_003 + f * 1009 + k * 17 + OFFSETS[use])),
      ),
    );
}

function oneSeries(family: Family, name: string, draw: Draw): LabelledSeries {
  const minutes = draw.pick(family.minutes);
  const days = draw.between(...family.days);
  const length = Math.max(1000, Math.min(22_000, Math.round((days * 1440) / minutes)));
  const costs = family.values(draw, length, minutes);
  return {
    name,
    family: family.name,
    start: START + draw.whole(0, 6) * 86_400_000,
    step: minutes * 60_000,
    costs,
    windows: [],
  };
}

/** Puts up to three anomalies into a series. */
function disturb(series: LabelledSeries, draw: Draw): LabelledSeries {
  const { costs, step, windows } = series;
  const { length } = costs;
  const count = draw.pick([0, 1, 1, 2, 2, 3]);
  const wide = count === 0 ? 0 : Math.floor(length / 10 / count);
  for (let i = 0; i < count; i++) {
    const room = (length * 0.78) / count;
    const at = Math.floor(length * 0.2 + room * i + wide + draw.uniform() * Math.max(1, room - 2.2 * wide));
    const [kind, inject] = draw.pick(Object.entries(injections));
    inject(draw, costs, at, 86_400_000 / step);
    const from = Math.max(0, at - Math.floor(wide / 2));
    windows.push({ from, to: Math.min(length, from + wide), at, kind });
  }
  return series;
}
