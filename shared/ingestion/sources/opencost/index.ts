import { sqlText } from "../../../ports/sql-engine.ts";
import { readSql } from "../../read-sql.ts";
import type { Bill, FileSource, ReadContext } from "../bill.ts";

/** In-cluster shares from OpenCost. They cost nothing; they split what the cluster's cloud billed (`docs/opencost.md`). */
export const opencostSource: FileSource<"opencost"> = {
  type: "opencost",
  mappingVersion: 1,
  locations: () => [],
  open,
};

const COLUMNS =
  "{day: 'VARCHAR', name: 'VARCHAR', namespace: 'VARCHAR', controller: 'VARCHAR', labels: 'JSON', idle: 'BOOLEAN', weight: 'VARCHAR'}";

async function open({ engine, source, deliveries }: ReadContext<"opencost">): Promise<Bill> {
  const files = deliveries.flatMap((delivery) => delivery.files.map(({ readPath }) => sqlText(readPath)));
  const account = sqlText(source.cluster);
  const currency = sqlText(source.currency ?? "USD");
  await engine.run(
    `CREATE OR REPLACE VIEW bill AS SELECT *, filename AS source_file, ${account} AS configured_account, ${currency} AS configured_currency
     FROM read_json([${files.join(", ")}], format = 'newline_delimited', columns = ${COLUMNS}, filename = true)`,
  );
  return {
    mapping: readSql(import.meta.url, "mapping.sql"),
    accounting: `SELECT 'source' AS label, count(*)::BIGINT AS "rows" FROM bill`,
    checks: [
      {
        message: "a share below zero",
        sql: "SELECT source_file, NULL AS row, 'totalCost' AS column_name, weight AS value FROM bill WHERE money(weight) < 0",
      },
    ],
    parsedColumns: ["weight"],
    messages: [],
  };
}
