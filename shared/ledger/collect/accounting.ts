import { formatDecimal, ZERO } from "../../core/decimal.ts";
import { GenOpsError } from "../../core/errors.ts";
import type { SqlRow } from "../../ports/sql-engine.ts";
import type { SourceControl } from "./control-totals.ts";

/** One line of a bill's row accounting (INV-6): `source` counts what was delivered, the others what was dropped (−) or added (+). */
export interface AccountingLine {
  label: string;
  rows: number;
}

export function readAccounting(rows: readonly SqlRow[]): AccountingLine[] {
  return rows.map((row) => ({ label: String(row["label"]), rows: Number(row["rows"]) }));
}

/** The accounting of a bill whose parts were counted apart. */
export function addAccounting(parts: readonly (readonly AccountingLine[])[]): AccountingLine[] {
  const sums = new Map<string, number>();
  for (const { label, rows } of parts.flat()) sums.set(label, (sums.get(label) ?? 0) + rows);
  return [...sums].map(([label, rows]) => ({ label, rows }));
}

export function sourceRows(accounting: readonly AccountingLine[]): number {
  return accounting.find(({ label }) => label === "source")?.rows ?? 0;
}

/** INV-6: source rows − dropped + added = FOCUS rows. */
export function assertBalanced(accounting: readonly AccountingLine[], made: number): void {
  const expected = accounting.reduce((sum, { rows }) => sum + rows, 0);
  if (expected !== made) {
    throw new GenOpsError("internal", `row accounting does not balance: ${expected} rows expected, ${made} made`);
  }
}

/** What a whole bill has to be, beside what each of its rows has to be. */
export interface WholeBill {
  accounting: readonly AccountingLine[];
  control: SourceControl | undefined;
  periods: readonly { billingPeriod: string }[];
}

/** INV-6 and L1: a manifest's count is the files', and no period with a total has lost all of its rows. */
export function assertWhole(
  bill: WholeBill,
  deliveries: readonly { expectedRows?: number | undefined; manifest?: string | undefined }[],
): void {
  const source = sourceRows(bill.accounting);
  const declared = deliveries.map(({ expectedRows }) => expectedRows);
  const total = declared.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  if (declared.every((count) => count !== undefined) && declared.length > 0 && total !== source) {
    throw new GenOpsError("refused", `the manifest says ${total} rows, the files have ${source}`, {
      place: { file: deliveries[0]?.manifest ?? "manifest" },
    });
  }
  for (const [period, totals] of bill.control ?? []) {
    const lost = totals.find(({ amount }) => amount !== ZERO);
    if (lost === undefined || bill.periods.some(({ billingPeriod }) => billingPeriod === period)) continue;
    const amount = `${formatDecimal(lost.amount)} ${lost.currency}`;
    throw new GenOpsError(
      "refused",
      `the source's ${lost.metric} of ${period} is ${amount}, and none of its rows is of that period`,
    );
  }
}

/** What the user is told when the bill's rows are not the ledger's. */
export function accountingMessages(accounting: readonly AccountingLine[]): string[] {
  const changes = accounting.filter(({ label, rows }) => label !== "source" && rows !== 0);
  if (changes.length === 0) return [];
  const text = changes.map(({ label, rows }) => `${rows > 0 ? "+" : "−"} ${Math.abs(rows)} ${label}`);
  return [`${sourceRows(accounting)} source rows ${text.join(" ")}`];
}
