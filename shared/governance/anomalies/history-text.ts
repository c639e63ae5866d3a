import { DAY_MS } from "./types.ts";

/** What a series cost lately: what stands as the fact `history` in the evidence of a finding. */
export interface CostHistory {
  /** Start of the first period, milliseconds since 1970. */
  start: number;
  /** Length of a period in milliseconds. */
  step: number;
  /** Oldest first; NaN where nothing is known. */
  costs: readonly number[];
}

/** `2024-09-01 12.3,14,,15.1`: start, then costs of four digits; `2024-09-01T05:00:00.000Z/60 …` with the minutes of a period that is not a day. */
export function historyText({ start, step, costs }: CostHistory): string {
  const at = new Date(start).toISOString();
  const from = step === DAY_MS && start % DAY_MS === 0 ? at.slice(0, 10) : `${at}/${step / 60_000}`;
  return `${from} ${costs.map((cost) => (Number.isFinite(cost) ? String(Number(cost.toPrecision(4))) : "")).join(",")}`;
}

/** The opposite; `undefined` when it is no such text. */
export function readHistory(text: string): CostHistory | undefined {
  const match = /^([^ /]+)(?:\/([0-9.]+))? ([-+0-9.e,]*)$/.exec(text);
  const [, from = "", minutes, list = ""] = match ?? [];
  const start = Date.parse(from);
  const step = minutes === undefined ? DAY_MS : Number(minutes) * 60_000;
  if (match === null || !Number.isFinite(start) || !(step > 0)) return undefined;
  return { start, step, costs: list.split(",").map((cost) => (cost === "" ? Number.NaN : Number(cost))) };
}
