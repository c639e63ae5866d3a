import { type Decimal, sum } from "../../shared/core/decimal.ts";
import { priceOf } from "../../shared/prices/own-cost/list-prices.ts";

/** What one cloud's GenOps does in a month. Whole numbers. */
export interface MonthlyUse {
  cloud: "aws" | "azure" | "gcp";
  /** Measure (`own-usage/usage.ts`) or `storedBytes` → count. */
  counts: Readonly<Record<string, number>>;
}

export interface EstimateLine {
  cloud: string;
  item: string;
  measure: string;
  count: number;
  /** US dollars. */
  amount: Decimal;
}

/** The cost of a month by the stated model: the arithmetic of `docs/cost-of-running.md`. */
export function estimateMonth(use: readonly MonthlyUse[]): { lines: EstimateLine[]; total: Decimal } {
  const lines = use.flatMap(({ cloud, counts }) =>
    Object.entries(counts).flatMap(([measure, count]) => {
      const priced = priceOf(cloud, measure, count);
      return priced === undefined ? [] : [{ cloud, item: priced.item, measure, count, amount: priced.amount }];
    }),
  );
  return { lines, total: sum(lines.map(({ amount }) => amount)) };
}
