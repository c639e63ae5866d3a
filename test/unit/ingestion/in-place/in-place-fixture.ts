import { afterAll, afterEach, beforeEach } from "vitest";
import type { SourceConfig, SourceConfigOf } from "../../../../shared/config/types.ts";
import { collectSources } from "../../../../shared/ledger/collect/collect-source.ts";
import type { CollectRun } from "../../../../shared/ledger/collect/run.ts";
import { type CostsQuery, openCube } from "../../../../shared/ledger/open-costs.ts";
import { type Report, reportCosts } from "../../../../shared/ledger/report.ts";
import type { SqlRow } from "../../../../shared/ports/sql-engine.ts";
import { bigQueryApis } from "../../../support/bigquery-apis.ts";
import { type BigQueryStub, createBigQueryStub, describeInStub } from "../../../support/bigquery-stub.ts";
import { createCollectDeps, createFolders, type TestCollectDeps } from "../../../support/collect-deps.ts";
import { createFakeClock, type FakeClock } from "../../../support/fake-clock.ts";
import { QUERY } from "../../../support/ledger-fixture.ts";
import { withEngine } from "../../../support/with-engine.ts";
import { FOCUS_SAMPLE } from "./focus-table.ts";

export const TABLE = "finops-prod.focus.all_clouds";
export const SOURCE: SourceConfigOf<"focus-export"> = {
  id: "focus",
  type: "focus-export",
  table: TABLE,
  mode: "in-place",
};
export const FROM_FILE: SourceConfigOf<"focus-export"> = { id: "focus", type: "focus-export", location: FOCUS_SAMPLE };

export interface InPlaceFixture {
  readonly stub: BigQueryStub;
  readonly clock: FakeClock;
  readonly deps: TestCollectDeps;
  /** Makes the table in BigQuery's stub. */
  makeTable(select: string): Promise<void>;
  collect(source?: SourceConfig, options?: CollectOptions): Promise<CollectRun[]>;
  /** The whole cube of a ledger. */
  cube(on: TestCollectDeps, query?: Partial<CostsQuery>): Promise<SqlRow[]>;
  report(by: string[], query?: Partial<CostsQuery>, on?: TestCollectDeps): Promise<Report>;
  /** A ledger of its own, into which the sample was collected from its file. */
  copied(): Promise<TestCollectDeps>;
  newDeps(): Promise<TestCollectDeps>;
}

export interface CollectOptions {
  on?: TestCollectDeps;
  periods?: string[];
}

/** A ledger and a BigQuery of its own for each test of a file. */
export function useInPlaceFixture(): InPlaceFixture {
  const folders = createFolders();
  let stub: BigQueryStub;
  let clock: FakeClock;
  let deps: TestCollectDeps;

  beforeEach(async () => {
    stub = await createBigQueryStub();
    clock = createFakeClock("2024-10-05T06:00:00.000Z", true);
    const made = { ...(await newDeps()), clock };
    deps = { ...made, apis: bigQueryApis(stub, made) };
  });
  afterEach(() => stub.close());
  afterAll(() => folders.clean());

  async function newDeps(): Promise<TestCollectDeps> {
    return createCollectDeps(await folders.make());
  }

  function collect(source: SourceConfig = SOURCE, { on = deps, periods = [] }: CollectOptions = {}) {
    return collectSources(on, { sources: [source], periods, force: false, baseDir: "/" });
  }

  return {
    get stub() {
      return stub;
    },
    get clock() {
      return clock;
    },
    get deps() {
      return deps;
    },
    newDeps,
    collect,
    async makeTable(select) {
      await stub.run(`CREATE OR REPLACE TABLE "${TABLE}" AS ${select}`);
      await describeInStub(stub, TABLE);
    },
    cube: (on, query = {}) =>
      withEngine(on, async (costs) => {
        await openCube(costs, { ...QUERY, ...query });
        return costs.engine.query("SELECT * FROM cube ORDER BY ALL");
      }),
    report: (by, query = {}, on = deps) =>
      withEngine(on, (costs) =>
        reportCosts(costs, {
          ...QUERY,
          ...query,
          by,
          period: { start: "2024-09-01", end: "2024-10-01", basis: "billing" },
          cost: "billed",
          settledAfterDays: {},
          now: clock.now(),
        }),
      ),
    async copied() {
      const other = await newDeps();
      await collect(FROM_FILE, { on: other });
      return other;
    },
  };
}
