import { GenOpsError } from "../../core/errors.ts";
import type { Month } from "../../core/period.ts";
import type { TableColumn } from "../tables/bigquery-table.ts";
import { COSTS } from "./group-columns.ts";
import type { Warehouse } from "./warehouse.ts";

export interface GroupQuery {
  period: Month;
  /** Columns that are kept apart, in FOCUS's spelling. */
  keep: readonly string[];
  /** Google's own export, whose credits are not in its costs (UP-7): they are added up as well, by name and type. */
  creditsApart: boolean;
}

/** Names that the SELECTs give beside FOCUS columns. */
export const ROW_COUNT = "x_Rows";
export const CREDITS = "x_Credits";
/** The table in a statement. In a GROUP BY a bare name may mean the sum that is called like its column. */
const ALIAS = "bill";

/** One SELECT: the daily groups of a billing period, every sum exact, every value as text. */
export function groupsSql(warehouse: Warehouse, query: GroupQuery): string {
  const charges = chargesSql(warehouse, query);
  return query.creditsApart ? `${charges}\nUNION ALL\n${creditsSql(warehouse, query)}` : charges;
}

function chargesSql(warehouse: Warehouse, query: GroupQuery): string {
  const { dialect } = warehouse;
  const keys = keysOf(warehouse, query);
  const sums = COSTS.map((name) => {
    const column = find(warehouse, name);
    const sum = column === undefined ? dialect.nullText : dialect.decimalText(`SUM(${decimal(warehouse, column)})`);
    return `${sum} AS ${name}`;
  });
  const credits = query.creditsApart ? [`${dialect.nullText} AS ${CREDITS}`] : [];
  // A cost that is missing is filled by a rule (UP-3), so it must not vanish in a sum with others.
  const missing = COSTS.flatMap((name) => {
    const column = find(warehouse, name);
    return column === undefined ? [] : [`${ALIAS}.${dialect.quote(column.name)} IS NULL`];
  });
  const selected = [...keys, ...sums, ...credits, `COUNT(*) AS ${ROW_COUNT}`];
  const groups = [...keys.keys()].map((index) => String(index + 1));
  return `SELECT ${selected.join(", ")}
FROM ${warehouse.from} AS ${ALIAS} WHERE ${whereSql(warehouse, query.period)}
GROUP BY ${[...groups, ...missing].join(", ")}`;
}

/** Each kind of credit of a group as a row without cost that carries it; the rules for credits (GCP-2) do the rest. */
function creditsSql(warehouse: Warehouse, query: GroupQuery): string {
  const { dialect } = warehouse;
  const { credits } = dialect;
  if (credits === undefined) throw new GenOpsError("internal", `${warehouse.name} has no credits to add up`);
  const keys = keysOf(warehouse, query);
  const amount = dialect.decimalText(`SUM(${dialect.decimal(credits.amount, amountType(warehouse))})`);
  const list = `CONCAT('[{"Name":', TO_JSON_STRING(${credits.name}), ',"Type":', TO_JSON_STRING(${credits.type}), ',"Amount":"', ${amount}, '"}]')`;
  const nothing = COSTS.map((name) => `${find(warehouse, name) === undefined ? dialect.nullText : "'0'"} AS ${name}`);
  const groups = [...keys.keys()].map((index) => String(index + 1));
  return `SELECT ${[...keys, ...nothing, `${list} AS ${CREDITS}`, `0 AS ${ROW_COUNT}`].join(", ")}
FROM ${warehouse.from}, ${credits.from} WHERE ${whereSql(warehouse, query.period)}
GROUP BY ${[...groups, credits.name, credits.type].join(", ")}`;
}

/** Another SELECT, which shares no expression of the grouping: the totals of a billing period by currency, and its rows (L1, INV-1). */
export function totalsSql(warehouse: Warehouse, { period, creditsApart }: GroupQuery): string {
  const { dialect } = warehouse;
  const currency = find(warehouse, "BillingCurrency");
  const { credits } = dialect;
  const apart =
    creditsApart && credits !== undefined
      ? ` + COALESCE(SUM((SELECT SUM(${dialect.decimal(credits.amount, amountType(warehouse))}) FROM ${credits.from})), 0)`
      : "";
  const total = (name: string) => {
    const column = find(warehouse, name);
    const sum = column === undefined ? "0" : `COALESCE(SUM(${decimal(warehouse, column)}), 0)`;
    return dialect.decimalText(`(${sum}${apart})`);
  };
  return `SELECT ${currency === undefined ? dialect.nullText : dialect.text(currency)} AS currency,
  ${total("BilledCost")} AS billed, ${total("EffectiveCost")} AS effective, COUNT(*) AS row_count
FROM ${warehouse.from} WHERE ${whereSql(warehouse, period)} GROUP BY 1`;
}

/** The table's column of a FOCUS name, in whatever case it is written. */
export function find({ columns }: Pick<Warehouse, "columns">, name: string): TableColumn | undefined {
  return columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
}

function keysOf(warehouse: Warehouse, { keep }: GroupQuery): string[] {
  const { dialect } = warehouse;
  const kept = keep.flatMap((name) => {
    const column = find(warehouse, name);
    return column === undefined ? [] : [`${dialect.text(column)} AS ${name}`];
  });
  const charged = find(warehouse, "ChargePeriodStart");
  return [`${charged === undefined ? dialect.nullText : dialect.day(charged)} AS ChargePeriodStart`, ...kept];
}

function whereSql(warehouse: Warehouse, period: Month): string {
  const billed = find(warehouse, "BillingPeriodStart");
  const inMonth = billed === undefined ? "1 = 0" : warehouse.dialect.inMonth(billed, period);
  return [inMonth, ...warehouse.pruning(period)].join(" AND ");
}

function decimal({ dialect }: Warehouse, { name, type }: TableColumn): string {
  return dialect.decimal(dialect.quote(name), type);
}

/** Type of a credit's amount, out of `ARRAY<STRUCT<Name STRING, Amount NUMERIC, …>>`. */
function amountType(warehouse: Warehouse): string {
  return /\bAmount\s+(\w+)/i.exec(find(warehouse, CREDITS)?.type ?? "")?.[1] ?? "NUMERIC";
}
