import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Budget, BudgetAlert } from "../../../shared/config/types.ts";
import { type Decimal, parseDecimal } from "../../../shared/core/decimal.ts";
import type { CloudEvent } from "../../../shared/core/events.ts";
import type { Observation } from "../../../shared/core/finding.ts";
import { createDuckDbEngine } from "../../../shared/ledger/engines/duckdb/duckdb-engine.ts";
import type { Clock } from "../../../shared/ports/clock.ts";
import type { EventBus } from "../../../shared/ports/event-bus.ts";
import type { ObjectStore, StoredObject } from "../../../shared/ports/object-store.ts";
import { type SqlEngine, sqlText } from "../../../shared/ports/sql-engine.ts";

export async function testEngine(): Promise<SqlEngine> {
  return createDuckDbEngine({ tempDir: await mkdtemp(path.join(tmpdir(), "genops-test-")) });
}

/** One row of a test cube; what is left out is ordinary: AWS usage of team `ml` in USD. */
export interface CubeRow {
  date: string;
  billed?: string;
  effective?: string;
  list?: string;
  contracted?: string;
  billing_period?: string;
  provider?: string;
  account?: string;
  service?: string;
  region?: string | null;
  charge_category?: string;
  currency?: string;
  team?: string;
  project?: string;
  environment?: string;
  metered?: boolean;
  rows?: number;
}

const TEXT_COLUMNS = [
  "billing_period",
  "source",
  "provider",
  "account",
  "service",
  "region",
  "charge_category",
  "currency",
] as const;
const OWNER_COLUMNS = ["team", "project", "environment", "cost_center"] as const;
const COSTS = ["billed", "effective", "list", "contracted"] as const;

export function completeRow(row: CubeRow) {
  const effective = row.effective ?? row.billed ?? "0";
  return {
    billing_period: row.date.slice(0, 7),
    source: "test",
    provider: "aws",
    account: "111",
    service: "Compute",
    region: null,
    charge_category: "Usage",
    currency: "USD",
    team: "ml",
    project: "search",
    environment: "prod",
    cost_center: "unallocated",
    metered: false,
    billed: effective,
    list: effective,
    contracted: effective,
    rows: 1,
    ...row,
    effective,
  };
}

/** Makes the relation `cube` anew with these rows. */
export async function loadCube(engine: SqlEngine, rows: readonly CubeRow[]): Promise<void> {
  const texts = [...TEXT_COLUMNS, ...OWNER_COLUMNS];
  const columns = [
    "date DATE",
    ...texts.map((name) => `${name} VARCHAR`),
    "metered BOOLEAN",
    ...COSTS.map((name) => `${name} DECIMAL(38,18)`),
    "rows BIGINT",
  ];
  await engine.run(`CREATE OR REPLACE TABLE cube (${columns.join(", ")})`);
  const values = rows.map(completeRow).map((row) => {
    const cells = [
      `DATE '${row.date}'`,
      ...texts.map((name) => {
        const value = row[name];
        return value === null ? "NULL" : sqlText(value);
      }),
      String(row.metered),
      ...COSTS.map((name) => `money('${row[name]}')`),
      String(row.rows),
    ];
    return `(${cells.join(", ")})`;
  });
  if (values.length > 0) await engine.run(`INSERT INTO cube VALUES ${values.join(", ")}`);
}

/** One row per day of a range, the end exclusive. */
export function daily(start: string, end: string, row: Omit<CubeRow, "date">): CubeRow[] {
  const rows: CubeRow[] = [];
  for (let at = Date.parse(start); at < Date.parse(end); at += 86_400_000)
    rows.push({ ...row, date: new Date(at).toISOString().slice(0, 10) });
  return rows;
}

export function budget(fields: Partial<Budget> & { limit: Decimal }): Budget {
  return {
    name: "test",
    scope: {},
    period: { every: "month" },
    currency: "USD",
    cost: "effective",
    includeCategories: [],
    excludeCategories: [],
    alerts: [],
    ...fields,
  };
}

export function alert(
  threshold: string,
  action: BudgetAlert["action"] = "notify",
  basis: BudgetAlert["basis"] = "actual",
): BudgetAlert {
  return { threshold: parseDecimal(threshold), basis, action, recipients: [] };
}

/** A clock that stands; `setNow` moves knowledge time. */
export function testClock(now: string): Clock & { setNow(instant: string): void } {
  let instant = now;
  return {
    now: () => new Date(instant),
    evaluationNow: () => new Date(now),
    sleep: () => Promise.resolve(),
    setNow(next) {
      instant = next;
    },
  };
}

/** An object store in memory that gives way to others (`pause`) before each step, so that a test can order writers as it likes. */
export function memoryStore(
  pause: () => Promise<void> = () => Promise.resolve(),
): ObjectStore & { objects: Map<string, StoredObject> } {
  const objects = new Map<string, StoredObject>();
  let writes = 0;
  return {
    objects,
    async get(key) {
      await pause();
      return objects.get(key);
    },
    async put(key, body, when) {
      await pause();
      const stored = objects.get(key);
      if (when !== undefined && "create" in when && stored !== undefined) return { ok: false };
      if (when !== undefined && "ifMatch" in when && stored?.etag !== when.ifMatch) return { ok: false };
      const etag = String(++writes);
      objects.set(key, { body, etag });
      return { ok: true, etag };
    },
    async delete(key) {
      await pause();
      objects.delete(key);
    },
    async *list(prefix) {
      await pause();
      for (const [key, { body }] of [...objects].sort(([a], [b]) => (a < b ? -1 : 1))) {
        if (key.startsWith(prefix)) yield { key, sizeBytes: body.length, modifiedAt: new Date(0) };
      }
    },
  };
}

export function recordingBus(): EventBus & { published: CloudEvent[]; types(): string[] } {
  const published: CloudEvent[] = [];
  return {
    published,
    types: () => published.map(({ type }) => type.replace("genops.", "")),
    publish(event) {
      published.push(event);
      return Promise.resolve();
    },
  };
}

export function observation(fields: Partial<Observation> = {}): Observation {
  return {
    kind: "budget",
    rule: "threshold-80-actual-notify",
    level: "warning",
    scope: { team: ["ml"] },
    period: { start: "2024-09-01", end: "2024-10-01" },
    subject: "team/ml",
    title: "Budget team/ml has used 850.00 of 1000.00 USD",
    amount: parseDecimal("850"),
    currency: "USD",
    wantedActions: [{ action: "notify", targets: [{ team: ["ml"] }] }],
    evidence: { rows: 3, contributors: [], settledShare: "1", waitsFor: "", facts: { threshold: "80%" } },
    recipients: [],
    ...fields,
  };
}
