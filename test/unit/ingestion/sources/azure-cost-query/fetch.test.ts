import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AzureFault, type CostQueryStub, createCostQueryStub } from "../../../../support/cost-query-stub.ts";
import { charge, createAzureWorld, fetchLines, SOURCE } from "./support.ts";

let stub: CostQueryStub;

beforeEach(async () => {
  stub = await createCostQueryStub([
    charge("2024-09-01", {}, 1),
    charge("2024-09-02", { ServiceName: "Storage" }, 2),
    charge("2024-09-30", { ServiceName: "Bandwidth" }, 4),
  ]);
});

afterEach(() => stub.close());

const HOUR = 3_600_000;
const asked = () =>
  stub.requests.map(({ url, body }) => `${body.type}${/\$skiptoken=(\d+)/.exec(url)?.[0].slice(11) ?? ""}`);
const throttled = (seconds?: number): AzureFault => ({
  status: 429,
  ...(seconds === undefined
    ? {}
    : { headers: { "x-ms-ratelimit-microsoft.costmanagement-entity-retry-after": String(seconds) } }),
});

describe("a month of Azure's Query API", () => {
  it("is one query for what is billed and one for what it is worth", async () => {
    const { lines } = await fetchLines(createAzureWorld(stub.api()));
    expect(asked()).toEqual(["ActualCost", "AmortizedCost"]);
    expect(stub.requests[0]?.url).toMatch(/^\/subscriptions\/abcdef00-0000-0000-0000-000000000001\/providers/);
    expect(stub.requests[0]?.body.timePeriod).toEqual({
      from: "2024-09-01T00:00:00.000Z",
      to: "2024-09-30T23:59:59.000Z",
    });
    expect(
      lines.map(({ measure, day, keys, amount, unit }) => [measure, day, keys["ServiceName"], amount, unit]).sort(),
    ).toEqual([
      ["ActualCost", "2024-09-01", "Virtual Machines", "1", "USD"],
      ["ActualCost", "2024-09-02", "Storage", "2", "USD"],
      ["ActualCost", "2024-09-30", "Bandwidth", "4", "USD"],
      ["AmortizedCost", "2024-09-01", "Virtual Machines", "1", "USD"],
      ["AmortizedCost", "2024-09-02", "Storage", "2", "USD"],
      ["AmortizedCost", "2024-09-30", "Bandwidth", "4", "USD"],
    ]);
  });

  it("ends today while it is under way, and is nothing before it begins", async () => {
    const world = createAzureWorld(stub.api(), undefined, "2024-09-20T12:00:00.000Z");
    await fetchLines(world);
    expect(stub.requests[0]?.body.timePeriod.to).toBe("2024-09-20T23:59:59.000Z");
    expect((await fetchLines(world, { period: "2024-10" })).bill).toEqual({
      outcome: "nothing",
      messages: ["2024-10 has not begun"],
    });
    expect(stub.requests).toHaveLength(2);
  });

  it("follows nextLink to the end", async () => {
    stub.pageSize = 1;
    expect((await fetchLines(createAzureWorld(stub.api()))).lines).toHaveLength(6);
    expect(asked()).toEqual([
      "ActualCost",
      "ActualCost1",
      "ActualCost2",
      "AmortizedCost",
      "AmortizedCost1",
      "AmortizedCost2",
    ]);
  });

  it.each<[AzureFault]>([[{ status: 204 }], [{ body: {} }]])("is nothing after %j", async (fault) => {
    stub.faults = [fault, fault];
    expect((await fetchLines(createAzureWorld(stub.api()))).bill).toEqual({
      outcome: "nothing",
      messages: ["Azure shows no costs for this scope"],
    });
  });

  it("is not asked for again within four hours, or what refreshHours says", async () => {
    const world = createAzureWorld(stub.api());
    const source = { ...SOURCE, refreshHours: 1 };
    await fetchLines(world);
    world.clock.advance(4 * HOUR - 1);
    await fetchLines(world);
    expect(stub.requests).toHaveLength(2);
    await fetchLines(world, { source });
    expect(stub.requests).toHaveLength(4);
  });
});

describe("patience", () => {
  it("waits as long as the longest header says and a little more, then goes on", async () => {
    const world = createAzureWorld(stub.api());
    const began = world.clock.now().getTime();
    stub.faults = [throttled(31), "answered", throttled(60)];
    expect((await fetchLines(world)).lines).toHaveLength(6);
    const waited = world.clock.now().getTime() - began;
    expect(waited).toBeGreaterThanOrEqual(91_000);
    expect(waited).toBeLessThanOrEqual(103_000);
  });

  it("waits longer and longer where Azure names no time", async () => {
    const world = createAzureWorld(stub.api());
    const began = world.clock.now().getTime();
    stub.faults = [throttled(), throttled(), throttled()];
    expect((await fetchLines(world)).bill.outcome).toBe("fetched");
    expect(world.clock.now().getTime() - began).toBeGreaterThanOrEqual(105_000);
  });

  it.each<[string, AzureFault[]]>([
    ["503 twice", [{ status: 503 }, { status: 503 }]],
    ["a broken connection", ["dropped"]],
    ["an answer that was cut short", ["truncated"]],
  ])("bears %s", async (_what, faults) => {
    stub.faults = faults;
    expect((await fetchLines(createAzureWorld(stub.api()))).lines).toHaveLength(6);
  });

  it("leaves to a later run what does not fit into this one, and keeps what it has", async () => {
    stub.pageSize = 2;
    const world = createAzureWorld(stub.api());
    stub.faults = ["answered", throttled(60)];
    const stopped = await fetchLines(world, { remainingMs: 80_000 });
    expect(stopped.bill).toMatchObject({
      outcome: "later",
      messages: [expect.stringContaining("Azure asks for a pause: 429")],
    });
    const afterMs = stopped.bill.outcome === "later" ? stopped.bill.afterMs : 0;
    expect(afterMs).toBeGreaterThanOrEqual(60_000);
    expect(afterMs).toBeLessThanOrEqual(67_000);

    const tooEarly = await fetchLines(world, { remainingMs: 80_000 });
    expect(tooEarly.bill).toEqual({
      outcome: "later",
      afterMs,
      messages: ["Azure's pause for this scope is not over"],
    });
    expect(stub.requests).toHaveLength(2);

    world.clock.advance(afterMs);
    expect((await fetchLines(world)).lines).toHaveLength(6);
    expect(asked()).toEqual(["ActualCost", "ActualCost2", "ActualCost2", "AmortizedCost", "AmortizedCost2"]);
  });

  it("holds the scope for a run that has the time, too", async () => {
    const world = createAzureWorld(stub.api());
    stub.faults = [throttled(60)];
    await fetchLines(world, { remainingMs: 60_000 });
    const began = world.clock.now().getTime();
    expect((await fetchLines(world)).bill.outcome).toBe("fetched");
    expect(world.clock.now().getTime() - began).toBeGreaterThanOrEqual(60_000);
  });

  it("does not sleep for an hour inside a run without a deadline", async () => {
    stub.faults = [throttled(3600)];
    expect((await fetchLines(createAzureWorld(stub.api()))).bill).toMatchObject({ outcome: "later" });
  });

  it("has an end", async () => {
    stub.faults = Array.from({ length: 6 }, () => throttled(1));
    expect((await fetchLines(createAzureWorld(stub.api()))).bill).toMatchObject({ outcome: "later" });
    expect(stub.requests).toHaveLength(6);
  });

  it("stops cleanly when time is up", async () => {
    expect((await fetchLines(createAzureWorld(stub.api()), { remainingMs: 29_000 })).bill).toMatchObject({
      outcome: "later",
      afterMs: 0,
    });
    expect(stub.requests).toEqual([]);
  });
});

describe("an answer", () => {
  const page = (
    rows: unknown[],
    columns = ["Cost", "UsageDate", "ChargeType", "ServiceName", "Currency"],
  ): AzureFault => ({
    body: { properties: { columns: columns.map((name) => ({ name, type: "String" })), rows } },
  });

  it("is read by the names of its columns, whatever their order, case and number", async () => {
    const columns = ["currency", "SERVICENAME", "usageDate", "ChargeType", "PreTaxCost", "CostStatus"];
    const rows = [["EUR", "Größe", 20240902, "Usage", 4.33e-7, "Actual"]];
    stub.faults = [page(rows, columns), page(rows, columns)];
    const { lines } = await fetchLines(createAzureWorld(stub.api()));
    expect(lines[0]).toMatchObject({
      amount: "4.33e-7",
      unit: "EUR",
      day: "2024-09-02",
      keys: { ChargeType: "Usage", ServiceName: "Größe" },
    });
  });

  it.each([
    [
      "no column of the group",
      page([[1, 20240901, "Usage", "USD"]], ["Cost", "UsageDate", "ChargeType", "Currency"]),
      "no column ServiceName among cost",
    ],
    ["no cost and no day", page([], ["ChargeType", "ServiceName"]), "no column Cost, UsageDate among"],
    ["a cost that is null", page([[null, 20240901, "Usage", "Storage", "USD"]]), "row 1: no amount: null"],
    ["a day that is null", page([[1, null, "Usage", "Storage", "USD"]]), "row 1: no day: null"],
    [
      "days that were not asked for",
      page([[1, 20240831, "Usage", "Storage", "USD"]]),
      "asked for 2024-09-01 to 2024-09-30, got 2024-08-31",
    ],
  ])("with %s is refused and not kept", async (_what, fault, message) => {
    const world = createAzureWorld(stub.api());
    stub.faults = [fault];
    await expect(fetchLines(world)).rejects.toMatchObject({
      code: "refused",
      message: expect.stringContaining(message),
    });
    expect((await fetchLines(world)).lines).toHaveLength(6);
  });

  it("takes the day in each of its spellings", async () => {
    const rows = [20240901, "2024-09-02", "2024-09-03T00:00:00"].map((day) => [1, day, "Usage", "Storage", "USD"]);
    stub.faults = [page(rows), page([])];
    const { lines } = await fetchLines(createAzureWorld(stub.api()));
    expect(lines.map(({ day }) => day)).toEqual(["2024-09-01", "2024-09-02", "2024-09-03"]);
  });

  it("counts a row once that overlapping pages bring twice, and says so", async () => {
    const row = (cost: number) => [cost, 20240901, "Usage", "Storage", "USD"];
    const first = { properties: { ...bodyOf(page([row(1), row(2)])), nextLink: `${stub.url}/next?$skiptoken=9` } };
    stub.faults = [{ body: first }, page([row(2), row(3)]), page([row(1), row(1)])];
    const { bill, lines } = await fetchLines(createAzureWorld(stub.api()));
    expect(lines.map(({ measure, amount }) => `${measure} ${amount}`)).toEqual([
      "ActualCost 1",
      "AmortizedCost 1",
      "AmortizedCost 1",
      "ActualCost 2",
      "ActualCost 3",
    ]);
    expect(bill.messages[0]).toBe("1 rows came again on a later page: counted once");
  });

  it("that ends before the month does is said", async () => {
    stub.charges.pop();
    expect((await fetchLines(createAzureWorld(stub.api()))).bill.messages).toEqual([
      "the last day with costs is 2024-09-02, the month ended 2024-09-30",
    ]);
  });

  it("whose pages lead in a circle is refused", async () => {
    const round = { properties: { ...bodyOf(page([])), nextLink: `${stub.url}/next?$skiptoken=9` } };
    stub.faults = [{ body: round }, { body: round }];
    await expect(fetchLines(createAzureWorld(stub.api()))).rejects.toThrow("in a circle");
  });

  function bodyOf(fault: AzureFault): object {
    return (fault as { body: { properties: object } }).body.properties;
  }
});
