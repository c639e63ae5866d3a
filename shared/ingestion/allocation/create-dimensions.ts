import type { AllocationConfig } from "../../config/types.ts";
import type { SqlEngine } from "../../ports/sql-engine.ts";
import { allocationSql } from "./allocation-sql.ts";

/**
 * Creates the temporary table `table` with one row per distinct (Tags, account) of `relation` and its team, project, environment and
 * cost_center. Rows find theirs by `allocationJoin`. `relation` is trusted SQL, `table` a plain identifier.
 */
export async function createDimensions(
  engine: Pick<SqlEngine, "query" | "run">,
  config: AllocationConfig,
  { relation, table }: { relation: string; table: string },
): Promise<void> {
  const combinations = `${table}_combinations`;
  const sql = allocationSql(config);
  await engine.run(`CREATE TEMP TABLE ${combinations} AS SELECT DISTINCT "Tags", account FROM ${relation}`);
  const spellings = await engine.query(sql.spellings(combinations));
  await engine.run(
    `CREATE TEMP TABLE ${table} AS ${sql.select(
      combinations,
      spellings.map(({ spelling }) => String(spelling)),
    )}`,
  );
  await engine.run(`DROP TABLE ${combinations}`);
}
