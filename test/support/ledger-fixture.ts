import path from "node:path";
import type { SourceConfig } from "../../shared/config/types.ts";
import { collectSources } from "../../shared/ledger/collect/collect-source.ts";
import type { CollectRun } from "../../shared/ledger/collect/run.ts";
import type { CostsQuery, OpenCostsDeps } from "../../shared/ledger/open-costs.ts";
import { type Report, type ReportQuery, reportCosts } from "../../shared/ledger/report.ts";
import { allocationOf } from "../unit/ingestion/allocation/config.ts";
import { createCollectDeps, type createFolders, type TestCollectDeps } from "./collect-deps.ts";
import { type BillLine, writeFocusBill } from "./focus-bill.ts";

export interface LedgerFixture {
  deps: TestCollectDeps;
  /** Where bills lie. */
  folder: string;
  lakeDir: string;
  /** Writes a FOCUS bill of a source and collects it. */
  load(lines: readonly BillLine[], source?: Partial<SourceConfig> & { id?: string }): Promise<CollectRun[]>;
  /** Runs with an engine and a work folder of its own. */
  withCosts<T>(work: (deps: OpenCostsDeps) => Promise<T>): Promise<T>;
  report(query?: Partial<ReportQuery>): Promise<Report>;
}

const ALL_TIME = { start: "2000-01-01", end: "2100-01-01", basis: "charge" } as const;

/** What reads take when a test says no more. */
export const QUERY: CostsQuery = { allocation: allocationOf(), scopeColumns: [] };

/** A file lake with the real engine, and bills to load into it. */
export async function createLedgerFixture(
  folders: ReturnType<typeof createFolders>,
  deps?: TestCollectDeps,
): Promise<LedgerFixture> {
  const folder = await folders.make();
  const lakeDir = await folders.make();
  const collectDeps = deps ?? createCollectDeps(lakeDir);
  async function withCosts<T>(work: (deps: OpenCostsDeps) => Promise<T>): Promise<T> {
    const engine = await collectDeps.createEngine();
    try {
      return await work({ lake: collectDeps.lake, engine, workDir: await folders.make() });
    } finally {
      await engine.close();
    }
  }
  return {
    deps: collectDeps,
    folder,
    lakeDir,
    async load(lines, source = {}) {
      const id = source.id ?? "any";
      await writeFocusBill(path.join(folder, `${id}.csv`), lines);
      return collectSources(collectDeps, {
        sources: [{ type: "focus-export", location: `${id}.csv`, allowShrink: true, ...source, id } as SourceConfig],
        periods: [],
        force: false,
        baseDir: folder,
      });
    },
    withCosts,
    report: (query = {}) =>
      withCosts((costs) =>
        reportCosts(costs, {
          ...QUERY,
          by: [],
          period: ALL_TIME,
          cost: "billed",
          settledAfterDays: { default: 3 },
          now: new Date("2024-10-01T00:00:00Z"),
          ...query,
        }),
      ),
  };
}
