import type { SourceConfig } from "../../shared/config/types.ts";
import type { CloudEvent } from "../../shared/core/events.ts";
import type { CollectDeps } from "../../shared/ledger/collect/deps.ts";
import { listSourceFailures } from "../../shared/ledger/collect/failures.ts";
import { currentVersion, listHeads } from "../../shared/ledger/head.ts";
import { listQuarantines } from "../../shared/ledger/quarantine.ts";
import { createCollect } from "../../shared/usecases/collect.ts";
import { type BillBucket, createBillBucket } from "./bill-bucket.ts";
import { createCollectDeps, type TestCollectDeps } from "./collect-deps.ts";
import { eventOf, runtimeWith } from "./collect-function.ts";
import { type Storm, type StormInput, weather } from "./event-storm.ts";
import { awsExport } from "./exports.ts";
import { createFakeClock, type FakeClock } from "./fake-clock.ts";
import type { BillLine } from "./focus-bill.ts";
import { createMemoryLake, type MemoryLake } from "./memory-lake.ts";

export const SOURCE: SourceConfig = { id: "aws", type: "focus-export", location: "s3://bill/exports/cur" };
export const CALM: Storm = { order: [0], repeats: [], crashes: [], atOnce: 1 };
const HOUR = 3_600_000;

/** A bucket with an export, a lake, and the function `collect` between them. */
export interface CollectWorld {
  deps: TestCollectDeps;
  lake: MemoryLake;
  clock: FakeClock;
  bucket: BillBucket;
  /** Writes the export of September, each time an hour younger; with `run`, into a folder of its own. */
  put(parts: readonly (readonly BillLine[])[], run?: string): void;
}

/** `from`: begins with what that world has come to. */
export function createCollectWorld(lakeDir: string, from?: CollectWorld): CollectWorld {
  const clock = createFakeClock(from?.clock.now().toISOString() ?? "2024-09-20T12:00:00Z", true);
  const lake = createMemoryLake(() => clock.now());
  for (const [key, entry] of from?.lake.entries ?? []) lake.entries.set(key, { ...entry, etag: `copy-${entry.etag}` });
  const bucket = from?.bucket ?? createBillBucket();
  const deps = createCollectDeps(lakeDir, lake);
  deps.openBills = bucket.open;
  deps.clock = clock;
  deps.published.push(...(from?.deps.published ?? []));
  let writes = 0;
  return {
    deps,
    lake,
    clock,
    bucket,
    put: (parts, run) =>
      bucket.put(awsExport(parts, run === undefined ? {} : { run }).files, `2024-09-20T0${++writes}:00:00Z`),
  };
}

export const manifestWritten = (): CloudEvent =>
  eventOf("genops.export.written", {
    location: "s3://bill/exports/cur/metadata/BILLING_PERIOD=2024-09/cur-Manifest.json",
  });

/** Delivers events and all that follows from them to `collect`. */
export function deliver(
  { deps }: CollectWorld,
  first: readonly CloudEvent[],
  storm: Storm & { fanOut: boolean },
  meanwhile?: StormInput["meanwhile"],
): Promise<number> {
  const fanOutBytes = storm.fanOut ? 1 : 2 ** 40;
  return weather(
    {
      deps,
      first,
      create: (own: CollectDeps) => createCollect(runtimeWith(own, [SOURCE], { fanOutBytes })),
      own: ({ type }) => type.startsWith("genops.collect."),
      ...(meanwhile === undefined ? {} : { meanwhile }),
    },
    storm,
  );
}

/** As there is always another schedule. */
export async function letTimePass(world: CollectWorld, fanOut: boolean): Promise<void> {
  for (let times = 0; times < 2; times++) {
    world.clock.advance(2 * HOUR);
    await deliver(world, [eventOf("genops.schedule.due", { task: "collect" })], { ...CALM, fanOut });
  }
}

/** All that anybody can know of the ledger, without the names that chance has given. */
export async function stateOf({ deps, lake }: CollectWorld) {
  const heads = await listHeads(lake);
  const quarantines = await listQuarantines(lake);
  return {
    periods: heads.map((head) => {
      const { rows, totals, control, contentHash, providers, conformance, messages } = currentVersion(head);
      return { period: head.billingPeriod, rows, totals, control, contentHash, providers, conformance, messages };
    }),
    isAnnounced: heads.every((head) => head.announced === currentVersion(head).id),
    quarantines: quarantines.map(({ id, reason, detail, state, version }) => ({
      id,
      reason,
      detail,
      state,
      rows: version?.rows,
    })),
    failures: (await listSourceFailures(lake)).map(({ byPeriod }) => byPeriod),
    told: new Set(deps.published.filter(({ type }) => type === "genops.costs.changed").map(({ subject }) => subject)),
  };
}

/** Row files that no head and no quarantine names. */
export async function strayRows({ lake }: CollectWorld): Promise<string[]> {
  const versions = [
    ...(await listHeads(lake)).flatMap((head) => head.versions),
    ...(await listQuarantines(lake)).flatMap(({ version }) => version ?? []),
  ];
  const named = new Set(versions.flatMap(({ parts }) => parts.map(({ key }) => key)));
  return [...lake.entries.keys()].filter((key) => key.startsWith("rows/") && !named.has(key));
}
