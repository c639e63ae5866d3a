import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { formatDecimal, parseDecimal } from "../../../shared/core/decimal.ts";
import { awsCostExplorerSource } from "../../../shared/ingestion/sources/aws-cost-explorer/index.ts";
import { callsFor } from "../../../shared/ingestion/sources/aws-cost-explorer/paid-calls.ts";
import { type CeCharge, type CeFault, type CeStub, createCostExplorerStub } from "../../support/cost-explorer-stub.ts";
import { createMemoryLake } from "../../support/memory-lake.ts";
import {
  type CeSource,
  charge,
  createCeWorld,
  fetchLines,
  SOURCE,
} from "../../unit/ingestion/sources/aws-cost-explorer/support.ts";
import { controlDifferences, sumsBy } from "../../unit/ingestion/sources/golden.ts";
import { withBill } from "../../unit/ingestion/sources/support.ts";

let stub: CeStub;

beforeAll(async () => {
  stub = await createCostExplorerStub();
});

beforeEach(() => {
  stub.faults = [];
  stub.pageSize = 1000;
});

afterAll(() => stub.close());

const amounts = fc.bigInt({ min: -(10n ** 14n), max: 10n ** 16n }).map((units) => {
  const digits = (units < 0n ? -units : units).toString().padStart(11, "0");
  return `${units < 0n ? "-" : ""}${digits.slice(0, -10)}.${digits.slice(-10)}`;
});

const charges: fc.Arbitrary<CeCharge> = fc
  .record({
    day: fc.integer({ min: 1, max: 4 }).map((day) => `2024-09-0${day}`),
    record: fc.constantFrom("Usage", "Tax", "Credit", "RIFee"),
    service: fc.constantFrom("AWS Lambda", "Amazon Bedrock", "Tax"),
    account: fc.constantFrom("111122223333", "444455556666"),
    team: fc.option(fc.constantFrom("ml", "größe$x"), { nil: undefined }),
    billed: amounts,
    effective: amounts,
  })
  .map(({ day, record, service, account, team, billed, effective }) =>
    charge(
      day,
      {
        RECORD_TYPE: record,
        SERVICE: service,
        LINKED_ACCOUNT: account,
        ...(team === undefined ? {} : { "TAG:team": team }),
      },
      "0",
      { UnblendedCost: billed, NetUnblendedCost: billed, AmortizedCost: effective, NetAmortizedCost: effective },
    ),
  );

const groupings = fc.shuffledSubarray(["SERVICE", "LINKED_ACCOUNT", "TAG:team"], { minLength: 1 });

describe("the rows of Cost Explorer", () => {
  it("add up to the ungrouped total, to the last digit, whatever is grouped by and whatever arrives in between", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(charges, { minLength: 1, maxLength: 12 }),
        groupings,
        fc.integer({ min: 1, max: 6 }),
        fc.array(charges, { maxLength: 3 }),
        async (before, groupBy, pageSize, arriving) => {
          stub.charges = [...before];
          stub.pageSize = pageSize;
          const expected = { billed: stub.total("NetUnblendedCost"), effective: stub.total("NetAmortizedCost") };
          const late = [...arriving];
          const api = stub.api();
          const world = createCeWorld({
            ...api,
            // Costs that arrive while the narrower queries are asked are not yet in the base query's sum.
            async getCostAndUsage(request) {
              if (request.where.length > 0) stub.charges.push(...late.splice(0, 1));
              return api.getCostAndUsage(request);
            },
          });
          const source: CeSource = { ...SOURCE, groupBy, maxDailyCost: parseDecimal("100") };
          const { lines } = await fetchLines(world, { source });
          const content = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
          await withBill(awsCostExplorerSource, source, [{ name: "ce.ndjson", content }], async (bill, engine) => {
            const sums = await sumsBy(engine, bill, "BillingCurrency");
            expect(sums["USD"]).toMatchObject({ BilledCost: expected.billed, EffectiveCost: expected.effective });
            expect(new Set(Object.values(await controlDifferences(engine, bill)))).toEqual(new Set(["0"]));
          });
        },
      ),
      { numRuns: 15 },
    );
  }, 120_000);
});

const faults = fc.array(
  fc.constantFrom<CeFault>(
    "answered",
    "answered",
    "lost",
    "dropped",
    { error: "LimitExceededException" },
    { error: "InternalFailure", status: 500 },
    { error: "DataUnavailableException" },
    { error: "AccessDeniedException" },
  ),
  { maxLength: 12 },
);

describe("maxDailyCost", () => {
  it("is never exceeded by any number of runs at once, whatever goes wrong", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 60_000 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 3 }),
        faults,
        async (millionths, runs, pageSize, given) => {
          const source = { ...SOURCE, maxDailyCost: parseDecimal(`${millionths / 1_000_000}`) };
          stub.charges = [1, 2, 3, 4, 5].map((day) => charge(`2024-09-0${day}`, { SERVICE: `S${day}` }, "1"));
          stub.charges.push(...stub.charges.map((each) => ({ ...each, day: each.day.replace("-09-", "-08-") })));
          stub.pageSize = pageSize;
          stub.faults = [...given];
          stub.charged = 0;
          const world = createCeWorld(stub.api());
          const periods = ["2024-09", "2024-08", "2024-09", "2024-08"];
          await Promise.allSettled(periods.slice(0, runs).map((period) => fetchLines(world, { source, period })));
          await Promise.allSettled([fetchLines(world, { source })]);
          expect(stub.charged).toBeLessThanOrEqual(callsFor(source.maxDailyCost));
        },
      ),
      { numRuns: 60 },
    );
  }, 120_000);

  it("buys each page once when nothing goes wrong, however many runs want it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 }), async (runs, pageSize) => {
        stub.charges = [1, 2, 3, 4, 5].map((day) => charge(`2024-09-0${day}`, { SERVICE: `S${day}` }, "1"));
        stub.pageSize = pageSize;
        stub.charged = 0;
        const lake = createMemoryLake();
        await Promise.all(Array.from({ length: runs }, () => fetchLines(createCeWorld(stub.api(), lake))));
        const { bill, lines } = await fetchLines(createCeWorld(stub.api(), lake));
        expect([bill.outcome, lines.length, stub.charged]).toEqual(["fetched", 20, Math.ceil(5 / pageSize)]);
      }),
      { numRuns: 20 },
    );
  }, 120_000);
});

describe("the price of calls", () => {
  it.each([
    ["0.0099", 0],
    ["0.01", 1],
    ["0.5", 50],
    ["0.019999999999999999", 1],
    ["100", 10_000],
  ])("%s US dollars buy %i", (amount, calls) => {
    expect(callsFor(parseDecimal(amount))).toBe(calls);
    expect(formatDecimal(parseDecimal(amount))).toBe(amount);
  });
});
