import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CeStub, createCostExplorerStub } from "../../../../support/cost-explorer-stub.ts";
import { type CeSource, charge, createCeWorld, SOURCE } from "./support.ts";

let stub: CeStub;

beforeEach(async () => {
  stub = await createCostExplorerStub([
    charge("2024-09-01", { LINKED_ACCOUNT: "111122223333", "TAG:team": "ml" }, "12.3400000001"),
    charge("2024-09-01", { LINKED_ACCOUNT: "444455556666" }, "0.1"),
    charge(
      "2024-09-02",
      { SERVICE: "Amazon Bedrock", LINKED_ACCOUNT: "111122223333", "TAG:team": "büro$größe" },
      "41.0392817",
    ),
    charge("2024-09-02", { RECORD_TYPE: "Tax", SERVICE: "Tax" }, "3.5"),
    charge("2024-09-03", { RECORD_TYPE: "Credit", LINKED_ACCOUNT: "444455556666" }, "-7.25"),
    charge(
      "2024-09-03",
      { RECORD_TYPE: "SavingsPlanRecurringFee", SERVICE: "Savings Plans for AWS Compute usage" },
      "10",
      {
        AmortizedCost: "1.5",
        NetAmortizedCost: "1.5",
      },
    ),
  ]);
});

afterEach(() => stub.close());

/** What the ledger must hold: the answers to two ungrouped questions. */
function totals() {
  return {
    billedCost: [{ currency: "USD", amount: stub.total("NetUnblendedCost") }],
    effectiveCost: [{ currency: "USD", amount: stub.total("NetAmortizedCost") }],
  };
}

const HOUR = 3_600_000;
const DETAILED: CeSource = { ...SOURCE, groupBy: ["LINKED_ACCOUNT", "SERVICE"] };

describe("collecting from Cost Explorer", () => {
  it("brings the API's own totals into the ledger, to the last digit", async () => {
    const run = await createCeWorld(stub.api()).collect();
    expect(run).toMatchObject({ status: "replaced", rows: 5, providers: ["aws"], ...totals() });
    expect(run.control).toEqual([
      { metric: "BilledCost", currency: "USD", amount: "59.7292817001", difference: "0" },
      { metric: "EffectiveCost", currency: "USD", amount: "51.2292817001", difference: "0" },
    ]);
    expect(run.conformance).toEqual([]);
    expect(stub.charged).toBe(1);
  });

  it("changes nothing and buys nothing when it is done again", async () => {
    const world = createCeWorld(stub.api());
    await world.collect();
    expect(await world.collect()).toMatchObject({ status: "unchanged", rows: 5, ...totals() });
    expect(stub.charged).toBe(1);
    expect(world.deps.published).toHaveLength(1);
  });

  it("says unchanged when the same costs are bought anew, whatever their order", async () => {
    stub.estimatedFrom = "2024-09-01";
    const world = createCeWorld(stub.api());
    await world.collect();
    stub.charges.reverse();
    stub.pageSize = 2;
    world.clock.advance(8 * HOUR);
    expect(await world.collect()).toMatchObject({ status: "unchanged", ...totals() });
    expect(stub.charged).toBe(4);
  });

  it("restates a month when a late cost arrives after its end", async () => {
    stub.estimatedFrom = "2024-09-01";
    const world = createCeWorld(stub.api(), undefined, "2024-10-02T00:00:00.000Z");
    await world.collect();
    stub.charges.push(charge("2024-09-30", {}, "0.0000000009"));
    stub.estimatedFrom = "9999";
    world.clock.advance(8 * HOUR);
    expect(await world.collect()).toMatchObject({ status: "replaced", rows: 6, ...totals() });
  });

  it("tells three keys apart by one query per group, which together are the ungrouped total", async () => {
    const run = await createCeWorld(stub.api()).collect(DETAILED);
    expect(run).toMatchObject({ status: "replaced", rows: 6, conformance: [], ...totals() });
    expect(run.messages.filter((message) => message.includes("do not add up"))).toEqual([]);
    expect(
      stub.requests.map(({ GroupBy = [], Filter }) => [GroupBy.map(({ Key }) => Key), Filter?.Dimensions?.Values]),
    ).toEqual([
      [["RECORD_TYPE"], undefined],
      [["LINKED_ACCOUNT", "SERVICE"], ["Credit"]],
      [["LINKED_ACCOUNT", "SERVICE"], ["SavingsPlanRecurringFee"]],
      [["LINKED_ACCOUNT", "SERVICE"], ["Tax"]],
      [["LINKED_ACCOUNT", "SERVICE"], ["Usage"]],
    ]);
  });

  it("tells four keys apart by one query per pair of the first two", async () => {
    const run = await createCeWorld(stub.api()).collect({
      ...SOURCE,
      groupBy: ["TAG:team", "LINKED_ACCOUNT", "SERVICE"],
    });
    expect(run).toMatchObject({ status: "replaced", rows: 6, ...totals() });
    expect(stub.requests[0]?.GroupBy?.map(({ Key }) => Key)).toEqual(["RECORD_TYPE", "team"]);
    expect(stub.requests[1]?.Filter).toEqual({
      And: [
        { Dimensions: { Key: "RECORD_TYPE", Values: ["Credit"], MatchOptions: ["EQUALS"] } },
        { Tags: { Key: "team", MatchOptions: ["ABSENT"] } },
      ],
    });
  });

  it("keeps the sum when costs arrive between the base query and the narrower ones", async () => {
    const api = stub.api();
    const before = totals();
    const run = await createCeWorld({
      ...api,
      async getCostAndUsage(request) {
        if (request.where.length === 1) {
          stub.charges.push(charge("2024-09-02", { RECORD_TYPE: request.where[0]?.value ?? "" }, "1.000000001"));
        }
        return api.getCostAndUsage(request);
      },
    }).collect(DETAILED);
    expect(run).toMatchObject({ status: "replaced", ...before });
    expect(run.messages.find((message) => message.includes("the narrower queries do not add up"))).toContain(
      "(4 rows, e.g.",
    );
  });

  it("continues on the next day where the money of one day is not enough", async () => {
    const source = { ...DETAILED, maxDailyCost: 20_000_000_000_000_000n as CeSource["maxDailyCost"] };
    const world = createCeWorld(stub.api());
    const first = await world.collect(source);
    expect(first).toMatchObject({ status: "unchanged", rows: 0, laterMs: 12 * HOUR });
    expect(first.messages[0]).toContain("maxDailyCost is spent");
    world.clock.advance(24 * HOUR);
    expect(await world.collect(source)).toMatchObject({ status: "unchanged", rows: 0 });
    world.clock.advance(24 * HOUR);
    expect(await world.collect(source)).toMatchObject({ status: "replaced", ...totals() });
    expect(stub.charged).toBe(5);
  });

  it("refuses keys that could never be paid for, after the first call", async () => {
    const source = { ...DETAILED, maxDailyCost: 10_000_000_000_000_000n as CeSource["maxDailyCost"] };
    const run = await createCeWorld(stub.api()).collect(source);
    expect(run).toMatchObject({ status: "failed" });
    expect(run.messages).toEqual([
      "groupBy RECORD_TYPE, LINKED_ACCOUNT, SERVICE needs at least 5 calls (0.05 USD) for each look at a month, and maxDailyCost 0.01 buys 1 a day; raise it, or name fewer keys (source ce, field maxDailyCost)",
    ]);
    expect(stub.charged).toBe(1);
  });

  it("keeps currencies apart", async () => {
    stub.charges.push({ ...charge("2024-09-04", {}, "100"), unit: "EUR" });
    const run = await createCeWorld(stub.api()).collect();
    expect(run.billedCost).toEqual([
      { currency: "EUR", amount: "100" },
      { currency: "USD", amount: "59.7292817001" },
    ]);
  });

  it("quarantines a month that shrinks, as for every source", async () => {
    stub.estimatedFrom = "2024-09-01";
    const world = createCeWorld(stub.api());
    await world.collect();
    stub.charges.splice(1);
    world.clock.advance(8 * HOUR);
    expect(await world.collect()).toMatchObject({ status: "quarantined" });
  });
});
