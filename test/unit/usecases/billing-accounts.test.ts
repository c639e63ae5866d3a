import { afterEach, beforeEach, expect, it } from "vitest";
import { createCloudBillingApi } from "../../../shared/platforms/gcp/cloud-billing.ts";
import type { CloudBillingApi } from "../../../shared/ports/cloud-billing.ts";
import { billedProjects } from "../../../shared/usecases/billing-accounts.ts";
import { googleCredentials } from "../../support/bigquery-apis.ts";
import { type CloudBillingStub, createCloudBillingStub } from "../../support/cloud-billing-stub.ts";
import { createFakeClock } from "../../support/fake-clock.ts";

let stub: CloudBillingStub;
let api: CloudBillingApi;

beforeEach(async () => {
  stub = await createCloudBillingStub();
  api = createCloudBillingApi({
    clock: createFakeClock("2026-11-22T00:00:00.000Z"),
    randomness: { id: () => "id", fraction: () => 0.5 },
    endpoint: { host: "127.0.0.1", port: stub.port },
    createCredentials: () => Promise.resolve(googleCredentials("good")),
  });
  stub.lists["/v1/billingAccounts"] = {
    field: "billingAccounts",
    items: [
      { name: "billingAccounts/01A", displayName: "Main", open: true },
      { name: "billingAccounts/02B", displayName: "Old", open: false },
    ],
  };
  const ml = { projectId: "ml", billingAccountName: "billingAccounts/01A", billingEnabled: true };
  stub.lists["/v1/billingAccounts/01A/projects"] = { field: "projectBillingInfo", items: [ml] };
  stub.lists["/v1/billingAccounts/02B/projects"] = { field: "projectBillingInfo", items: [] };
  stub.objects["/v1/projects/ml/billingInfo"] = ml;
  stub.objects["/v1/projects/free/billingInfo"] = { projectId: "free" };
});
afterEach(() => stub.close());

it("names every account with its projects, also one that pays for none", async () => {
  expect(await billedProjects(api, [])).toEqual([
    { billingAccount: "01A", name: "Main", open: true, project: "ml" },
    { billingAccount: "02B", name: "Old", open: false },
  ]);
});

it("names the account of a project without looking through all of them", async () => {
  expect(await billedProjects(api, ["ml", "free"])).toEqual([
    { billingAccount: "01A", project: "ml" },
    { project: "free" },
  ]);
  expect(stub.requests).toHaveLength(2);
});

it("changes nothing", async () => {
  await billedProjects(api, []);
  await billedProjects(api, ["ml"]);
  expect(stub.requests.filter((request) => !request.startsWith("GET "))).toEqual([]);
});
