import type { Decimal } from "../core/decimal.ts";

/** What a provider says a billing period costs, by a road that shares nothing with the bill that was collected. */
export interface ProviderTotal {
  /** Bare account id; empty where the provider names none. */
  account: string;
  /** Undefined: of all the account's invoices. */
  invoice: string | undefined;
  currency: string;
  amount: Decimal;
  /** The provider itself says that the figure may still move. */
  estimated: boolean;
}

export interface ProviderTotals {
  totals: ProviderTotal[];
  /** Where they come from, in words for the user. */
  origin: string;
}
