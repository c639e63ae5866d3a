import type { CollectUnit } from "../../ledger/collect/plan-source.ts";

/** What a call needs beside the reading itself: starting the engine, committing, telling. */
export const RESERVE_MS = 45_000;
/** Compressed bytes that a small function downloads, checks and converts per millisecond; a third of what was measured. */
const BYTES_PER_MS = 2_000;
/** After so many calls without progress the work is begun in spite of the time: no call has more. */
const PATIENCE = 3;

/** How long work on so many bytes may take. */
export function timeFor(bytes: number): number {
  return RESERVE_MS + bytes / BYTES_PER_MS;
}

/** Bytes that lie before a unit of work, as far as they are known. */
export function bytesOf(unit: CollectUnit): number {
  if (unit.kind === "fetch") return 0;
  return unit.deliveries.flatMap(({ files }) => files).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** Whether work that was put off so often is to begin in this call. */
export function isTimeFor(neededMs: number, remainingMs: number, deferred: number | undefined): boolean {
  return remainingMs >= neededMs || (deferred ?? 0) >= PATIENCE;
}
