import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CostQueryStub, createCostQueryStub } from "../../../../support/cost-query-stub.ts";
import { type AzureSource, charge, createAzureWorld, SOURCE, totalOf } from "./support.ts";

let stub: CostQueryStub;

beforeEach(async () => {
  stub = await createCostQueryStub([
    charge("2024-09-01", { SubscriptionId: "s-1", "TAG:team": "ml" }, 18.4417),
    charge("2024-09-01", { ServiceName: "Storage", SubscriptionId: "s-2", "TAG:team": "büro" }, 0.000001),
    charge("2024-09-02", { SubscriptionId: "s-1" }, -3.25),
    charge("2024-09-03", { ChargeType: "Purchase", SubscriptionId: "s-1" }, 500, 0),
    charge("2024-09-30", { SubscriptionId: "s-1" }, 0, 16.666667),
    charge("2024-09-30", { ChargeType: "UnusedReservation", SubscriptionId: "s-1" }, 0, 1.5),
    charge("2024-09-30", { ChargeType: "Refund", SubscriptionId: "s-2", ServiceName: null }, -20.5),
  ]);
});

afterEach(() => stub.close());

const HOUR = 3_600_000;
const WIDE: AzureSource = {
  ...SOURCE,
  scope: "providers/Microsoft.Billing/billingAccounts/777",
  groupBy: ["SubscriptionId", "ServiceName"],
};

/** What the ledger must hold: the answers to two ungrouped questions. */
function totals() {
  return {
    billedCost: [{ currency: "USD", amount: totalOf(stub.charges, "actual") }],
    effectiveCost: [{ currency: "USD", amount: totalOf(stub.charges, "amortized") }],
  };
}

describe("collecting from Azure's Query API", () => {
  it("brings the API's own totals into the ledger, to the last digit", async () => {
    const run = await createAzureWorld(stub.api()).collect();
    expect(run).toMatchObject({ status: "replaced", rows: 7, providers: ["azure"], conformance: [], ...totals() });
    expect(run.control).toEqual([
      { metric: "BilledCost", currency: "USD", amount: "494.691701", difference: "0" },
      { metric: "EffectiveCost", currency: "USD", amount: "12.858368", difference: "0" },
    ]);
    expect(stub.requests).toHaveLength(2);
  });

  it("changes nothing and asks nothing when it is done again soon, nor when the answers are the same later", async () => {
    const world = createAzureWorld(stub.api());
    await world.collect();
    expect(await world.collect()).toMatchObject({ status: "unchanged", ...totals() });
    expect(stub.requests).toHaveLength(2);
    world.clock.advance(4 * HOUR);
    stub.pageSize = 3;
    expect(await world.collect()).toMatchObject({ status: "unchanged", ...totals() });
    expect(stub.requests).toHaveLength(8);
    expect(world.deps.published).toHaveLength(1);
  });

  it("restates a closed month when a late cost arrives", async () => {
    const world = createAzureWorld(stub.api());
    await world.collect();
    stub.charges.push(charge("2024-09-15", {}, 0.5));
    world.clock.advance(4 * HOUR);
    expect(await world.collect()).toMatchObject({ status: "replaced", rows: 8, ...totals() });
  });

  it("tells three keys apart by one query per group, which together are the ungrouped total", async () => {
    const run = await createAzureWorld(stub.api()).collect(WIDE);
    expect(run).toMatchObject({ status: "replaced", rows: 7, conformance: [], ...totals() });
    const questions = stub.requests.map(({ body }) => [
      body.type,
      body.dataset.grouping.length,
      body.dataset.filter?.dimensions?.values?.[0],
    ]);
    expect(questions).toEqual([
      ["ActualCost", 1, undefined],
      ["ActualCost", 2, "Purchase"],
      ["ActualCost", 2, "Refund"],
      ["ActualCost", 2, "Usage"],
      ["AmortizedCost", 1, undefined],
      ["AmortizedCost", 2, "Refund"],
      ["AmortizedCost", 2, "UnusedReservation"],
      ["AmortizedCost", 2, "Usage"],
    ]);
  });

  it("leaves a group that cannot be asked for as it is, to the last digit", async () => {
    const source = { ...WIDE, groupBy: ["ServiceName", "TAG:team", "SubscriptionId"] };
    const run = await createAzureWorld(stub.api()).collect(source);
    expect(run).toMatchObject({ status: "replaced", ...totals() });
    expect(run.messages.find((message) => message.includes("do not add up"))).toContain("(1 rows, e.g.");
    expect(stub.requests.find(({ body }) => (body.dataset.filter?.and?.length ?? 0) > 0)?.body.dataset.filter).toEqual({
      and: [
        { dimensions: { name: "ChargeType", operator: "In", values: ["Purchase"] } },
        { dimensions: { name: "ServiceName", operator: "In", values: ["Virtual Machines"] } },
      ],
    });
  });

  it("keeps the sum when costs arrive between the base query and the narrower ones", async () => {
    const api = stub.api();
    const before = totals();
    const run = await createAzureWorld({
      query(scope, request, nextLink) {
        if (request.where.length > 0) stub.charges.push(charge("2024-09-04", { SubscriptionId: "s-9" }, 1.25));
        if (request.type === "AmortizedCost" && request.where.length === 0) stub.charges.splice(7);
        return api.query(scope, request, nextLink);
      },
    }).collect(WIDE);
    expect(run).toMatchObject({ status: "replaced", ...before });
  });

  it("keeps currencies apart", async () => {
    stub.charges.push({ ...charge("2024-09-04", {}, 100), currency: "EUR" });
    expect((await createAzureWorld(stub.api()).collect()).billedCost).toEqual([
      { currency: "EUR", amount: "100" },
      { currency: "USD", amount: "494.691701" },
    ]);
  });

  it("says later, and goes on from there", async () => {
    const world = createAzureWorld(stub.api());
    stub.faults = ["answered", { status: 429, headers: { "retry-after": "3600" } }];
    expect(await world.collect()).toMatchObject({ status: "unchanged", rows: 0, laterMs: expect.any(Number) });
    world.clock.advance(2 * HOUR);
    expect(await world.collect()).toMatchObject({ status: "replaced", ...totals() });
    expect(stub.requests.map(({ body }) => body.type)).toEqual(["ActualCost", "AmortizedCost", "AmortizedCost"]);
  });

  it("names the right that is missing", async () => {
    stub.faults = [{ status: 403, code: "RBACAccessDenied" }];
    const run = await createAzureWorld(stub.api()).collect();
    expect(run.status).toBe("failed");
    expect(run.messages[0]).toContain("Cost Management Reader on subscriptions/abcdef00");
  });
});
