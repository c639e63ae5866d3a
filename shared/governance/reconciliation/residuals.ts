import { abs, add, type Decimal, subtract, sum, ZERO } from "../../core/decimal.ts";
import type { ProviderTotal } from "../../ports/independent-totals.ts";
import { explainResidual, type ResidualPart } from "./explain-residual.ts";
import type { LedgerLine } from "./ledger-line.ts";

/** One comparison, per account and, where the provider tells it, per invoice. */
export interface Residual {
  account: string;
  invoice: string | undefined;
  currency: string;
  ledger: Decimal;
  independent: Decimal;
  /** ledger − independent. */
  residual: Decimal;
  /** What it consists of; empty when it is zero. */
  parts: ResidualPart[];
}

export interface Comparison {
  lines: readonly LedgerLine[];
  totals: readonly ProviderTotal[];
  /** The ledger has no version of this period at all. */
  unread: boolean;
  /** The period is young enough that providers still change it. */
  open: boolean;
}

/** Compares the ledger with an independent total, account by account and currency by currency. Nothing on either side is left out. */
export function compareTotals(comparison: Comparison): Residual[] {
  const { lines, totals, unread, open } = comparison;
  const byInvoice = comparableByInvoice(lines, totals);
  const keyOf = (entry: LedgerLine | ProviderTotal) =>
    JSON.stringify([accountOf(entry), byInvoice.has(accountOf(entry)) ? entry.invoice : "", entry.currency]);
  const groups = new Map<string, { lines: LedgerLine[]; totals: ProviderTotal[] }>();
  const groupOf = (key: string) => {
    const known = groups.get(key) ?? { lines: [], totals: [] };
    groups.set(key, known);
    return known;
  };
  for (const line of lines) groupOf(keyOf(line)).lines.push(line);
  for (const total of totals) groupOf(keyOf(total)).totals.push(total);
  const compared = [...groups.values()].map((group) => compareGroup(group, byInvoice));
  const homeless = homelessOf(compared);
  return compared.map(({ lines: own, totals: theirs, ...residual }) => ({
    ...residual,
    parts: explainResidual(residual.residual, {
      lines: own,
      currency: residual.currency,
      unread,
      hasIndependent: theirs.length > 0,
      open: open || theirs.some(({ estimated }) => estimated),
      unassigned: residual.account === "" ? ZERO : (homeless.get(residual.currency) ?? ZERO),
    }),
  }));
}

/** Accounts of which both sides know every invoice. An invoice that only one side names would look like two differences. */
function comparableByInvoice(lines: readonly LedgerLine[], totals: readonly ProviderTotal[]): Set<string> {
  const accounts = new Set(totals.map(accountOf));
  for (const entry of [...lines, ...totals]) if (entry.invoice === undefined) accounts.delete(accountOf(entry));
  return accounts;
}

function accountOf({ account }: LedgerLine | ProviderTotal): string {
  return account.toLowerCase();
}

function compareGroup(
  { lines, totals }: { lines: LedgerLine[]; totals: ProviderTotal[] },
  byInvoice: ReadonlySet<string>,
): Omit<Residual, "parts"> & { lines: LedgerLine[]; totals: ProviderTotal[] } {
  const first = totals[0] ?? lines[0];
  const ledger = sum(lines.map(({ amount }) => amount));
  const independent = sum(totals.map(({ amount }) => amount));
  return {
    account: first?.account ?? "",
    invoice: first !== undefined && byInvoice.has(accountOf(first)) ? first.invoice : undefined,
    currency: first?.currency ?? "",
    ledger,
    independent,
    residual: subtract(ledger, independent),
    lines,
    totals,
  };
}

/** What the ledger has without an account, per currency: it may be what an account seems to lack. */
function homelessOf(compared: readonly Omit<Residual, "parts">[]): Map<string, Decimal> {
  const sums = new Map<string, Decimal>();
  for (const { account, currency, residual } of compared)
    if (account === "") sums.set(currency, add(sums.get(currency) ?? ZERO, residual));
  return sums;
}

/** Largest first: what a person looks at. */
export function byWeight(a: Residual, b: Residual): number {
  const [left, right] = [abs(a.residual), abs(b.residual)];
  return left === right ? (a.account < b.account ? -1 : 1) : left > right ? -1 : 1;
}
