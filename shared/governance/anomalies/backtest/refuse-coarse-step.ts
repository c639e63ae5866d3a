import { GenOpsError } from "../../../core/errors.ts";
import { at } from "../detector/daily/numbers.ts";
import { medianStep } from "./grid.ts";
import type { Observations } from "./observations.ts";

/** So many periods of a series tell how far they are apart. */
const SAMPLE = 200;

/**
 * A step that is longer than the data's own would let several costs fall into one period, and only the last of them would be judged.
 * Throws `usage` that names the series.
 */
export function refuseCoarseStep({ names, series, chargeTime }: Observations, step: number): void {
  const times = names.map(() => new Set<number>());
  for (let row = 0; row < series.length; row += 1) {
    const known = times[at(series, row)];
    if (known !== undefined && known.size < SAMPLE) known.add(at(chargeTime, row));
  }
  for (const [index, known] of times.entries()) {
    if (known.size < 3) continue;
    const own = medianStep(Float64Array.from(known).sort());
    if (own >= step / 1.5) continue;
    const name = JSON.stringify(names[index]);
    throw new GenOpsError(
      "usage",
      `--interval ${minutes(step)}: series ${name} has a period every ${minutes(own)}; use that or auto`,
    );
  }
}

function minutes(milliseconds: number): string {
  return `${Number((milliseconds / 60_000).toPrecision(3))}m`;
}
