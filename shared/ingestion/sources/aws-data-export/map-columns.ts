import { sqlText } from "../../../ports/sql-engine.ts";
import { asText } from "../../input/bill-view.ts";
import type { RawColumn, RawTable } from "../../input/raw-table.ts";
import { canonicalName } from "./canonical-name.ts";
import { isDocumented } from "./columns.ts";

/** `resourceTags/user:team` (CSV) and `resource_tags_user_team` (Parquet) → `user`, `team`. */
const TAG_COLUMN = /^(?:resourceTags\/(user|aws):|resource_tags_(user|aws)_)(.+)$/s;
const COST_CATEGORY_COLUMN = /^(?:costCategory\/|cost_category_)(.+)$/s;

/** `x_` columns that mapping.sql writes itself. */
const OWN_COLUMNS: ReadonlySet<string> = new Set(
  (
    "x_amortizationmissing x_costcategories x_discounts x_lineitemid x_lineitemtype x_operation x_pricingcurrency " +
    "x_servicecode x_tagsraw x_usagetype"
  ).split(" "),
);

/**
 * Columns of `bill` that have no fixed header. The families of legacy reports are put into the form of CUR 2.0's maps
 * (`{"user_team": "ml"}`), so that one set of rules serves both (AWS-9).
 */
export function mapColumns(table: RawTable): Record<string, string> {
  return {
    resource_tags: mapOf(table, ["resource_tags", "tags"], tagKey),
    cost_category: mapOf(table, ["cost_category"], (header) => COST_CATEGORY_COLUMN.exec(header)?.[1]),
    ...unknownColumns(table),
  };
}

/** Names of the columns that X-6 keeps, over all tables. */
export function unknownColumnNames(tables: readonly RawTable[]): string[] {
  const names = new Map<string, string>();
  for (const name of tables.flatMap((table) => Object.keys(unknownColumns(table)))) {
    if (!names.has(name.toLowerCase())) names.set(name.toLowerCase(), name);
  }
  return [...names.values()];
}

function tagKey(header: string): string | undefined {
  const [, csv, parquet, key] = TAG_COLUMN.exec(header) ?? [];
  return key === undefined ? undefined : `${csv ?? parquet}_${key}`;
}

/** A delivered map column, else a JSON object of the family's non-empty columns. */
function mapOf(table: RawTable, names: readonly string[], keyOf: (header: string) => string | undefined): string {
  for (const name of names) {
    const column = table.columns.find(({ header }) => header.toLowerCase() === name);
    if (column !== undefined) return asText(column);
  }
  const members = table.columns.flatMap((column) => {
    const key = keyOf(column.header);
    return key === undefined ? [] : [`${sqlText(`${JSON.stringify(key)}: `)} || to_json(${asText(column)})`];
  });
  return members.length === 0 ? "NULL::VARCHAR" : `'{' || concat_ws(', ', ${members.join(", ")}) || '}'`;
}

/** X-6: what AWS does not document is kept under `x_` and its own name. */
function unknownColumns(table: RawTable): Record<string, string> {
  const columns: Record<string, string> = {};
  const taken = new Set<string>();
  for (const column of table.columns.filter(isUnknown)) {
    const name = unknownName(column.header);
    if (taken.has(name.toLowerCase())) continue;
    taken.add(name.toLowerCase());
    columns[name] = asText(column);
  }
  return columns;
}

function isUnknown({ header }: RawColumn): boolean {
  if (header === "" || TAG_COLUMN.test(header) || COST_CATEGORY_COLUMN.test(header)) return false;
  return !isDocumented(canonicalName(header));
}

function unknownName(header: string): string {
  const name = header.startsWith("x_") ? header : `x_${header}`;
  return OWN_COLUMNS.has(name.toLowerCase()) ? `x_Source_${header}` : name;
}
