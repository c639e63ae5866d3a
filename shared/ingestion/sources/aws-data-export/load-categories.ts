import { type SqlEngine, sqlText } from "../../../ports/sql-engine.ts";
import { readSql } from "../../read-sql.ts";

/** Makes the table `aws_categories` of the reference data. */
export async function loadCategories(engine: SqlEngine): Promise<void> {
  const rows = readSql(import.meta.url, "reference/category-mapping.csv")
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => {
      const cut = line.lastIndexOf(",");
      return `(${sqlText(line.slice(0, cut))}, ${sqlText(line.slice(cut + 1))})`;
    });
  await engine.run(
    `CREATE OR REPLACE TEMP TABLE aws_categories AS FROM (VALUES ${rows.join(", ")}) AS mapping(product_code, category)`,
  );
}
