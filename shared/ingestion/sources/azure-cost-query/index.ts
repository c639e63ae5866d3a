import { fileURLToPath } from "node:url";
import type { SourceConfigOf } from "../../../config/types.ts";
import { type SqlEngine, sqlText } from "../../../ports/sql-engine.ts";
import {
  LINES_ORIGINS,
  LINES_PARSED,
  linesAccounting,
  linesChecks,
  openBillLines,
  remainders,
  unknownServices,
} from "../../paged/open-lines.ts";
import { readSql } from "../../read-sql.ts";
import { loadLookups } from "../azure-cost-export/lookups.ts";
import type { Bill, FileSource, ReadContext } from "../bill.ts";
import { scopeIds } from "./scope.ts";

const sql = (name: string) => readSql(import.meta.url, name);

/** Answers of Azure Cost Management's Query API as `fetch.ts` writes them (`reference/focus.md` §8). */
export const azureCostQuerySource: FileSource<"azure-cost-query"> = {
  type: "azure-cost-query",
  mappingVersion: 1,
  locations: () => [],
  open,
};

async function open({ engine, source, deliveries }: ReadContext<"azure-cost-query">): Promise<Bill> {
  const files = deliveries.flatMap((delivery) => delivery.files);
  await openBillLines(engine, files, source.currency);
  await loadLookups(engine);
  await createTables(engine, source);
  const mapping = sql("mapping.sql");
  return {
    mapping,
    control: sql("control.sql"),
    accounting: linesAccounting(),
    checks: linesChecks(deliveries[0]?.period),
    warnings: [unknownServices(mapping, ["Azure"]), remainders(mapping)],
    parsedColumns: LINES_PARSED,
    origins: LINES_ORIGINS,
    messages: [],
  };
}

async function createTables(engine: SqlEngine, source: SourceConfigOf<"azure-cost-query">): Promise<void> {
  const { subscription, billingAccount, billingAccountType } = scopeIds(source);
  await engine.run(`CREATE OR REPLACE TEMP VIEW azure_query_scope AS SELECT
    ${subscription === undefined ? "NULL::VARCHAR" : sqlText(subscription)} AS scope_subscription,
    ${sqlText(billingAccount)} AS billing_account, ${sqlText(billingAccountType)} AS billing_account_type`);
  const path = fileURLToPath(new URL("reference/services.csv", import.meta.url));
  await engine.run(`CREATE OR REPLACE TEMP TABLE azure_query_services AS
    SELECT * FROM read_csv(${sqlText(path)}, header = true, all_varchar = true, delim = ',', quote = '"')`);
}
