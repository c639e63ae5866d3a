import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCloudBillingApi } from "../../../../shared/platforms/gcp/cloud-billing.ts";
import {
  createLocalSecrets,
  createSystemClock,
  createSystemRandomness,
} from "../../../../shared/platforms/local/system.ts";
import { syncListPrices } from "../../../../shared/usecases/list-prices.ts";
import { readConfig } from "../../../../shared/usecases/read-config.ts";
import { createRuntime } from "../../../../shared/usecases/runtime.ts";
import { googleCredentials } from "../../../support/bigquery-apis.ts";
import { createCloudBillingStub, skuOnWire } from "../../../support/cloud-billing-stub.ts";
import { createFolders } from "../../../support/collect-deps.ts";
import { genops } from "./cli-support.ts";

const SERVICE = "6F81-5844-456A";
const folders = createFolders();
let folder: string;

/** Prices of two SKUs come into the lake from the catalog's stub, as `genops prices sync` brings them from Google. */
beforeAll(async () => {
  folder = await folders.make();
  await writeFile(path.join(folder, "genops.yaml"), "lake: file:./lake\n");
  const stub = await createCloudBillingStub();
  try {
    stub.lists["/v1/services"] = { field: "services", items: [{ serviceId: SERVICE, displayName: "Compute Engine" }] };
    stub.lists[`/v1/services/${SERVICE}/skus`] = {
      field: "skus",
      items: [
        skuOnWire("CORE"),
        skuOnWire("EGRESS", {
          description: "Network Internet Egress",
          tiers: [
            { startUsageAmount: 0, units: "0", nanos: 0 },
            { startUsageAmount: 100, units: "0", nanos: 120_000_000 },
          ],
        }),
      ],
    };
    const clock = createSystemClock();
    const randomness = createSystemRandomness();
    const runtime = await createRuntime({
      config: await readConfig(path.join(folder, "genops.yaml"), createLocalSecrets({})),
      clock,
      randomness,
      events: { publish: () => Promise.resolve() },
      progress: { report: () => {}, note: () => {} },
      createTempFolder: () => folders.make(),
    });
    const createCredentials = () => Promise.resolve(googleCredentials("good"));
    const catalog = createCloudBillingApi({ clock, randomness, endpoint: stub, createCredentials });
    expect(await syncListPrices(runtime, { services: ["compute engine"], currency: "USD" }, catalog)).toEqual([
      {
        service: SERVICE,
        serviceName: "Compute Engine",
        currency: "USD",
        status: "replaced",
        skus: 2,
        changed: 2,
        delisted: 0,
      },
    ]);
    await expect(syncListPrices(runtime, { services: ["Nothing"], currency: "USD" }, catalog)).rejects.toThrow(
      'no service "Nothing"',
    );
  } finally {
    await stub.close();
  }
});
afterAll(() => folders.clean());

describe("genops prices show", () => {
  it("shows a SKU's price and what a quantity costs, exactly", async () => {
    const result = await genops(folder, [
      "prices",
      "show",
      "--sku",
      "EGRESS",
      "--quantity",
      "150.5",
      "--format",
      "json",
    ]);
    expect(result.code).toBe(0);
    expect(result.json()).toMatchObject({
      prices: [
        {
          sku: "EGRESS",
          currency: "USD",
          usageUnit: "h",
          tiers: [
            { from: "0", unitPrice: "0" },
            { from: "100", unitPrice: "0.12" },
          ],
          cost: "6.06",
        },
      ],
    });
  });

  it("finds prices by words, for people", async () => {
    const { stdout } = await genops(folder, ["prices", "show", "--search", "n1 core"]);
    expect(stdout).toContain("CORE");
    expect(stdout).toContain("0.031611");
    expect(stdout).toContain("USD/h");
    expect(stdout).not.toContain("EGRESS");
  });

  it("says so when there is none", async () => {
    const { stdout } = await genops(folder, ["prices", "show", "--sku", "NONE"]);
    expect(stdout).toContain("genops prices sync");
  });

  it.each([
    [["--quantity", "many"], "--quantity many"],
    [["--at", "yesterday"], "--at yesterday"],
  ])("refuses %j", async (flags, message) => {
    const { code, stderr } = await genops(folder, ["prices", "show", ...flags]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
