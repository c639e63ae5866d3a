import { ALLOCATION_DIMENSIONS, type AllocationConfig, type AllocationDimension } from "../../config/types.ts";
import { sqlName, sqlText } from "../../ports/sql-engine.ts";
import { aliasTable } from "./allocate.ts";
import { foldKey, foldKeySql } from "./fold-case.ts";
import { NAMESPACE_KEYS, spellingsOf, UNALLOCATED } from "./tag-keys.ts";

/**
 * Allocation as SQL, in two steps over a relation with `Tags` (JSON object as text, nullable) and `account`: first the few spellings of
 * configured keys that the tags really use are asked for, then every value is taken by a constant path, one JSON parse per row.
 * Tags that are no JSON object count as no tags. `relation` is trusted SQL: a table name or a subquery in parentheses.
 */
export interface AllocationSql {
  /** A query whose `spelling` column lists tag keys as delivered. */
  spellings(relation: string): string;
  /** A SELECT of Tags, account, team, project, environment, cost_center: one row per row of the relation. */
  select(relation: string, spellings: readonly string[]): string;
}

/** The same meaning as `allocate`. */
export function allocationSql(config: AllocationConfig): AllocationSql {
  return {
    spellings: (relation) => spellingsSql(config, relation),
    select: (relation, spellings) => selectSql(config, relation, spellings),
  };
}

/** The condition that joins rows to their dimensions; nulls are equal. */
export function allocationJoin(rows: string, dimensions: string): string {
  return `${rows}."Tags" IS NOT DISTINCT FROM ${dimensions}."Tags" AND ${rows}.account IS NOT DISTINCT FROM ${dimensions}.account`;
}

function spellingsSql(config: AllocationConfig, relation: string): string {
  const keys = ALLOCATION_DIMENSIONS.flatMap((dimension) => config.labels[dimension].keys);
  const wanted = [...new Set([...keys, ...NAMESPACE_KEYS].map(foldKey))].map(sqlText).join(", ");
  return `SELECT DISTINCT spelling
FROM (SELECT unnest(key_set) AS spelling FROM (SELECT DISTINCT TRY(json_keys("Tags")) AS key_set FROM ${relation}))
WHERE ${foldKeySql("spelling")} IN (${wanted})
ORDER BY spelling`;
}

function selectSql(config: AllocationConfig, relation: string, spellings: readonly string[]): string {
  const tables = [...aliasTables(config), ...valueTables(config)];
  const lookUps = tables.map(
    ({ name, columns, rows }) => `${name}(${columns.join(", ")}) AS (VALUES ${rows.join(", ")})`,
  );
  const joins = tables.map(({ name, on }) => `\nLEFT JOIN ${name} ON ${on}`);
  const names = new Set(tables.map(({ name }) => name));
  const columns = ALLOCATION_DIMENSIONS.map((dimension) => `  ${valueSql(config, dimension, names)} AS ${dimension}`);
  return `WITH ${[taggedSql(relation, spellings), foundSql(config, spellings), ...lookUps].join(",\n")}
SELECT
  found."Tags",
  found.account,
${columns.join(",\n")}
FROM found${joins.join("")}`;
}

/** Every tag that may matter, by one parse: `tag[1]` belongs to the first spelling. */
function taggedSql(relation: string, spellings: readonly string[]): string {
  const paths = spellings.map((spelling) => sqlText(`/${spelling.replaceAll("~", "~0").replaceAll("/", "~1")}`));
  const tag = paths.length === 0 ? "NULL::VARCHAR[]" : `TRY(json_extract_string("Tags", [${paths.join(", ")}]))`;
  return `tagged AS (SELECT "Tags", account, ${tag} AS tag FROM ${relation})`;
}

/** The tag that wins for each dimension, as delivered. */
function foundSql(config: AllocationConfig, spellings: readonly string[]): string {
  const first = (keys: readonly string[]): string => {
    const values = spellingsOf(keys, spellings).map(
      (spelling) => `nullif(tag[${spellings.indexOf(spelling) + 1}], '')`,
    );
    return values.length === 0 ? "NULL::VARCHAR" : `coalesce(${values.join(", ")})`;
  };
  const columns = ALLOCATION_DIMENSIONS.map((dimension) => `${first(config.labels[dimension].keys)} AS ${dimension}`);
  return `found AS (SELECT "Tags", account, ${columns.join(", ")}, ${first(NAMESPACE_KEYS)} AS namespace FROM tagged)`;
}

interface LookUpTable {
  name: string;
  columns: readonly string[];
  rows: readonly string[];
  on: string;
}

function aliasTables(config: AllocationConfig): LookUpTable[] {
  return ALLOCATION_DIMENSIONS.flatMap((dimension) => {
    const rows = [...aliasTable(config.labels[dimension])].map(
      ([spelling, value]) => `(${sqlText(spelling)}, ${sqlText(value)})`,
    );
    const name = aliasName(dimension);
    const on = `lower(found.${dimension}) = ${name}.spelling`;
    return rows.length === 0 ? [] : [{ name, columns: ["spelling", "canonical"], rows, on }];
  });
}

function valueTables(config: AllocationConfig): LookUpTable[] {
  const table = (name: string, key: string, entries: AllocationConfig["accounts"]): LookUpTable[] => {
    const rows = Object.entries(entries).map(([id, values]) => {
      const cells = ALLOCATION_DIMENSIONS.map((dimension) => textOrNull(values[dimension]));
      return `(${[sqlText(id), ...cells].join(", ")})`;
    });
    const columns = ["id", ...ALLOCATION_DIMENSIONS];
    return rows.length === 0 ? [] : [{ name, columns, rows, on: `found.${key} = ${name}.id` }];
  };
  return [...table("namespaces", "namespace", config.namespaces), ...table("accounts", "account", config.accounts)];
}

function valueSql(config: AllocationConfig, dimension: AllocationDimension, tables: ReadonlySet<string>): string {
  const alias = aliasName(dimension);
  const sources = [
    ...(tables.has(alias) ? [`${alias}.canonical`] : []),
    `found.${dimension}`,
    ...["namespaces", "accounts"].filter((table) => tables.has(table)).map((table) => `${table}.${dimension}`),
    sqlText(config.labels[dimension].default ?? UNALLOCATED),
  ];
  return `coalesce(${sources.join(", ")})`;
}

function aliasName(dimension: AllocationDimension): string {
  return sqlName(`${dimension}_aliases`);
}

function textOrNull(value: string | undefined): string {
  return value === undefined ? "NULL::VARCHAR" : sqlText(value);
}
