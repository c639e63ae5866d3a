import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { buildInventory } from "../../../shared/clusters/inventory/build-inventory.ts";
import { parseConfig } from "../../../shared/config/parse-config.ts";
import { formatDecimal } from "../../../shared/core/decimal.ts";
import { collectSources } from "../../../shared/ledger/collect/collect-source.ts";
import { createSystemRandomness } from "../../../shared/platforms/local/system.ts";
import type { CatalogSku } from "../../../shared/ports/cloud-billing.ts";
import { clusterDays } from "../../../shared/usecases/cluster-days.ts";
import { nodePrices } from "../../../shared/usecases/node-prices.ts";
import { createRuntime, type Runtime } from "../../../shared/usecases/runtime.ts";
import { node, sourcesOf } from "../../support/cluster-objects.ts";
import { createFolders } from "../../support/collect-deps.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { type BillLine, focusCsv } from "../../support/focus-bill.ts";

const folders = createFolders();
afterAll(() => folders.clean());

/** A line of a bill with what tells machines apart. */
interface MachineLine extends BillLine {
  resource?: string;
  name?: string;
  zone?: string;
  quantity?: string;
  unit?: string;
  commitment?: string;
}

function billOf(lines: readonly MachineLine[]): string {
  const [header = "", ...rows] = focusCsv(lines).trimEnd().split("\n");
  const extra = "ResourceId,ResourceName,AvailabilityZone,ConsumedQuantity,ConsumedUnit,CommitmentDiscountId";
  const cells = (line: MachineLine | undefined) =>
    [line?.resource, line?.name, line?.zone, line?.quantity, line?.unit, line?.commitment]
      .map((text) => text ?? "")
      .join(",");
  return [`${header},${extra}`, ...rows.map((row, index) => `${row},${cells(lines[index])}`)].join("\n");
}

async function world(lines: readonly MachineLine[], yaml = ""): Promise<Runtime> {
  const baseDir = await folders.make();
  const text = `sources: [{ id: any, type: focus-export, location: any.csv }]\n${yaml}`;
  await writeFile(path.join(baseDir, "any.csv"), billOf(lines));
  await writeFile(path.join(baseDir, "rates.csv"), "date,from,to,rate\n2024-01-01,USD,EUR,0.5\n");
  const runtime = await createRuntime({
    config: parseConfig(text, { fileName: "genops.yaml", baseDir, secrets: { read: () => undefined } }),
    clock: createFakeClock("2024-09-20T10:00:00Z"),
    randomness: createSystemRandomness(),
    events: { publish: () => Promise.resolve() },
    progress: { report: () => {}, note: () => {} },
    createTempFolder: () => folders.make(),
  });
  const runs = await collectSources(runtime, { sources: runtime.config.sources, periods: [], force: false, baseDir });
  expect(runs.map(({ status }) => status)).toEqual(["replaced"]);
  return runtime;
}

function inventoryOf(...machines: { name: string; providerID?: string; labels?: Record<string, string> }[]) {
  return buildInventory(
    sourcesOf(
      machines.map(({ name, providerID, labels = {} }) =>
        node({ name, labels, spec: providerID === undefined ? {} : { providerID } }),
      ),
    ),
  );
}

function texts(prices: Awaited<ReturnType<typeof nodePrices>>) {
  return Object.fromEntries(
    [...prices].map(([name, { perHour, committedPerHour, source }]) => [
      name,
      [formatDecimal(perHour), formatDecimal(committedPerHour), source],
    ]),
  );
}

const AWS = { provider: "AWS", unit: "Hours", quantity: "24" } as const;

describe("nodePrices", () => {
  it("come from the settled days of the bill, by instance id, without traffic, with what is committed", async () => {
    const runtime = await world([
      { ...AWS, day: "2024-09-15", billed: "2.4", resource: "i-01" },
      {
        ...AWS,
        day: "2024-09-16",
        billed: "0",
        effective: "4.8",
        resource: "i-01",
        commitment: "arn:aws:savingsplans::1:savingsplan/x",
      },
      { ...AWS, day: "2024-09-16", billed: "7", resource: "i-01", unit: "GB" },
      { ...AWS, day: "2024-09-19", billed: "999", resource: "i-01" },
      { ...AWS, day: "2024-09-01", billed: "999", resource: "i-01" },
      { ...AWS, day: "2024-09-15", billed: "1.2", resource: "arn:aws:ec2:us-east-1:1:instance/i-02" },
    ]);
    const prices = await nodePrices(
      runtime,
      inventoryOf(
        { name: "a", providerID: "aws:///us-east-1a/i-01" },
        { name: "b", providerID: "aws:///us-east-1a/i-02" },
      ),
    );
    expect(texts(prices)).toEqual({ a: ["0.15", "0.1", "bill"], b: ["0.05", "0", "bill"] });
  });

  it("know Azure's scale sets and Google's instances by zone and name", async () => {
    const set = "/subscriptions/S/resourceGroups/g/providers/Microsoft.Compute/virtualMachineScaleSets/aks-p-vmss";
    const runtime = await world([
      { day: "2024-09-15", provider: "Microsoft", billed: "9.6", resource: set, unit: "Hours", quantity: "48" },
      {
        day: "2024-09-15",
        provider: "Google Cloud",
        billed: "2.4",
        resource: "//compute.googleapis.com/projects/1/zones/us-central1-a/instances/77",
        name: "gke-main-0",
        zone: "us-central1-a",
        unit: "seconds",
        quantity: "345600",
      },
    ]);
    const prices = await nodePrices(
      runtime,
      inventoryOf(
        { name: "azure", providerID: `azure://${set}/virtualMachines/3` },
        { name: "google", providerID: "gce://p/us-central1-a/gke-main-0" },
      ),
    );
    expect(texts(prices)).toEqual({ azure: ["0.2", "0", "bill"], google: ["0.1", "0", "bill"] });
  });

  it("are Google's list prices where the bill does not know a machine, then OpenCost's base prices", async () => {
    const runtime = await world([{ day: "2024-09-15", billed: "1" }]);
    const labels = {
      "node.kubernetes.io/instance-type": "n2-standard-4",
      "topology.kubernetes.io/region": "us-central1",
    };
    const inventory = inventoryOf(
      { name: "google", providerID: "gce://p/us-central1-a/x", labels },
      { name: "unknown" },
    );
    expect(texts(await nodePrices(runtime, inventory))).toEqual({
      google: ["0.194236", "0", "estimate"],
      unknown: ["0.194236", "0", "estimate"],
    });
    const { syncListPrices } = await import("../../../shared/usecases/list-prices.ts");
    await syncListPrices(runtime, { services: ["Compute Engine"], currency: "USD" }, catalog());
    expect(texts(await nodePrices(runtime, inventory))).toEqual({
      google: ["0.184", "0", "list"],
      unknown: ["0.194236", "0", "estimate"],
    });
  });

  it("are in the currency of reports; without a rate an estimate is left out, and a bill is refused", async () => {
    const machines = inventoryOf({ name: "a", providerID: "aws:///z/i-01" }, { name: "b" });
    const lines: MachineLine[] = [{ ...AWS, day: "2024-09-15", billed: "2.4", resource: "i-01" }];
    const withRates = await world(lines, "currency: { report: EUR, rates: rates.csv }\n");
    expect(texts(await nodePrices(withRates, machines))).toEqual({
      a: ["0.05", "0", "bill"],
      b: ["0.097118", "0", "estimate"],
    });
    const without = await world(lines, "currency: { report: EUR }\n");
    await expect(nodePrices(without, machines)).rejects.toMatchObject({ code: "refused" });
    expect((await nodePrices(without, inventoryOf({ name: "b" }))).size).toBe(0);
  });
});

describe("clusterDays", () => {
  it("are the machines' uncommitted cost per day of what the match selects", async () => {
    const prod = { "eks:cluster-name": "prod" };
    const runtime = await world([
      { ...AWS, day: "2024-09-15", billed: "2", resource: "i-01", tags: prod },
      { ...AWS, day: "2024-09-15", billed: "3", resource: "i-02", tags: prod },
      { ...AWS, day: "2024-09-15", billed: "9", resource: "i-03", tags: { "eks:cluster-name": "dev" } },
      { ...AWS, day: "2024-09-15", billed: "9", resource: "i-02", tags: prod, commitment: "arn:x" },
      { ...AWS, day: "2024-09-15", billed: "9", resource: "i-02", tags: prod, unit: "GB" },
      { ...AWS, day: "2024-09-16", billed: "4", resource: "i-01", tags: prod },
      { ...AWS, day: "2024-09-17", billed: "9", resource: "i-01", tags: prod },
    ]);
    const match = { "tag:eks:cluster-name": ["prod"], provider: ["aws"], team: ["unallocated"] };
    const days = await clusterDays(runtime, match, { start: "2024-09-15", end: "2024-09-17" });
    expect(days.map(({ day, cost }) => [day, formatDecimal(cost)])).toEqual([
      ["2024-09-15", "5"],
      ["2024-09-16", "4"],
    ]);
    expect(await clusterDays(runtime, match, { start: "2023-01-01", end: "2023-02-01" })).toEqual([]);
  });
});

/** Google's catalog with two SKUs. */
function catalog() {
  const sku = (id: string, description: string, unitPrice: string): CatalogSku => ({
    id,
    service: "6F81-5844-456A",
    serviceName: "Compute Engine",
    description,
    resourceFamily: "Compute",
    resourceGroup: "CPU",
    usageType: "OnDemand",
    regions: ["us-central1"],
    prices: [
      {
        effectiveFrom: "2024-01-01T00:00:00.000Z",
        currency: "USD",
        usageUnit: "h",
        baseUnit: "s",
        baseUnitFactor: "3600",
        tiers: [{ from: "0", unitPrice }],
      },
    ],
  });
  return {
    async *services() {
      yield { id: "6F81-5844-456A", name: "Compute Engine" };
    },
    async *skus() {
      yield sku("A", "N2 Instance Core running in Americas", "0.03");
      yield sku("B", "N2 Instance Ram running in Americas", "0.004");
    },
  };
}
