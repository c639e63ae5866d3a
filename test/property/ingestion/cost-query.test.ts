import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { azureCostQuerySource } from "../../../shared/ingestion/sources/azure-cost-query/index.ts";
import { type AzureCharge, type CostQueryStub, createCostQueryStub } from "../../support/cost-query-stub.ts";
import {
  type AzureSource,
  charge,
  createAzureWorld,
  fetchLines,
  SOURCE,
  totalOf,
} from "../../unit/ingestion/sources/azure-cost-query/support.ts";
import { controlDifferences, sumsBy } from "../../unit/ingestion/sources/golden.ts";
import { withBill } from "../../unit/ingestion/sources/support.ts";

let stub: CostQueryStub;

beforeAll(async () => {
  stub = await createCostQueryStub();
});

afterAll(() => stub.close());

const amounts = fc.integer({ min: -(10 ** 9), max: 10 ** 9 }).map((millionths) => millionths / 1e6);

const charges: fc.Arbitrary<AzureCharge> = fc
  .record({
    day: fc.integer({ min: 1, max: 4 }).map((day) => `2024-09-0${day}`),
    keys: fc.record(
      {
        ChargeType: fc.constantFrom("Usage", "Purchase", "Refund"),
        ServiceName: fc.constantFrom("Storage", "Größe", null),
        SubscriptionId: fc.constantFrom("1", "2"),
        "TAG:team": fc.constantFrom("ml", "web"),
      },
      { requiredKeys: ["ChargeType", "ServiceName", "SubscriptionId"] },
    ),
    actual: amounts,
    amortized: amounts,
  })
  .map(({ day, keys, actual, amortized }) => charge(day, keys, actual, amortized));

describe("the rows of Azure's Query API", () => {
  it("add up to the ungrouped totals, to the last digit, whatever is grouped by and whatever arrives in between", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(charges, { minLength: 1, maxLength: 12 }),
        fc.shuffledSubarray(["ServiceName", "SubscriptionId", "TAG:team"], { minLength: 1 }),
        fc.integer({ min: 1, max: 6 }),
        fc.array(charges, { maxLength: 3 }),
        async (before, groupBy, pageSize, arriving) => {
          stub.charges = [...before];
          stub.pageSize = pageSize;
          const api = stub.api();
          const world = createAzureWorld({
            // Costs that arrive while the narrower queries are asked are not yet in the base queries' sums.
            query(scope, request, nextLink) {
              stub.charges = request.where.length > 0 ? [...before, ...arriving] : [...before];
              return api.query(scope, request, nextLink);
            },
          });
          const source: AzureSource = { ...SOURCE, groupBy };
          const { lines } = await fetchLines(world, { source });
          const content = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
          await withBill(azureCostQuerySource, source, [{ name: "query.ndjson", content }], async (bill, engine) => {
            const sums = await sumsBy(engine, bill, "BillingCurrency");
            expect(sums["USD"]).toMatchObject({
              BilledCost: totalOf(before, "actual"),
              EffectiveCost: totalOf(before, "amortized"),
            });
            expect(new Set(Object.values(await controlDifferences(engine, bill)))).toEqual(new Set(["0"]));
          });
        },
      ),
      { numRuns: 12 },
    );
  }, 120_000);
});
