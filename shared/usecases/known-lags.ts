import { type LagModel, settledAfterDaysOf } from "../ledger/completeness/lag-model.ts";
import { readLags } from "../ledger/completeness/read-lags.ts";
import type { SettledAfterDays } from "../ledger/settledness.ts";
import type { Runtime } from "./runtime.ts";

/** How complete the newest days are and when they are settled, as far as the ledger knew at `asOf`. */
export async function knownLags(
  { lake, config, clock, asOf: readAsOf }: Pick<Runtime, "lake" | "config" | "clock" | "asOf">,
  asOf: Date | undefined = readAsOf,
  now: Date = clock.evaluationNow(),
): Promise<{ lags: LagModel; settledAfterDays: SettledAfterDays }> {
  const lags = await readLags(lake, { now, asOf });
  return { lags, settledAfterDays: settledAfterDaysOf(lags, config.settledAfterDays, config.settledAsNamed) };
}
