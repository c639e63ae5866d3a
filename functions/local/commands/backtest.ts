import { once } from "node:events";
import { createReadStream } from "node:fs";
import type { Writable } from "node:stream";
import { GenOpsError, messageOf } from "../../../shared/core/errors.ts";
import { type BacktestSettings, backtest as run } from "../../../shared/governance/anomalies/backtest/backtest.ts";
import { readObservations } from "../../../shared/governance/anomalies/backtest/read-observations.ts";
import { createWatch } from "../../../shared/governance/anomalies/detector/detect.ts";

export interface BacktestOptions {
  observations: string;
  falseAlertsPer90d: string;
  interval: string;
  floor: string;
  scores?: boolean;
}

const CHUNK = 65_536;
const FALSE_ALERTS = [1, 0.25, 0.1] as const;
const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `genops anomalies backtest`: needs neither a configuration nor a lake. Writes as fast as the reader reads. */
export async function backtest(
  options: BacktestOptions,
  output: Writable,
  warn: (message: string) => void,
): Promise<void> {
  const settings = settingsOf(options);
  const observations = await readObservations(bytesOf(options.observations), options.observations, warn);
  let chunk = "";
  for (const line of run(observations, settings, createWatch)) {
    chunk += `${line}\n`;
    if (chunk.length < CHUNK) continue;
    if (!output.write(chunk)) await once(output, "drain");
    chunk = "";
  }
  if (chunk !== "") output.write(chunk);
}

function settingsOf({ falseAlertsPer90d, interval, floor, scores }: BacktestOptions): BacktestSettings {
  const falseAlertsPer90Days = FALSE_ALERTS.find((known) => Number(falseAlertsPer90d) === known);
  if (falseAlertsPer90Days === undefined)
    throw new GenOpsError("usage", `--false-alerts-per-90d ${falseAlertsPer90d}: use 1, 0.25 or 0.1`);
  const least = floor.trim() === "" ? Number.NaN : Number(floor);
  if (!Number.isFinite(least) || least < 0)
    throw new GenOpsError("usage", `--floor ${floor}: write an amount, 0 or more`);
  return { falseAlertsPer90Days, step: stepOf(interval), floor: least, scores: scores === true };
}

function stepOf(interval: string): number | "auto" {
  if (interval === "auto") return "auto";
  const [, count = "", unit = ""] = /^([1-9]\d{0,4})([mhd])$/.exec(interval) ?? [];
  const step = Number(count) * (UNIT_MS[unit] ?? 0);
  if (step > 0) return step;
  throw new GenOpsError("usage", `--interval ${interval}: use auto or a length such as 5m, 1h or 1d`);
}

async function* bytesOf(file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Uint8Array>;
  } catch (cause) {
    throw new GenOpsError("usage", `the observations cannot be read: ${messageOf(cause)}`, { place: { file }, cause });
  }
}
