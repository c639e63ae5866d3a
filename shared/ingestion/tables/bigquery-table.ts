import { GenOpsError } from "../../core/errors.ts";
import type { CappedQueries } from "./capped-query.ts";

export interface TableColumn {
  name: string;
  /** As INFORMATION_SCHEMA writes it: `FLOAT64`, `STRUCT<id STRING, …>`, `ARRAY<STRUCT<…>>`. */
  type: string;
}

export interface BigQueryTable {
  /** `project.dataset.table`. */
  id: string;
  /** Without pseudo columns, in the table's order. */
  columns: TableColumn[];
  /** Partitioned by ingestion time: `_PARTITIONTIME` limits what is read. */
  byIngestion: boolean;
}

const PARTITION = "_PARTITIONTIME";

/** Project, dataset and table of `project.dataset.table`; the configuration has checked the form. */
export function partsOfTable(id: string): { project: string; dataset: string; name: string } {
  const [name = "", dataset = "", ...project] = id.split(".").reverse();
  return { project: project.reverse().join("."), dataset, name };
}

/** What the table is like today: columns get added, and a copy or a view may have no partitions. */
export async function describeTable(queries: CappedQueries, id: string): Promise<BigQueryTable> {
  const { project, dataset, name } = partsOfTable(id);
  const { rows } = await queries.run(
    `columns of ${name}`,
    `SELECT column_name, data_type FROM ${tableSql(`${project}.${dataset}`)}.INFORMATION_SCHEMA.COLUMNS
     WHERE table_name = @name ORDER BY ordinal_position`,
    { name: { type: "STRING", value: name } },
  );
  const columns: TableColumn[] = [];
  for await (const row of rows) columns.push({ name: String(row["column_name"]), type: String(row["data_type"]) });
  if (columns.length === 0) {
    throw new GenOpsError("config", `BigQuery has no table ${id}`, { place: { field: "table" } });
  }
  return {
    id,
    columns: columns.filter((column) => !column.name.startsWith("_PARTITION")),
    byIngestion: columns.some((column) => column.name === PARTITION),
  };
}

/** A table or dataset as BigQuery writes it: in backticks, which no name holds. */
export function tableSql(id: string): string {
  return `\`${id.replaceAll("`", "")}\``;
}

/** A column in backticks. */
export function columnSql(name: string): string {
  return `\`${name.replaceAll("`", "")}\``;
}
