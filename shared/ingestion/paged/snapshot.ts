import { createHash } from "node:crypto";
import * as z from "zod";
import { canonicalJson } from "../../core/json.ts";
import type { Month } from "../../core/period.ts";
import type { ObjectStore } from "../../ports/object-store.ts";
import { encodeState, readState, updateState } from "./state-document.ts";

/** One complete look at a billing period through an API: all pages of all its queries, asked within a short time, over several runs if need be. */
export interface Snapshot {
  id: string;
  startedAt: string;
  /** Exclusive end of the days that are asked for. */
  end: string;
  /** Fingerprint of what is asked. */
  plan: string;
  complete: boolean;
  /** The provider says that the answers may still change. */
  provisional: boolean;
}

/** Whose snapshot it is. */
export interface SnapshotPlace {
  store: ObjectStore;
  source: string;
  period: Month;
}

const SnapshotSchema: z.ZodType<Snapshot> = z.object({
  id: z.string(),
  startedAt: z.string(),
  end: z.string(),
  plan: z.string(),
  complete: z.boolean(),
  provisional: z.boolean(),
});

export function fingerprint(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex").slice(0, 32);
}

/**
 * The snapshot to work on: the last one for as long as `goodForMs` says (continued where it is unfinished), else a new one. Two runs that
 * begin at once get the same.
 */
export async function openSnapshot(
  place: SnapshotPlace,
  fresh: Pick<Snapshot, "id" | "startedAt" | "end" | "plan">,
  goodForMs: (snapshot: Snapshot) => number,
): Promise<Snapshot> {
  return updateState(place.store, documentKey(place), SnapshotSchema, (known) => {
    const ageMs = known === undefined ? 0 : Date.parse(fresh.startedAt) - Date.parse(known.startedAt);
    return known !== undefined && known.plan === fresh.plan && ageMs < goodForMs(known)
      ? known
      : { ...fresh, complete: false, provisional: true };
  });
}

/** Marks a snapshot complete and removes the pages of the ones before it. */
export async function completeSnapshot(place: SnapshotPlace, snapshot: Snapshot, provisional: boolean): Promise<void> {
  const now = await updateState(place.store, documentKey(place), SnapshotSchema, (known) =>
    known !== undefined && (known.id !== snapshot.id || known.complete)
      ? known
      : { ...snapshot, complete: true, provisional },
  );
  if (now.id !== snapshot.id) return;
  for await (const { key } of place.store.list(pagesFolder(place)))
    if (!key.startsWith(`${pagesFolder(place)}${snapshot.id}/`)) await place.store.delete(key);
}

/** The answers of a snapshot, page by page. */
export interface PageStore<P> {
  get(query: unknown, token: string | undefined): Promise<P | undefined>;
  /** The first writer of a page wins. */
  put(query: unknown, token: string | undefined, page: P): Promise<void>;
  remove(query: unknown, token: string | undefined): Promise<void>;
  /** Names a page, whoever asks for it. */
  name(query: unknown, token: string | undefined): string;
}

export function openPages<P>(place: SnapshotPlace, snapshot: Snapshot, schema: z.ZodType<P>): PageStore<P> {
  const name = (query: unknown, token: string | undefined) => fingerprint([query, token ?? null]);
  const key = (query: unknown, token: string | undefined) =>
    `${pagesFolder(place)}${snapshot.id}/${name(query, token)}.json`;
  return {
    name,
    get: async (query, token) => (await readState(place.store, key(query, token), schema))?.value,
    put: async (query, token, page) =>
      void (await place.store.put(key(query, token), encodeState(page), { create: true })),
    remove: (query, token) => place.store.delete(key(query, token)),
  };
}

function documentKey({ source, period }: SnapshotPlace): string {
  return `sources/${source}/snapshots/${period}.json`;
}

function pagesFolder({ source, period }: SnapshotPlace): string {
  return `sources/${source}/pages/${period}/`;
}
