import { type Decimal, formatDecimal } from "../../../core/decimal.ts";
import { addDays, type Day } from "../../../core/period.ts";
import { historyText } from "../history-text.ts";
import { DAY_MS } from "../types.ts";

const DAYS_SHOWN = 30;

/** The fact `history`: the newest 30 days up to the last one that is known; gaps where a day is not. */
export function recentHistory(costs: ReadonlyMap<Day, Decimal>): { history?: string } {
  const last = [...costs.keys()].reduce((a, b) => (a > b ? a : b), "");
  if (last === "") return {};
  const start = addDays(last, 1 - DAYS_SHOWN);
  const values = Array.from({ length: DAYS_SHOWN }, (_, index) => {
    const cost = costs.get(addDays(start, index));
    return cost === undefined ? Number.NaN : Number(formatDecimal(cost));
  });
  const from = values.findIndex(Number.isFinite);
  return {
    history: historyText({ start: Date.parse(start) + from * DAY_MS, step: DAY_MS, costs: values.slice(from) }),
  };
}
