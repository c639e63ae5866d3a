import { lagSql } from "../../ledger/completeness/lag-sql.ts";
import { type SqlEngine, sqlName, sqlText } from "../../ports/sql-engine.ts";
import { type DaysInput, reducedColumns, unsettledStart } from "./cost-query.ts";
import { historyStart } from "./history-query.ts";
import { coverShapes, type DayTable } from "./shapes.ts";

/** What is bought or taxed comes on known days; it is forecast apart from what is used. */
const RECURRING = ["Purchase", "Tax"];

/** Reduces the cube to tables of the engine's own for as long as `work` lasts: one per set of dimensions that go together. */
export async function withDayTables<Result>(
  engine: SqlEngine,
  input: DaysInput,
  work: (tables: readonly DayTable[]) => Promise<Result>,
): Promise<Result> {
  const unsettled = unsettledStart(input.settledAfterDays, input.today);
  const [start = unsettled] = [unsettled, historyStart(input.today)].sort();
  const lag = lagSql(input.lags, input.settledAfterDays, input.today);
  // Where services differ, rows that are put together may not have the same worth.
  const worth = lag.table === undefined ? lag.worth : undefined;
  const covers = coverShapes(input.shaped.shapes);
  const tables = covers.map((cover, index) => ({ name: `budget_days_${index}`, start, cover, worth }));
  try {
    for (const table of tables) await engine.run(tableSql(input, table));
    return await work(tables);
  } finally {
    for (const { name } of tables) await engine.run(`DROP TABLE IF EXISTS ${name}`);
  }
}

function tableSql(input: DaysInput, { name, start, cover, worth }: DayTable): string {
  const lag = lagSql(input.lags, input.settledAfterDays, input.today);
  const columns = [
    "date AS day",
    "billing_period AS month",
    "currency",
    ...(worth === undefined ? [`${lag.worth} AS worth`] : []),
    "provider",
    "coalesce(metered, false) AS metered",
    `charge_category IN (${RECURRING.map(sqlText).join(", ")}) AS recurring`,
    ...reducedColumns(cover),
  ];
  const from = `${lag.join(sqlName(input.cubeRelation))} WHERE date >= DATE ${sqlText(start)}`;
  return `CREATE OR REPLACE TEMP TABLE ${name} AS
${lag.table === undefined ? "" : `WITH ${lag.table}`} SELECT ${columns.join(", ")} FROM ${from} GROUP BY ALL`;
}
