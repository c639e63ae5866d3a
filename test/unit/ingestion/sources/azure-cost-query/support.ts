import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { SourceConfigOf } from "../../../../../shared/config/types.ts";
import { formatDecimal, fromScaled, SCALE } from "../../../../../shared/core/decimal.ts";
import type { BillLine } from "../../../../../shared/ingestion/paged/bill-lines.ts";
import { azureCostQueryFetcher } from "../../../../../shared/ingestion/sources/azure-cost-query/fetch.ts";
import type { FetchedBill } from "../../../../../shared/ingestion/sources/fetcher.ts";
import { collectSources } from "../../../../../shared/ledger/collect/collect-source.ts";
import type { CollectRun } from "../../../../../shared/ledger/collect/run.ts";
import type { CostQueryApi } from "../../../../../shared/ports/billing-apis.ts";
import { createCollectDeps, NO_APIS, type TestCollectDeps } from "../../../../support/collect-deps.ts";
import { type AzureCharge, units } from "../../../../support/cost-query-stub.ts";
import { createFakeClock, type FakeClock } from "../../../../support/fake-clock.ts";
import { createMemoryLake, type MemoryLake } from "../../../../support/memory-lake.ts";

export type AzureSource = SourceConfigOf<"azure-cost-query">;

export const SOURCE: AzureSource = {
  id: "azure-q",
  type: "azure-cost-query",
  scope: "/subscriptions/ABCDEF00-0000-0000-0000-000000000001/",
};

export interface AzureWorld {
  deps: TestCollectDeps & { lake: MemoryLake };
  clock: FakeClock;
  collect(source?: AzureSource, period?: string): Promise<CollectRun>;
}

/** The whole road from the API to the ledger, on a lake in memory. */
export function createAzureWorld(api: CostQueryApi, given?: MemoryLake, now = "2024-10-20T12:00:00.000Z"): AzureWorld {
  const clock = createFakeClock(now);
  const lake = given ?? createMemoryLake(() => clock.now());
  const deps = {
    ...createCollectDeps("", lake),
    lake,
    clock,
    apis: { ...NO_APIS, costQuery: () => Promise.resolve(api) },
  };
  return {
    deps,
    clock,
    async collect(source = SOURCE, period = "2024-09") {
      const runs = await collectSources(deps, { sources: [source], periods: [period], force: false, baseDir: "." });
      const [run] = runs;
      if (run === undefined || runs.length !== 1) throw new Error(`${runs.length} runs`);
      return run;
    },
  };
}

/** What one run of the fetcher says, and the lines that it leaves in its file. */
export async function fetchLines(
  world: AzureWorld,
  { source = SOURCE, period = "2024-09", remainingMs = Number.POSITIVE_INFINITY }: FetchOptions = {},
): Promise<{ bill: FetchedBill; lines: BillLine[] }> {
  const folder = await mkdtemp(path.join(tmpdir(), "genops-test-azure-"));
  try {
    const { apis, lake: store, clock, randomness, progress } = world.deps;
    const deadline = { remainingMs: () => remainingMs };
    const context = { source, period, folder, apis, store, clock, randomness, deadline, progress };
    const bill = await azureCostQueryFetcher.fetch(context);
    const text = bill.outcome === "fetched" ? await readFile(bill.files[0]?.path ?? "", "utf8") : "";
    const lines = text.split("\n").filter((line) => line !== "");
    return { bill, lines: lines.map((line) => JSON.parse(line) as BillLine) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface FetchOptions {
  source?: AzureSource;
  period?: string;
  remainingMs?: number;
}

/** A charge of one amount both ways, or of two. */
export function charge(day: string, keys: AzureCharge["keys"], actual: number, amortized = actual): AzureCharge {
  return { day, keys: { ChargeType: "Usage", ServiceName: "Virtual Machines", ...keys }, actual, amortized };
}

/** What an ungrouped query would answer. */
export function totalOf(charges: readonly AzureCharge[], kind: "actual" | "amortized", currency = "USD"): string {
  const own = charges.filter((each) => (each.currency ?? "USD") === currency);
  const millionths = own.reduce((sum, each) => sum + units(each[kind]), 0n);
  return formatDecimal(fromScaled(millionths * 10n ** BigInt(SCALE - 6)));
}
