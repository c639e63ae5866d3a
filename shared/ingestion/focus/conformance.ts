import { type SqlEngine, type SqlRow, sqlName, sqlText } from "../../ports/sql-engine.ts";
import type { BillCheck } from "../sources/bill.ts";
import { ROW_RULES, type RowRule } from "./conformance-rules.ts";
import { FOCUS_COLUMNS, type FocusColumn, sqlType } from "./schema.ts";

export interface BrokenRule {
  /** Stable, `not-null:BilledCost`; listed in `docs/focus.md`. */
  id: string;
  severity: "error" | "warning";
  /** Money or period cannot be used: a bill with such rows is refused. */
  refuses: boolean;
  message: string;
  rows: number;
  /** At most three; long values are cut. The text comes from the bill and is untrusted. */
  examples: { column: string; value: string | null }[];
}

export interface ConformanceReport {
  rows: number;
  /** How many rules were checked, broken or not. */
  checked: number;
  /** Only what is broken; most rows first, errors before warnings. */
  rules: BrokenRule[];
}

export interface ConformanceOptions {
  /** A vendor's own FOCUS export: known gaps are warnings (`reference/focus.md` §5). */
  nativeExport: boolean;
}

/** A rule that needs more than one row, or a look into JSON: one query over distinct values, giving `rows` and `value`. */
interface GroupRule {
  id: string;
  column: string;
  message: string;
  knownGap: boolean;
  /** SELECT of `value` and `rows` for what breaks the rule. */
  sql: (relation: string) => string;
}

type Rule = Pick<RowRule, "id" | "column" | "message" | "knownGap"> & { refuses?: boolean };

const EXAMPLES = 3;
const EXAMPLE_LENGTH = 120;

/**
 * Checks a relation of FOCUS 1.4 rows (all 65 columns, exact types) in the engine: one pass for the row rules, one query per JSON column
 * and cross-row rule over distinct values, and one for examples of what is broken.
 */
export async function checkConformance(
  engine: SqlEngine,
  relation: string,
  options: ConformanceOptions,
): Promise<ConformanceReport> {
  const { rows, filled, counts } = await countBroken(engine, relation);
  const types = await wrongTypes(engine, relation, rows);
  const broken = ROW_RULES.filter((rule) => (counts.get(rule.id) ?? 0) > 0);
  const examples = await readExamples(engine, relation, broken);
  const rules = broken.map((rule) => report(rule, options, counts.get(rule.id) ?? 0, examples.get(rule.id) ?? []));
  const groupRules = GROUP_RULES.filter((rule) => filled.has(rule.column));
  for (const rule of groupRules) {
    const found = await engine.query(limited(rule.sql(relation)));
    if (found.length > 0)
      rules.push(
        report(
          rule,
          options,
          Number(found[0]?.["total"]),
          found.map((row) => exampleOf(rule, row)),
        ),
      );
  }
  const order = (rule: BrokenRule) => (rule.severity === "error" ? 0 : 1);
  return {
    rows,
    checked: FOCUS_COLUMNS.length + ROW_RULES.length + GROUP_RULES.length,
    rules: [...types, ...rules].sort((a, b) => order(a) - order(b) || b.rows - a.rows || (a.id < b.id ? -1 : 1)),
  };
}

/** The refusing rules as checks over any relation of FOCUS rows. They know neither file nor row: whoever refuses looks for the value. */
export function refusingChecks(relation: string): BillCheck[] {
  return ROW_RULES.filter((rule) => rule.refuses).map((rule) => ({
    message: rule.message,
    sql: `SELECT NULL::VARCHAR AS source_file, NULL::BIGINT AS row, ${sqlText(rule.column)} AS column_name,
      ${exampleText(rule.column)} AS value FROM ${relation} WHERE ${rule.broken} LIMIT ${EXAMPLES}`,
  }));
}

async function countBroken(engine: SqlEngine, relation: string) {
  const counted = ROW_RULES.map((rule, index) => `count(*) FILTER (WHERE ${rule.broken}) AS r${index}`);
  const grouped = [...new Set(GROUP_RULES.map((rule) => rule.column))];
  const present = grouped.map((column) => `count(${sqlName(column)}) AS ${sqlName(`has ${column}`)}`);
  const [row = {}] = await engine.query(
    `SELECT count(*) AS "rows",\n${[...counted, ...present].join(",\n")}\nFROM ${relation}`,
  );
  return {
    rows: Number(row["rows"]),
    filled: new Set(grouped.filter((column) => Number(row[`has ${column}`]) > 0)),
    counts: new Map(ROW_RULES.map((rule, index) => [rule.id, Number(row[`r${index}`])])),
  };
}

/** Types hold by construction (`focusRowsSql`); a column that was changed later is told here. */
async function wrongTypes(engine: SqlEngine, relation: string, rows: number): Promise<BrokenRule[]> {
  const described = await engine.query(`DESCRIBE SELECT * FROM ${relation}`);
  const types = new Map(described.map((row) => [String(row["column_name"]), String(row["column_type"])]));
  return FOCUS_COLUMNS.filter((column) => types.get(column.name) !== sqlType(column)).map((column) => ({
    id: `type:${column.name}`,
    severity: "error",
    refuses: false,
    message: `${column.name} is not ${sqlType(column)}`,
    rows,
    examples: [{ column: column.name, value: types.get(column.name) ?? null }],
  }));
}

async function readExamples(engine: SqlEngine, relation: string, broken: readonly RowRule[]) {
  const examples = new Map<string, BrokenRule["examples"]>();
  if (broken.length === 0) return examples;
  const selects = broken.map(
    (rule) => `(SELECT ${sqlText(rule.id)} AS id, ${exampleText(rule.column)} AS value FROM ${relation}
      WHERE ${rule.broken} LIMIT ${EXAMPLES})`,
  );
  const columns = new Map(broken.map((rule) => [rule.id, rule.column]));
  for (const row of await engine.query(selects.join("\nUNION ALL\n"))) {
    const id = String(row["id"]);
    examples.set(id, [...(examples.get(id) ?? []), exampleOf({ column: columns.get(id) ?? "" }, row)]);
  }
  return examples;
}

function exampleText(column: string): string {
  return `left(${sqlName(column)}::VARCHAR, ${EXAMPLE_LENGTH})`;
}

function exampleOf(rule: { column: string }, row: SqlRow): { column: string; value: string | null } {
  const value = row["value"];
  return { column: rule.column, value: value === null || value === undefined ? null : String(value) };
}

function report(rule: Rule, options: ConformanceOptions, rows: number, examples: BrokenRule["examples"]): BrokenRule {
  const severity = options.nativeExport && rule.knownGap ? "warning" : "error";
  return { id: rule.id, severity, refuses: rule.refuses ?? false, message: rule.message, rows, examples };
}

function limited(sql: string): string {
  return `SELECT left(value, ${EXAMPLE_LENGTH}) AS value, sum("rows") OVER () AS total FROM (${sql}) ORDER BY value LIMIT ${EXAMPLES}`;
}

const JSON_COLUMNS = FOCUS_COLUMNS.filter((column) => column.type === "json");

const GROUP_RULES: readonly GroupRule[] = [
  ...JSON_COLUMNS.map(parses),
  ...JSON_COLUMNS.filter((column) => column.valueFormat?.replace("-", "").startsWith("Key") ?? false).map(isFlat),
  shaped("AllocatedMethodDetails", "Elements"),
  shaped("CommitmentProgramEligibilityDetails", "CommitmentPrograms"),
  oneParent("service:OneCategory", "ServiceName", "ServiceCategory"),
  oneParent("sku-price:OneSku", "SkuPriceId", "SkuId"),
];

function distinctValues(relation: string, column: string): string {
  return `SELECT ${column} AS value, count(*) AS "rows" FROM ${relation} WHERE ${column} IS NOT NULL GROUP BY ${column}`;
}

function parses(column: FocusColumn): GroupRule {
  return {
    id: `json:${column.name}`,
    column: column.name,
    message: `${column.name} is no JSON`,
    knownGap: false,
    sql: (relation) => `SELECT * FROM (${distinctValues(relation, column.name)}) WHERE NOT json_valid(value)`,
  };
}

/** X-5: one object, its values string, number, boolean or null. */
function isFlat(column: FocusColumn): GroupRule {
  return {
    id: `flat:${column.name}`,
    column: column.name,
    message: `${column.name} is not one flat JSON object`,
    knownGap: false,
    sql: (relation) => `SELECT * FROM (${distinctValues(relation, column.name)})
      WHERE CASE WHEN json_valid(value) THEN json_type(value) <> 'OBJECT'
        OR list_has_any(json_type(value, '$.*'), ['OBJECT', 'ARRAY']) END`,
  };
}

function shaped(column: string, list: string): GroupRule {
  return {
    id: `shape:${column}`,
    column,
    message: `${column} is not {"${list}": […]}`,
    knownGap: false,
    sql: (relation) => `SELECT * FROM (${distinctValues(relation, column)})
      WHERE CASE WHEN json_valid(value) THEN coalesce(json_type(value, '$.${list}'), '') <> 'ARRAY' END`,
  };
}

function oneParent(id: string, column: string, parent: string): GroupRule {
  return {
    id,
    column,
    message: `one ${column} has several values of ${parent}`,
    knownGap: true,
    sql: (relation) => `SELECT ${column} AS value, count(*) AS "rows" FROM ${relation} WHERE ${column} IS NOT NULL
      GROUP BY ${column} HAVING min(${parent}) <> max(${parent})`,
  };
}
