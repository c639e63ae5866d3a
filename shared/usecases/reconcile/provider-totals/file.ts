import path from "node:path";
import type { ReconcileAgainst } from "../../../config/types.ts";
import { parseDecimal } from "../../../core/decimal.ts";
import { GenOpsError, messageOf } from "../../../core/errors.ts";
import type { Month } from "../../../core/period.ts";
import type { ProviderTotals } from "../../../ports/independent-totals.ts";
import { sqlText } from "../../../ports/sql-engine.ts";
import type { Runtime } from "../../runtime.ts";

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
    const rows = await engine.query(
      `SELECT coalesce(account, '') AS account, ${columns.includes("invoice") ? "invoice" : "NULL AS invoice"}, currency, money(amount)::VARCHAR AS amount
       FROM ${table} WHERE period = ${sqlText(period)}`,
    );
    if (rows.length === 0) throw new Error(`it has no line of ${period}`);
    return {
      origin: location,
      totals: rows.map((row) => ({
        account: String(row["account"]),
        invoice: row["invoice"] == null ? undefined : String(row["invoice"]),
        currency: String(row["currency"]),
        amount: parseDecimal(String(row["amount"])),
        estimated: false,
      })),
    };
  } catch (error) {
    throw new GenOpsError("config", `cannot read the invoice totals: ${messageOf(error)}`, {
      place: { source, file: location, field: "reconcile.against" },
      cause: error,
    });
  } finally {
    await engine.close();
  }
}
