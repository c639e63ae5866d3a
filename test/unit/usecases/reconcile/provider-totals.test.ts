import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseConfig } from "../../../../shared/config/parse-config.ts";
import { formatDecimal } from "../../../../shared/core/decimal.ts";
import { createSystemRandomness } from "../../../../shared/platforms/local/system.ts";
import type {
  BillingApis,
  CostAndUsageAnswer,
  CostAndUsageRequest,
  CostQueryAnswer,
} from "../../../../shared/ports/billing-apis.ts";
import { readProviderTotals } from "../../../../shared/usecases/reconcile/provider-totals/index.ts";
import { createRuntime } from "../../../../shared/usecases/runtime.ts";
import { createFolders, NO_APIS } from "../../../support/collect-deps.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";

const folders = createFolders();
afterAll(() => folders.clean());

function sourceOf(against: string): string {
  return `sources: [{ id: ${/source: (\w+)/.exec(against)?.[1]}, type: focus-export, location: x.csv }]\n`;
}

async function totalsWith(against: string, apis: Partial<BillingApis>, times = 1) {
  const baseDir = await folders.make();
  const runtime = await createRuntime({
    config: parseConfig(`${sourceOf(against)}reconcile: { against: [${against}] }`, {
      fileName: "genops.yaml",
      baseDir,
      secrets: { read: () => undefined },
    }),
    clock: createFakeClock("2024-10-20T00:00:00Z"),
    randomness: createSystemRandomness(),
    events: { publish: () => Promise.resolve() },
    progress: { report: () => {}, note: () => {} },
    createTempFolder: () => folders.make(),
  });
  const [entry] = runtime.config.reconcile.against;
  if (entry === undefined) throw new Error("nothing configured");
  const read = () => readProviderTotals({ ...runtime, apis: { ...NO_APIS, ...apis } }, entry, "2024-09");
  for (let round = 1; round < times; round++) await read();
  const { totals, origin } = await read();
  return { origin, totals: totals.map(({ amount, ...total }) => ({ ...total, amount: formatDecimal(amount) })) };
}

async function totalsOfFile(text: string) {
  const file = path.join(await folders.make(), "invoices.csv");
  await writeFile(file, text);
  return totalsWith(`{ source: any, with: file, location: "${file}" }`, {});
}

describe("the provider's own total", () => {
  const month = (account: string, amount: string, token?: string): CostAndUsageAnswer => ({
    outcome: "page",
    page: {
      resultsByTime: [
        {
          TimePeriod: { Start: "2024-09-01", End: "2024-10-01" },
          Estimated: account === "222",
          Total: {},
          Groups: [{ Keys: [account], Metrics: { UnblendedCost: { Amount: amount, Unit: "USD" } } }],
        },
      ],
      dimensionValueAttributes: [],
      ...(token === undefined ? {} : { nextPageToken: token }),
    },
  });

  it("comes from Cost Explorer page by page, by linked account", async () => {
    const asked: CostAndUsageRequest[] = [];
    const costExplorer = () =>
      Promise.resolve({
        accountId: () => Promise.resolve("111"),
        getCostAndUsage: (request: CostAndUsageRequest) => {
          asked.push(request);
          return Promise.resolve(
            request.nextPageToken === undefined ? month("111", "12.3400000001", "t") : month("222", "-1"),
          );
        },
      });
    const { totals } = await totalsWith("{ source: aws, with: cost-explorer }", { costExplorer });
    expect(totals).toEqual([
      { account: "111", invoice: undefined, currency: "USD", amount: "12.3400000001", estimated: false },
      { account: "222", invoice: undefined, currency: "USD", amount: "-1", estimated: true },
    ]);
    expect(asked[0]).toMatchObject({
      timePeriod: { start: "2024-09-01", end: "2024-10-01" },
      granularity: "MONTHLY",
      groupBy: [{ type: "DIMENSION", key: "LINKED_ACCOUNT" }],
    });
  });

  it("stops where Cost Explorer's daily cap is spent, before it pays", async () => {
    let calls = 0;
    const costExplorer = () =>
      Promise.resolve({
        accountId: () => Promise.resolve("111"),
        getCostAndUsage: () => {
          calls++;
          return Promise.resolve(month("111", "1"));
        },
      });
    await expect(
      totalsWith("{ source: aws, with: cost-explorer, maxDailyCost: 0.02 }", { costExplorer }, 3),
    ).rejects.toThrow(/may cost a day for this is spent/);
    expect(calls).toBe(2);
  });

  it("comes from Azure's Query API by subscription, and says when Azure asks for a pause", async () => {
    const page = (rows: unknown[][], nextLink?: string): CostQueryAnswer => ({
      outcome: "page",
      page: {
        columns: ["SubscriptionId", "Cost", "UsageDate", "Currency"].map((name) => ({ name, type: "String" })),
        rows,
        ...(nextLink === undefined ? {} : { nextLink }),
      },
    });
    const scopes: string[] = [];
    // The second page brings a row of the first again: data has arrived between them.
    const costQuery = () =>
      Promise.resolve({
        query: (scope: string, _request: unknown, nextLink?: string) => {
          scopes.push(scope);
          return Promise.resolve(
            nextLink === undefined
              ? page([["s-1", 0.1, 20240901, "EUR"]], "next")
              : page([
                  ["s-1", 0.1, 20240901, "EUR"],
                  ["s-1", 0.2, 20240902, "EUR"],
                ]),
          );
        },
      });
    const { totals } = await totalsWith('{ source: az, with: azure-query, scope: "/Subscriptions/S-1" }', {
      costQuery,
    });
    expect(totals.map(({ account, currency, amount }) => [account, currency, amount])).toEqual([
      ["s-1", "EUR", "0.1"],
      ["s-1", "EUR", "0.2"],
    ]);
    expect(scopes).toEqual(["subscriptions/s-1", "subscriptions/s-1"]);
    const busy = () => Promise.resolve({ query: () => Promise.resolve({ outcome: "later" as const, reason: "429" }) });
    await expect(
      totalsWith('{ source: az, with: azure-query, scope: "subscriptions/s" }', { costQuery: busy }),
    ).rejects.toThrow(/gives no total now: 429/);
    const circle = () =>
      Promise.resolve({ query: () => Promise.resolve(page([["s-1", 0.1, 20240901, "EUR"]], "next")) });
    await expect(
      totalsWith('{ source: az, with: azure-query, scope: "subscriptions/s" }', { costQuery: circle }),
    ).rejects.toThrow(/pages lead in a circle/);
  });

  describe("from a file", () => {
    it.each([
      ["period,account,currency\n2024-09,1,USD\n", /it has no column amount/],
      ["period,account,currency,amount\n2024-08,1,USD,1\n", /it has no line of 2024-09/],
      ["period,account,currency,amount\n2024-09,1,,1\n", /line of account 1 has no currency/],
      ["period,account,currency,amount\n2024-09,1,usd,1\n", /"usd" is no currency/],
      ["period,account,currency,amount\n2024-09,1,USD,\n", /line of account 1 has no amount/],
      ['period,account,currency,amount\n2024-09,1,USD,"1.234,56"\n', /"1.234,56" is no amount/],
      ["period,account,currency,amount\n2024-09,1,USD,nan\n", /"nan" is no amount/],
    ])("says what is wrong with %j", async (text, message) => {
      await expect(totalsOfFile(text)).rejects.toThrow(message);
    });

    it("adds nothing up and rounds nothing, with any separator and spaces around", async () => {
      const { totals } = await totalsOfFile(
        "period;account;currency;amount;invoice\n2024-09;1;EUR; 0.123456789012345678 ;I-1\n2024-09;;EUR;-5e-3;\n",
      );
      expect(totals).toEqual([
        { account: "1", invoice: "I-1", currency: "EUR", amount: "0.123456789012345678", estimated: false },
        { account: "", invoice: undefined, currency: "EUR", amount: "-0.005", estimated: false },
      ]);
    });
  });
});
