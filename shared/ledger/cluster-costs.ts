import {
  ALLOCATION_DIMENSIONS,
  type AllocationConfig,
  type AllocationDimension,
  type LabelRule,
} from "../config/types.ts";
import { parseDecimal } from "../core/decimal.ts";
import type { Scope } from "../core/finding.ts";
import { type ClusterShare, splitClusters } from "../ingestion/allocation/split-clusters.ts";
import type { SqlEngine } from "../ports/sql-engine.ts";
import { createAllocatedRows } from "./build-cube.ts";
import { columnList, cubeRow, insertRows, matchSql } from "./shared-costs.ts";

/** A cluster whose bill is split by the shares that a source measured. */
export interface ClusterRule {
  /** Id of the source of shares. */
  source: string;
  /** Which rows of the cube are the cluster's. */
  match: Scope;
}

/** Shares of one cluster: the rule, and the relation of its source's rows. */
export interface MeasuredCluster extends ClusterRule {
  from: string;
}

/**
 * Splits what clusters were billed over their workloads' teams, projects, environments and cost centers, cluster after cluster. Gives back
 * the relation to read instead of `from`; its totals are the same to the last digit.
 */
export async function splitClusterCosts(
  engine: SqlEngine,
  from: string,
  clusters: readonly MeasuredCluster[],
  { allocation, dimensions }: { allocation: AllocationConfig; dimensions: readonly string[] },
): Promise<string> {
  let relation = from;
  for (const [index, cluster] of clusters.entries()) {
    const shares = await readShares(engine, cluster, allocation);
    const matched = `(${matchSql(cluster.match)})`;
    const rows = await engine.query(`SELECT ${columnList(dimensions)} FROM ${relation} WHERE ${matched}`);
    const table = `cluster_costs_${index}`;
    await engine.run(
      `CREATE OR REPLACE TEMP TABLE ${table} AS SELECT ${columnList(dimensions)} FROM ${relation} WHERE false`,
    );
    const split = splitClusters(
      rows.map((row) => cubeRow(row, dimensions)),
      shares,
    );
    await insertRows(engine, table, split, dimensions);
    relation = `(SELECT ${columnList(dimensions)} FROM ${relation} WHERE NOT ${matched} UNION ALL SELECT * FROM ${table})`;
  }
  return relation;
}

/**
 * What a workload's own labels and its namespace say. Accounts and defaults are left to the bill's rows, which know better. Prometheus, and
 * OpenCost with it, spells `genops.ai/team` as `genops_ai_team`.
 */
function workloadAllocation({ labels, namespaces, shared }: AllocationConfig): AllocationConfig {
  const ofWorkloads = ({ keys, aliases }: LabelRule): LabelRule => ({
    keys: keys.flatMap((key) => [key, key.replace(/[^A-Za-z0-9_]/g, "_")]),
    aliases,
  });
  return {
    labels: {
      team: ofWorkloads(labels.team),
      project: ofWorkloads(labels.project),
      environment: ofWorkloads(labels.environment),
      cost_center: ofWorkloads(labels.cost_center),
    },
    accounts: {},
    namespaces,
    shared,
  };
}

async function readShares(
  engine: SqlEngine,
  { from }: MeasuredCluster,
  allocation: AllocationConfig,
): Promise<Map<string, ClusterShare[]>> {
  await createAllocatedRows(engine, "cluster_shares", from, workloadAllocation(allocation));
  const rows = await engine.query(
    `SELECT ChargePeriodStart::DATE::VARCHAR AS day, x_Idle AS idle, ${ALLOCATION_DIMENSIONS.join(", ")}, sum(x_ShareWeight)::DECIMAL(38,18) AS weight
     FROM cluster_shares GROUP BY ALL ORDER BY ALL`,
  );
  const days = new Map<string, ClusterShare[]>();
  for (const row of rows) {
    const dims = Object.fromEntries(
      ALLOCATION_DIMENSIONS.map((name) => [
        name,
        row["idle"] === true ? "unallocated" : String(row[name] ?? "unallocated"),
      ]),
    ) as Record<AllocationDimension, string>;
    const day = String(row["day"]);
    days.set(day, [...(days.get(day) ?? []), { dims, weight: parseDecimal(String(row["weight"])) }]);
  }
  return days;
}
