import path from "node:path";
import type { ReconcileAgainst } from "../../../config/types.ts";
import { isCurrency } from "../../../core/currency.ts";
import { tryParseDecimal } from "../../../core/decimal.ts";
import { GenOpsError, messageOf } from "../../../core/errors.ts";
import type { Month } from "../../../core/period.ts";
import type { ProviderTotal, ProviderTotals } from "../../../ports/independent-totals.ts";
import { type SqlRow, sqlText } from "../../../ports/sql-engine.ts";
import type { Runtime } from "../../runtime.ts";

const textOf = (value: unknown): string => (value == null ? "" : String(value).trim());

function totalOf(row: SqlRow): ProviderTotal {
  const [account, currency] = [textOf(row["account"]), textOf(row["currency"])];
  const [written, invoice] = [textOf(row["amount"]), textOf(row["invoice"])];
  const who = account === "" ? "a line without an account" : `the line of account ${account}`;
  if (currency === "") throw new Error(`${who} has no currency`);
  if (!isCurrency(currency)) throw new Error(`${JSON.stringify(currency)} is no currency; write a code such as USD`);
  if (written === "") throw new Error(`${who} has no amount`);
  const amount = tryParseDecimal(written);
  if (amount === undefined) throw new Error(`${JSON.stringify(written)} is no amount; write a number such as 1234.56`);
  return { account, invoice: invoice === "" ? undefined : invoice, currency, amount, estimated: false };
}

/**
 * Totals that a person took from invoices: a CSV with the columns `period` (`2024-09`), `account`, `currency`, `amount` and, where the
 * invoices are known, `invoice`.
 */
export async function fileTotals(
  runtime: Runtime,
  { source, location }: Extract<ReconcileAgainst, { with: "file" }>,
  period: Month,
): Promise<ProviderTotals> {
  const file = path.resolve(runtime.config.baseDir, location);
  const engine = await runtime.createEngine();
  try {
    const table = `read_csv(${sqlText(file)}, all_varchar = true, header = true)`;
    const columns = (await engine.query(`SELECT column_name FROM (DESCRIBE SELECT * FROM ${table})`)).map((row) =>
      String(row["column_name"]),
    );
    const missing = ["period", "account", "currency", "amount"].find((name) => !columns.includes(name));
    if (missing !== undefined) throw new Error(`it has no column ${missing}`);
    const names = ["account", "currency", "amount", columns.includes("invoice") ? "invoice" : "NULL AS invoice"];
    const rows = await engine.query(`SELECT ${names.join(", ")} FROM ${table} WHERE trim(period) = ${sqlText(period)}`);
    if (rows.length === 0) throw new Error(`it has no line of ${period}`);
    return { origin: location, totals: rows.map(totalOf) };
  } catch (error) {
    throw new GenOpsError("config", `cannot read the invoice totals: ${messageOf(error)}`, {
      place: { source, file: location, field: "reconcile.against" },
      cause: error,
    });
  } finally {
    await engine.close();
  }
}
