import type { ReconcileAgainst } from "../../../config/types.ts";
import { parseDecimal } from "../../../core/decimal.ts";
import type { Month } from "../../../core/period.ts";
import { partsOfTable, tableSql } from "../../../ingestion/tables/bigquery-table.ts";
import { cappedQueries } from "../../../ingestion/tables/capped-query.ts";
import type { ProviderTotal, ProviderTotals } from "../../../ports/independent-totals.ts";
import type { Runtime } from "../../runtime.ts";

const GIB = 1024 ** 3;

/** Net cost (with credits) of the invoice month per project, summed by BigQuery itself over the billing export, in exact decimals. */
export async function bigQueryTotals(
  runtime: Runtime,
  { source, table, maximumGigabytesBilled }: Extract<ReconcileAgainst, { with: "bigquery" }>,
  period: Month,
): Promise<ProviderTotals> {
  const { project, name } = partsOfTable(table);
  const api = await runtime.apis.bigQuery({ id: source, project });
  const queries = cappedQueries(api, maximumGigabytesBilled * GIB);
  const { rows } = await queries.run(`the total of ${period}`, totalsSql(table), {
    month: { type: "STRING", value: period.replace("-", "") },
  });
  const totals: ProviderTotal[] = [];
  for await (const row of rows) {
    totals.push({
      account: String(row["account"] ?? ""),
      invoice: undefined,
      currency: String(row["currency"] ?? ""),
      amount: parseDecimal(String(row["amount"])),
      estimated: false,
    });
  }
  return { totals, origin: `BigQuery, net cost of the invoice month by project in ${name}; ${queries.summary()}` };
}

/** Charges without a project are the billing account's, as in the ledger. Floats become decimals by their shortest text before they are added, as the ledger reads them (X-1 of `reference/focus.md`). */
function totalsSql(table: string): string {
  const exact = (column: string) => `CAST(CAST(${column} AS STRING) AS BIGNUMERIC)`;
  return `SELECT IFNULL(project.id, REPLACE(billing_account_id, '_', '-')) AS account, currency,
  CAST(SUM(${exact("cost")} + IFNULL((SELECT SUM(${exact("c.amount")}) FROM UNNEST(credits) AS c), 0)) AS STRING) AS amount
FROM ${tableSql(table)} WHERE invoice.month = @month GROUP BY 1, 2 ORDER BY 1, 2`;
}
