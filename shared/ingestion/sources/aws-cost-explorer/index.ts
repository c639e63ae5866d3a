import { fileURLToPath } from "node:url";
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
import type { Bill, BillCheck, FileSource, ReadContext } from "../bill.ts";

const sql = (name: string) => readSql(import.meta.url, name);

/** AWS Cost Explorer's answers as `fetch.ts` writes them (`reference/focus.md` §6, §7). */
export const awsCostExplorerSource: FileSource<"aws-cost-explorer"> = {
  type: "aws-cost-explorer",
  mappingVersion: 1,
  locations: () => [],
  open,
};

async function open({ engine, source, deliveries }: ReadContext<"aws-cost-explorer">): Promise<Bill> {
  const files = deliveries.flatMap((delivery) => delivery.files);
  await openBillLines(engine, files, source.currency);
  const billed = await chooseMeasures(engine);
  const path = fileURLToPath(new URL("reference/services.csv", import.meta.url));
  await engine.run(`CREATE OR REPLACE TEMP TABLE ce_services AS
    SELECT * FROM read_csv(${sqlText(path)}, header = true, all_varchar = true, delim = ',', quote = '"')`);
  const mapping = sql("mapping.sql");
  return {
    mapping,
    control: sql("control.sql"),
    accounting: linesAccounting(),
    checks: [...linesChecks(deliveries[0]?.period), everyGroupHas(billed)],
    warnings: [unknownRecordTypes(mapping), unknownServices(mapping, ["AWS", "Tax"]), remainders(mapping)],
    parsedColumns: LINES_PARSED,
    origins: LINES_ORIGINS,
    messages: [],
  };
}

/** AWS-2: net costs where the payer has them, for the whole bill or not at all. */
async function chooseMeasures(engine: SqlEngine): Promise<string> {
  const rows = await engine.query("SELECT DISTINCT measure FROM bill WHERE level = 'base'");
  const delivered = new Set(rows.map((row) => String(row["measure"])));
  const first = (...measures: string[]) => measures.find((measure) => delivered.has(measure));
  const billed = first("NetUnblendedCost", "UnblendedCost") ?? "UnblendedCost";
  const effective = first("NetAmortizedCost", "AmortizedCost") ?? billed;
  await engine.run(
    `CREATE OR REPLACE TEMP VIEW ce_measures AS SELECT ${sqlText(billed)} AS billed, ${sqlText(effective)} AS effective`,
  );
  return billed;
}

function everyGroupHas(measure: string): BillCheck {
  return {
    message: `a group of costs without ${measure}`,
    sql: `SELECT min(source_file) AS source_file, NULL::BIGINT AS "row", 'measure' AS column_name, keys AS "value" FROM bill
      WHERE ends_with(measure, 'Cost') GROUP BY level, keys, day HAVING count(*) FILTER (WHERE measure = ${sqlText(measure)}) = 0`,
  };
}

function unknownRecordTypes(mapping: string): BillCheck {
  return {
    message: "unknown RECORD_TYPE counted as Adjustment (AWS-1)",
    sql: `SELECT x_RecordType AS "value" FROM (${mapping})
      WHERE ChargeCategory = 'Adjustment' AND coalesce(x_RecordType, '') <> 'Refund'`,
  };
}
