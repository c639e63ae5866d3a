import { afterAll, describe, expect, it } from "vitest";
import { parseConfig } from "../../../../shared/config/parse-config.ts";
import { collectSources } from "../../../../shared/ledger/collect/collect-source.ts";
import { createSystemRandomness } from "../../../../shared/platforms/local/system.ts";
import { reconcile, reconcileDocument } from "../../../../shared/usecases/reconcile/reconcile.ts";
import { createRuntime } from "../../../../shared/usecases/runtime.ts";
import { bigQueryApis } from "../../../support/bigquery-apis.ts";
import { createBigQueryStub } from "../../../support/bigquery-stub.ts";
import { createFolders } from "../../../support/collect-deps.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import { FIXTURE_ROWS, makeBillingTable, TABLE } from "../../ingestion/sources/gcp-billing-export/billing-table.ts";

const folders = createFolders();
afterAll(() => folders.clean());

describe("genops reconcile against BigQuery", () => {
  it("gives 0.00 per project for a bill that was read whole", async () => {
    const stub = await createBigQueryStub();
    try {
      await makeBillingTable(stub, FIXTURE_ROWS);
      const baseDir = await folders.make();
      const yaml = `sources: [{ id: gcp, type: gcp-billing-export, table: "${TABLE}" }]
reconcile: { bound: 0, against: [{ source: gcp, with: bigquery, table: "${TABLE}" }] }
`;
      const clock = createFakeClock("2024-10-05T06:00:00.000Z", true);
      const made = await createRuntime({
        config: parseConfig(yaml, { fileName: "genops.yaml", baseDir, secrets: { read: () => undefined } }),
        clock,
        randomness: createSystemRandomness(),
        events: { publish: () => Promise.resolve() },
        progress: { report: () => {}, note: () => {} },
        createTempFolder: () => folders.make(),
      });
      const runtime = { ...made, apis: bigQueryApis(stub, made) };
      const runs = await collectSources(runtime, {
        sources: runtime.config.sources,
        periods: [],
        force: false,
        baseDir,
      });
      const period = runs.find(({ rows }) => rows > 0)?.period ?? "";
      const proof = reconcileDocument(await reconcile(runtime, { period }), runtime.config.reconcile.bound);
      expect(proof.reconciliations[0]).toMatchObject({ source: "gcp", period });
      expect(proof.reconciliations[0]).not.toHaveProperty("problem");
      const residuals = proof.reconciliations.flatMap((each) => each.residuals);
      expect(residuals.length).toBeGreaterThan(0);
      expect(residuals.filter(({ residual }) => residual !== "0")).toEqual([]);
    } finally {
      await stub.close();
    }
  });
});
