import { add, type Decimal, formatDecimal } from "./decimal.ts";

/** An exact amount of one currency. Amounts of two currencies are never added. */
export interface Money {
  amount: Decimal;
  currency: string;
}

/** Money as it stands in every JSON document: a decimal string beside its currency. */
export interface MoneyText {
  currency: string;
  amount: string;
}

export function moneyText(money: Money): MoneyText {
  return { currency: money.currency, amount: formatDecimal(money.amount) };
}

/** One sum per currency, ordered by currency. */
export function totalsByCurrency(items: Iterable<Money>): Money[] {
  const totals = new Map<string, Decimal>();
  for (const { amount, currency } of items) {
    const before = totals.get(currency);
    totals.set(currency, before === undefined ? amount : add(before, amount));
  }
  return [...totals]
    .map(([currency, amount]) => ({ currency, amount }))
    .sort((a, b) => (a.currency < b.currency ? -1 : 1));
}
