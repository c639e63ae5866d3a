import * as z from "zod";
import { GenOpsError } from "../core/errors.ts";
import { inParallel } from "../core/in-parallel.ts";
import type { Month } from "../core/period.ts";
import type { ObjectStore } from "../ports/object-store.ts";
import { type JsonDocument, readDocument } from "./json-document.ts";
import type { CommittedVersion, PeriodVersion } from "./versions.ts";

export const VersionTotalsSchema = z.object({
  currency: z.string(),
  billed: z.string(),
  effective: z.string(),
  absoluteBilled: z.string(),
});
const Control = z.object({
  metric: z.enum(["BilledCost", "EffectiveCost"]),
  currency: z.string(),
  amount: z.string(),
  difference: z.string(),
});
export const RowPartSchema = z.object({ key: z.string(), rows: z.number(), bytes: z.number() });

export const ConformanceFindingSchema = z.object({
  rule: z.string(),
  severity: z.enum(["error", "warning"]),
  message: z.string(),
  rows: z.number(),
  examples: z.array(z.string()),
});

const versionShape = {
  id: z.string(),
  source: z.string(),
  billingPeriod: z.string(),
  contentHash: z.string(),
  sourceInstant: z.string(),
  rows: z.number(),
  totals: z.array(VersionTotalsSchema),
  control: z.union([z.array(Control), z.literal("none")]),
  parts: z.array(RowPartSchema),
  inPlace: z.object({ at: z.string(), columns: z.array(z.string()) }).optional(),
  providers: z.array(z.string()),
  conformance: z.array(ConformanceFindingSchema),
  messages: z.array(z.string()),
};

export const PeriodVersionSchema: z.ZodType<PeriodVersion> = z.object(versionShape);
const Committed: z.ZodType<CommittedVersion> = z.object({ ...versionShape, committedAt: z.string() });

/** Everything known about one (source, billing period). Changed only by compare-and-swap: its write *is* the commit (L2). */
export interface Head {
  source: string;
  billingPeriod: Month;
  /** By `committedAt`, ascending; the last one is current. Never empty. */
  versions: CommittedVersion[];
  /** No longer readable; their files go once no reader can still be using them. */
  expired: { id: string; keys: string[]; since: string }[];
  /** Knowledge times before this had versions that are no longer kept. */
  forgottenBefore?: string | undefined;
  /** The version whose `genops.costs.changed` went out. */
  announced?: string | undefined;
}

export const HeadSchema: z.ZodType<Head> = z.object({
  source: z.string(),
  billingPeriod: z.string(),
  versions: z.array(Committed).min(1),
  expired: z.array(z.object({ id: z.string(), keys: z.array(z.string()), since: z.string() })),
  forgottenBefore: z.string().optional(),
  announced: z.string().optional(),
});

export const HEADS = "heads/";

export function headKey(source: string, billingPeriod: Month): string {
  return `${HEADS}${source}/${billingPeriod}.json`;
}

export function readHead(store: ObjectStore, source: string, period: Month): Promise<JsonDocument<Head> | undefined> {
  return readDocument(store, headKey(source, period), HeadSchema);
}

/** Documents that are fetched at once: on a remote lake nearly all of a read is waiting. */
export const READERS = 16;

/** All heads of the lake, or of one source. */
export async function listHeads(store: ObjectStore, source?: string): Promise<Head[]> {
  const entries = await Array.fromAsync(store.list(source === undefined ? HEADS : `${HEADS}${source}/`));
  const documents = await inParallel(entries, READERS, ({ key }) => readDocument(store, key, HeadSchema));
  return documents.flatMap((document) => document?.value ?? []);
}

/** The billing periods of a source that were ever committed. */
export async function headPeriods(store: ObjectStore, source: string): Promise<Set<Month>> {
  const folder = `${HEADS}${source}/`;
  const periods = new Set<Month>();
  for await (const { key } of store.list(folder)) periods.add(key.slice(folder.length, -".json".length));
  return periods;
}

export function currentVersion(head: Head): CommittedVersion {
  return head.versions.at(-1) as CommittedVersion;
}

/**
 * The version that a read with this knowledge time sees (L4), if any was known by then. A `usage` error when there was one that is no
 * longer kept: the answer without it would be a number that never was.
 */
export function versionAsOf(head: Head, asOf: Date | undefined): CommittedVersion | undefined {
  if (asOf === undefined) return currentVersion(head);
  const limit = asOf.toISOString();
  const { source, billingPeriod, forgottenBefore } = head;
  if (forgottenBefore !== undefined && limit < forgottenBefore) {
    const what = `what was known of ${source} ${billingPeriod} as of ${limit} is not kept any more`;
    throw new GenOpsError("usage", `${what}, only from ${forgottenBefore} on (ledger.retainVersionsDays)`);
  }
  return head.versions.findLast((version) => version.committedAt <= limit);
}
