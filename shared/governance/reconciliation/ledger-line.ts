import type { Decimal } from "../../core/decimal.ts";

/** What the ledger has of one account: a group of bill lines. */
export interface LedgerLine {
  /** Bare account id; empty where the bill names none. */
  account: string;
  /** FOCUS InvoiceId; undefined where the bill has none yet, or only the cube can be read. */
  invoice: string | undefined;
  currency: string;
  /** FOCUS ChargeCategory. */
  category: string;
  /** FOCUS ChargeClass is `Correction`. */
  correction: boolean;
  amount: Decimal;
}
