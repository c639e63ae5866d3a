import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { SourceConfigOf } from "../../../../../shared/config/types.ts";
import { parseDecimal } from "../../../../../shared/core/decimal.ts";
import type { BillLine } from "../../../../../shared/ingestion/paged/bill-lines.ts";
import { awsCostExplorerFetcher } from "../../../../../shared/ingestion/sources/aws-cost-explorer/fetch.ts";
import type { FetchedBill } from "../../../../../shared/ingestion/sources/fetcher.ts";
import { collectSources } from "../../../../../shared/ledger/collect/collect-source.ts";
import type { CollectRun } from "../../../../../shared/ledger/collect/run.ts";
import type { CostExplorerApi } from "../../../../../shared/ports/billing-apis.ts";
import { createCollectDeps, NO_APIS, type TestCollectDeps } from "../../../../support/collect-deps.ts";
import type { CeCharge } from "../../../../support/cost-explorer-stub.ts";
import { createFakeClock, type FakeClock } from "../../../../support/fake-clock.ts";
import { createMemoryLake, type MemoryLake } from "../../../../support/memory-lake.ts";

export type CeSource = SourceConfigOf<"aws-cost-explorer">;

export const SOURCE: CeSource = {
  id: "ce",
  type: "aws-cost-explorer",
  maxDailyCost: parseDecimal("0.50"),
  billingAccountId: "012345678901",
};

export interface CeWorld {
  deps: TestCollectDeps & { lake: MemoryLake };
  clock: FakeClock;
  collect(source?: CeSource, period?: string): Promise<CollectRun>;
  /** The JSON documents below a prefix, by key. */
  documents(prefix: string): Record<string, unknown>;
}

/** The whole road from the API to the ledger, on a lake in memory. */
export function createCeWorld(
  api: CostExplorerApi,
  given?: MemoryLake,
  now: string = "2024-09-20T12:00:00.000Z",
): CeWorld {
  const clock = createFakeClock(now);
  const lake = given ?? createMemoryLake(() => clock.now());
  const apis = { ...NO_APIS, costExplorer: () => Promise.resolve(api) };
  const deps = { ...createCollectDeps("", lake), lake, clock, apis };
  return {
    deps,
    clock,
    async collect(source = SOURCE, period = "2024-09") {
      const input = { sources: [source], periods: [period], force: false, baseDir: "." };
      const runs = await collectSources(deps, input);
      const [run] = runs;
      if (run === undefined || runs.length !== 1) throw new Error(`${runs.length} runs`);
      return run;
    },
    documents(prefix) {
      const found = [...lake.entries].filter(([key]) => key.startsWith(prefix));
      return Object.fromEntries(found.map(([key, { body }]) => [key, JSON.parse(new TextDecoder().decode(body))]));
    },
  };
}

/** Usage of one service with one amount for all four metrics, or those given. */
export function charge(
  day: string,
  keys: CeCharge["keys"],
  amount: string,
  costs: Readonly<Record<string, string>> = {},
): CeCharge {
  return {
    day,
    keys: { RECORD_TYPE: "Usage", SERVICE: "Amazon Elastic Compute Cloud - Compute", ...keys },
    costs: {
      UnblendedCost: amount,
      NetUnblendedCost: amount,
      AmortizedCost: amount,
      NetAmortizedCost: amount,
      ...costs,
    },
  };
}

/** The lines that one run of the fetcher leaves in its file; undefined where it stops before. */
export async function fetchLines(
  world: CeWorld,
  { source = SOURCE, period = "2024-09", remainingMs = Number.POSITIVE_INFINITY }: FetchOptions = {},
): Promise<{ bill: FetchedBill; lines: BillLine[] }> {
  const folder = await mkdtemp(path.join(tmpdir(), "genops-test-ce-"));
  try {
    const { apis, lake: store, clock, randomness, progress } = world.deps;
    const deadline = { remainingMs: () => remainingMs };
    const context = { source, period, folder, apis, store, clock, randomness, deadline, progress };
    const bill = await awsCostExplorerFetcher.fetch(context);
    const text = bill.outcome === "fetched" ? await readFile(bill.files[0]?.path ?? "", "utf8") : "";
    const lines = text.split("\n").filter((line) => line !== "");
    return { bill, lines: lines.map((line) => JSON.parse(line) as BillLine) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface FetchOptions {
  source?: CeSource;
  period?: string;
  remainingMs?: number;
}
