import type { Decimal } from "../../../core/decimal.ts";

/** The same items, the largest amount first; equal ones stay in their order. */
export function largestFirst<T>(items: readonly T[], amountOf: (item: T) => Decimal): T[] {
  return items
    .map((item) => ({ item, amount: amountOf(item) }))
    .sort((a, b) => Number(b.amount > a.amount) - Number(b.amount < a.amount))
    .map(({ item }) => item);
}
