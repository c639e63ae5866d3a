import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { GenOpsError } from "../../../shared/core/errors.ts";
import { collectSources } from "../../../shared/ledger/collect/collect-source.ts";
import { ensureHourlyCosts, openHourlyCosts } from "../../../shared/ledger/hourly-costs.ts";
import { readVersions } from "../../../shared/ledger/open-costs.ts";
import { createFolders } from "../../support/collect-deps.ts";
import { writeHourlyCur } from "../../support/hourly-cur.ts";
import { createLedgerFixture, type LedgerFixture } from "../../support/ledger-fixture.ts";

const folders = createFolders();
afterAll(() => folders.clean());

const PERIODS = { billingPeriods: ["2024-09"] };

async function hourlyLedger(): Promise<LedgerFixture> {
  const ledger = await createLedgerFixture(folders);
  const range = { start: "2024-09-01T00:00:00Z", end: "2024-09-03T00:00:00Z", services: ["AmazonEC2", "AmazonS3"] };
  await writeHourlyCur(path.join(ledger.folder, "cur.csv"), range, (hour, service) =>
    service === "AmazonS3" && hour.getUTCHours() > 0 ? undefined : 1.5,
  );
  const runs = await collectSources(ledger.deps, {
    sources: [{ id: "any", type: "aws-data-export", location: "cur.csv", allowShrink: true }],
    periods: [],
    force: false,
    baseDir: ledger.folder,
  });
  expect(runs.map(({ status }) => status)).toEqual(["replaced"]);
  return ledger;
}

function hourlyCosts(ledger: LedgerFixture, query: Partial<Parameters<typeof openHourlyCosts>[1]> = {}) {
  return ledger.withCosts(async (deps) => {
    const missing = await openHourlyCosts(deps, { ...PERIODS, ...query });
    return { missing, rows: await deps.engine.query("SELECT * FROM hourly_costs ORDER BY hour, service") };
  });
}

describe("openHourlyCosts", () => {
  it("adds up usage by the hour and the fixed dimensions", async () => {
    const { missing, rows } = await hourlyCosts(await hourlyLedger());
    expect(missing).toEqual([]);
    expect(rows).toHaveLength(50);
    expect(rows[0]).toMatchObject({
      hour: "2024-09-01 00:00:00",
      date: "2024-09-01",
      provider: "aws",
      account: "111122223333",
      region: "us-east-1",
      currency: "USD",
      charge_category: "Usage",
      effective: "1.500000000000000000",
      cost: 1.5,
    });
  });

  it("is built once per version, under the cube, where the garbage collector finds it", async () => {
    const ledger = await hourlyLedger();
    const keys = async () => (await Array.fromAsync(ledger.deps.lake.list("cube/hours-"))).map(({ key }) => key);
    await hourlyCosts(ledger);
    const built = await keys();
    expect(built).toEqual([
      expect.stringMatching(/^cube\/hours-\d+\/source=any\/billing_period=2024-09\/version=[\w-]+\.parquet$/),
    ]);
    await hourlyCosts(ledger);
    expect(await keys()).toEqual(built);
  });

  it("has nothing of bills by the day, of sources that only split a bill, and without bills", async () => {
    const empty = await createLedgerFixture(folders);
    expect(await hourlyCosts(empty)).toEqual({ missing: [], rows: [] });
    await empty.load([{ billed: "1" }]);
    expect(await hourlyCosts(empty)).toEqual({ missing: [], rows: [] });
    const ledger = await hourlyLedger();
    expect(await hourlyCosts(ledger, { clusters: [{ source: "any", match: {} }] })).toEqual({ missing: [], rows: [] });
  });

  it("does without rows that stay elsewhere or in place, and names their source", async () => {
    const ledger = await hourlyLedger();
    const { lake } = ledger.deps;
    const refused = () => Promise.reject(new GenOpsError("refused", "they stay there"));
    const elsewhere = {
      ...lake,
      getFile: (key: string) => (key.startsWith("rows/") ? refused() : lake.getFile(key)),
    };
    expect(await ledger.withCosts((deps) => openHourlyCosts({ ...deps, lake: elsewhere }, PERIODS))).toEqual(["any"]);
    const [version] = await readVersions(lake, PERIODS);
    expect(version).toBeDefined();
    if (version === undefined) return;
    const inPlace = { at: "BigQuery table p.d.t", columns: ["ServiceName"] };
    const file = await ledger.withCosts((deps) => ensureHourlyCosts(deps, { ...version, inPlace }));
    expect(file).toBeUndefined();
  });
});
