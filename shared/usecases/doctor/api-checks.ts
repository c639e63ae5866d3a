import type { ReconcileAgainst, SourceConfig, SourceConfigOf } from "../../config/types.ts";
import { GenOpsError } from "../../core/errors.ts";
import { addDays, dayOf } from "../../core/period.ts";
import { scopePath } from "../../ingestion/sources/azure-cost-query/scope.ts";
import { partsOfTable, tableSql } from "../../ingestion/tables/bigquery-table.ts";
import { DEFAULT_MAXIMUM_BYTES } from "../../ingestion/tables/capped-query.ts";
import type { BillingApis, CostAndUsageRequest } from "../../ports/billing-apis.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Grant, PermissionCheck } from "../../ports/permissions.ts";

export interface ApiCheckDeps {
  apis: BillingApis;
  clock: Pick<Clock, "now">;
  /** Calls that cost money are made, too. */
  paid: boolean;
}

/** The right that a source needs of its billing API, by the cheapest call; undefined for sources that read files. */
export async function apiCheck(source: SourceConfig, deps: ApiCheckDeps): Promise<PermissionCheck | undefined> {
  const what = `source ${source.id}: query`;
  switch (source.type) {
    case "aws-cost-explorer": {
      const { COST_EXPLORER_GRANT } = await import("../../platforms/aws/grants.ts");
      return costExplorerCheck(what, source, deps, COST_EXPLORER_GRANT);
    }
    case "azure-cost-query": {
      const { costQueryGrant } = await import("../../platforms/azure/grants.ts");
      return costQueryCheck(what, source, deps, costQueryGrant(source.scope));
    }
    case "gcp-billing-export":
      return source.table === undefined ? undefined : bigQueryCheck(what, source.id, source.table, source, deps);
    case "focus-export":
      if (source.table !== undefined) return bigQueryCheck(what, source.id, source.table, source, deps);
      return source.athena === undefined ? undefined : athenaCheck(what, source.id, source.athena, deps);
    case "opencost":
      return openCostCheck(what, source, deps);
    default:
      return undefined;
  }
}

/** The right that an independent total needs; undefined for a file. */
export async function reconcileCheck(
  against: ReconcileAgainst,
  deps: ApiCheckDeps,
): Promise<PermissionCheck | undefined> {
  const { source: id } = against;
  const what = `reconcile ${id}: query`;
  switch (against.with) {
    case "cost-explorer": {
      const { COST_EXPLORER_GRANT } = await import("../../platforms/aws/grants.ts");
      return costExplorerCheck(what, { id }, deps, COST_EXPLORER_GRANT);
    }
    case "azure-query": {
      const { costQueryGrant } = await import("../../platforms/azure/grants.ts");
      return costQueryCheck(what, { id, scope: against.scope }, deps, costQueryGrant(against.scope));
    }
    case "bigquery":
      return bigQueryCheck(what, id, against.table, {}, deps);
    default:
      return undefined;
  }
}

/** A period that ends before it begins: AWS looks at the caller's rights first [assumed] and charges only for calls that succeed. */
const IMPOSSIBLE = { start: "2000-01-02", end: "2000-01-01" };

function costExplorerCheck(
  what: string,
  source: { id: string },
  { apis, clock, paid }: ApiCheckDeps,
  grant: Grant,
): PermissionCheck {
  const today = dayOf(clock.now());
  const timePeriod = paid ? { start: addDays(today, -3), end: addDays(today, -2) } : IMPOSSIBLE;
  const request: CostAndUsageRequest = {
    timePeriod,
    granularity: "DAILY",
    metrics: ["UnblendedCost"],
    groupBy: [],
    where: [],
  };
  return {
    what,
    grant,
    async ask() {
      const api = await apis.costExplorer(source);
      try {
        const answer = await api.getCostAndUsage(request);
        if (answer.outcome === "page" || answer.outcome === "no-data")
          return { outcome: "granted", detail: paid ? "one page was bought ($0.01)" : "Cost Explorer answers" };
        return { outcome: "unchecked", detail: answer.reason };
      } catch (error) {
        if (paid || !isAboutThePeriod(error)) throw error;
        const detail =
          "an impossible period was refused only for being impossible, which is free; --paid asks a real one";
        return { outcome: "granted", detail };
      }
    },
  };
}

const PERIOD = /ValidationException|BillExpirationException|does not understand the request|no longer has this period/;

function isAboutThePeriod(error: unknown): boolean {
  if (!(error instanceof GenOpsError)) return false;
  return PERIOD.test(error.message) || (error.cause instanceof Error && PERIOD.test(error.cause.name));
}

function costQueryCheck(
  what: string,
  source: { id: string; scope: string },
  { apis, clock }: ApiCheckDeps,
  grant: Grant,
): PermissionCheck {
  const day = addDays(dayOf(clock.now()), -3);
  return {
    what,
    grant,
    async ask() {
      const api = await apis.costQuery(source);
      const request = { type: "ActualCost", from: day, to: day, groupBy: [], where: [] } as const;
      const answer = await api.query(scopePath(source.scope), request);
      if (answer.outcome === "later") return { outcome: "unchecked", detail: answer.reason };
      return { outcome: "granted", detail: `Cost Management answers for ${source.scope}` };
    },
  };
}

/** A dry run looks at the same rights as the query, reads nothing and is free. */
async function bigQueryCheck(
  what: string,
  id: string,
  table: string,
  { queryProject }: { queryProject?: string },
  { apis }: ApiCheckDeps,
): Promise<PermissionCheck> {
  const { bigQueryGrant } = await import("../../platforms/gcp/grants.ts");
  const project = queryProject ?? partsOfTable(table).project;
  return {
    what,
    grant: bigQueryGrant(project, table),
    async ask() {
      const api = await apis.bigQuery({ id, project });
      const sql = `SELECT 1 FROM ${tableSql(table)} WHERE FALSE`;
      await api.estimate({ sql, parameters: {}, maximumBytesBilled: BigInt(DEFAULT_MAXIMUM_BYTES) });
      return { outcome: "granted", detail: `${table} can be queried by ${project} (dry run)` };
    },
  };
}

type AthenaTable = NonNullable<SourceConfigOf<"focus-export">["athena"]>;

/** Athena has no dry run: without `paid` only the workgroup is looked at. */
async function athenaCheck(
  what: string,
  id: string,
  { database, table, workgroup = "primary", output, region }: AthenaTable,
  { apis, paid }: ApiCheckDeps,
): Promise<PermissionCheck> {
  const { athenaGrant } = await import("../../platforms/aws/grants.ts");
  return {
    what,
    grant: athenaGrant(workgroup),
    async ask() {
      const api = await apis.athena({ id, region });
      if ((await api.scanLimit(workgroup)) === undefined) throw withoutLimit(workgroup);
      if (!paid)
        return {
          outcome: "unchecked",
          detail: `workgroup ${workgroup} is there; a query costs money, --paid makes one`,
        };
      const { rows } = await api.query({ sql: `SELECT 1 FROM "${table}" LIMIT 0`, database, workgroup, output });
      for await (const _ of rows) break;
      return { outcome: "granted", detail: `${database}.${table} can be queried` };
    },
  };
}

/** Collecting refuses it too (`docs/in-place.md`). */
function withoutLimit(workgroup: string): GenOpsError {
  const fix = `aws athena update-work-group --work-group ${workgroup} --configuration-updates BytesScannedCutoffPerQuery=<bytes>`;
  return new GenOpsError(
    "config",
    `workgroup ${workgroup} has no limit per query, and GenOps asks no query without one: ${fix}`,
  );
}

function openCostCheck(
  what: string,
  source: SourceConfigOf<"opencost">,
  { apis, clock }: ApiCheckDeps,
): PermissionCheck {
  const end = `${dayOf(clock.now())}T00:00:00Z`;
  const start = `${addDays(dayOf(clock.now()), -1)}T00:00:00Z`;
  return {
    what,
    grant: { right: "access to OpenCost", how: `let GenOps reach ${source.url}` },
    async ask() {
      const found = await (await apis.openCost(source)).allocation({ start, end });
      return { outcome: "granted", detail: `OpenCost answers with ${found.length} allocations of yesterday` };
    },
  };
}
