import type { CostBasis } from "../../config/types.ts";
import type { Day } from "../../core/period.ts";
import type { BudgetItem, FindingItem } from "../api/documents.ts";

/** What one provider cost on one day in one currency. */
export interface DailyCost {
  date: Day;
  /** Slug; comes from bills, untrusted. */
  provider: string;
  /** ISO 4217. Amounts of two currencies never share a chart. */
  currency: string;
  /** Decimal text; negative where credits exceed charges. */
  amount: string;
  /** Not settled: the bill of this day is still being delivered. */
  settled: boolean;
}

/** Everything that the first page shows. Text in it is untrusted unless said otherwise. */
export interface HomeModel {
  /** Shown above everything: that the data are samples, that a source failed. */
  notice?: string;
  /** When the page was made; its clock for "today" (RFC 3339). */
  generatedAt: string;
  /** Knowledge time of the numbers (RFC 3339). */
  asOf: string;
  /** Days that the chart spans, the end exclusive. */
  period: { start: Day; end: Day };
  cost: CostBasis;
  /** In any order; days without an entry cost nothing. */
  costs: readonly DailyCost[];
  /** Provider → first day that is not settled. */
  settledUntil: Readonly<Record<string, Day>>;
  budgets: readonly BudgetItem[];
  findings: readonly FindingItem[];
}
