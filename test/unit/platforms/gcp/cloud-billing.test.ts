import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CloudBillingConfig, createCloudBillingApi } from "../../../../shared/platforms/gcp/cloud-billing.ts";
import { createSystemRandomness } from "../../../../shared/platforms/local/system.ts";
import type { CloudBillingApi } from "../../../../shared/ports/cloud-billing.ts";
import { googleCredentials } from "../../../support/bigquery-apis.ts";
import { type CloudBillingStub, createCloudBillingStub, skuOnWire } from "../../../support/cloud-billing-stub.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";

const SERVICE = "6F81-5844-456A";

let stub: CloudBillingStub;
let api: CloudBillingApi;

beforeEach(async () => {
  stub = await createCloudBillingStub();
  api = apiWith({});
});
afterEach(() => stub.close());

function apiWith(config: Partial<CloudBillingConfig>): CloudBillingApi {
  return createCloudBillingApi({
    clock: createFakeClock(),
    randomness: createSystemRandomness(),
    endpoint: stub,
    createCredentials: () => Promise.resolve(googleCredentials("good")),
    ...config,
  });
}

describe("Cloud Billing", () => {
  it("lists billing accounts over all pages", async () => {
    stub.lists["/v1/billingAccounts"] = {
      field: "billingAccounts",
      items: [
        { name: "billingAccounts/01AAAA-000000-000001", displayName: "Main", open: true },
        { name: "billingAccounts/01AAAA-000000-000002", displayName: "Résumé", open: false },
        {
          name: "billingAccounts/01AAAA-000000-000003",
          displayName: "Sold",
          open: true,
          masterBillingAccount: "billingAccounts/01AAAA-000000-000001",
        },
      ],
    };
    expect(await Array.fromAsync(api.billingAccounts())).toEqual([
      { id: "01AAAA-000000-000001", name: "Main", open: true },
      { id: "01AAAA-000000-000002", name: "Résumé", open: false },
      { id: "01AAAA-000000-000003", name: "Sold", open: true, parent: "01AAAA-000000-000001" },
    ]);
    expect(stub.requests).toHaveLength(2);
  });

  it("knows which projects an account pays for, and which account pays for a project", async () => {
    const info = {
      name: "projects/ml/billingInfo",
      projectId: "ml",
      billingAccountName: "billingAccounts/01A",
      billingEnabled: true,
    };
    stub.lists["/v1/billingAccounts/01A/projects"] = { field: "projectBillingInfo", items: [info] };
    stub.objects["/v1/projects/ml/billingInfo"] = info;
    stub.objects["/v1/projects/free/billingInfo"] = { name: "projects/free/billingInfo", projectId: "free" };
    expect(await Array.fromAsync(api.projectsOf("01A"))).toEqual([
      { project: "ml", billingAccount: "01A", enabled: true },
    ]);
    expect(await api.accountOf("ml")).toBe("01A");
    expect(await api.accountOf("free")).toBeUndefined();
  });

  it("lists services", async () => {
    stub.lists["/v1/services"] = {
      field: "services",
      items: [{ name: `services/${SERVICE}`, serviceId: SERVICE, displayName: "Compute Engine" }],
    };
    expect(await Array.fromAsync(api.services())).toEqual([{ id: SERVICE, name: "Compute Engine" }]);
  });

  it("gives prices exactly, from units and nanos, with their tiers and units", async () => {
    stub.lists[`/v1/services/${SERVICE}/skus`] = {
      field: "skus",
      items: [
        skuOnWire("A"),
        skuOnWire("B", {
          tiers: [
            { startUsageAmount: 0, units: "0", nanos: 0 },
            { startUsageAmount: 0.1, units: "1234567890", nanos: 999_999_999 },
            { startUsageAmount: 1e9, units: "-1", nanos: -5 },
          ],
          effectiveTime: "2026-11-01T07:30:00.25Z",
        }),
        skuOnWire("C", { tiers: [] }),
      ],
    };
    const skus = await Array.fromAsync(api.skus(SERVICE, "USD"));
    expect(skus[0]).toEqual({
      id: "A",
      service: SERVICE,
      serviceName: "Compute Engine",
      description: "N1 Predefined Instance Core running in Americas",
      resourceFamily: "Compute",
      resourceGroup: "N1Standard",
      usageType: "OnDemand",
      regions: ["us-central1", "us-east1"],
      prices: [
        {
          effectiveFrom: "2026-11-01T00:00:00.000Z",
          currency: "USD",
          usageUnit: "h",
          baseUnit: "s",
          baseUnitFactor: "3600",
          tiers: [{ from: "0", unitPrice: "0.031611" }],
        },
      ],
    });
    expect(skus[1]?.prices[0]).toMatchObject({
      effectiveFrom: "2026-11-01T07:30:00.000Z",
      tiers: [
        { from: "0", unitPrice: "0" },
        { from: "0.1", unitPrice: "1234567890.999999999" },
        { from: "1000000000", unitPrice: "-1.000000005" },
      ],
    });
    expect(skus[2]?.prices[0]?.tiers).toEqual([]);
    expect(stub.requests[0]).toContain("currencyCode=USD&pageSize=5000");
  });
});

it.each([
  [2 ** 50 * 2_592_000, "2918332558536081408000"],
  [0.001, "0.001"],
])("keeps a base unit that is too large for a decimal: %s", async (baseUnitConversionFactor, text) => {
  stub.lists[`/v1/services/${SERVICE}/skus`] = { field: "skus", items: [skuOnWire("A", { baseUnitConversionFactor })] };
  const [sku] = await Array.fromAsync(api.skus(SERVICE, "USD"));
  expect(sku?.prices[0]?.baseUnitFactor).toBe(text);
});

describe("Cloud Billing's troubles", () => {
  const services = () => Array.fromAsync(api.services());

  beforeEach(() => {
    stub.lists["/v1/services"] = { field: "services", items: [{ serviceId: "S", displayName: "S" }] };
  });

  it("are asked again: the client's REST transport retries nothing itself", async () => {
    stub.faults.push({ status: 429 }, { status: 503 }, { status: 503 });
    expect(await services()).toHaveLength(1);
    expect(stub.requests).toHaveLength(4);
  });

  it("are an error that may pass when they stay", async () => {
    stub.faults.push(...Array.from({ length: 5 }, () => ({ status: 503 })));
    await expect(services()).rejects.toMatchObject({ code: "unavailable", retryable: true });
  });

  it("are an error that may pass when nobody listens", async () => {
    await stub.close();
    await expect(services()).rejects.toMatchObject({ code: "unavailable" });
    stub = await createCloudBillingStub();
  });

  it("lead to new credentials when a token is no longer accepted (401)", async () => {
    stub.tokens.add("second");
    let made = 0;
    api = apiWith({ createCredentials: () => Promise.resolve(googleCredentials(made++ === 0 ? "first" : "second")) });
    expect(await services()).toHaveLength(1);
    expect(made).toBe(2);
  });

  it("name the missing right", async () => {
    stub.faults.push({ status: 403 });
    await expect(services()).rejects.toMatchObject({
      code: "config",
      message: expect.stringContaining("stub says injected; grant roles/billing.viewer"),
    });
  });

  it("pass an odd answer on as it is", async () => {
    stub.faults.push({ status: 400, body: "not JSON" });
    await expect(services()).rejects.toMatchObject({ code: "config" });
  });
});
