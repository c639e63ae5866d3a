import type { Lake } from "../../ports/object-store.ts";
import { listHeads } from "../head.ts";
import { sourceAtHome } from "../home-lakes.ts";
import type { UsageCloud } from "./usage.ts";

export interface StoragePlaces {
  /** Where the primary lake lies. */
  primary: UsageCloud;
  /** Where the rows of a source that stay home (L10) lie. */
  homeCloud(source: string): UsageCloud | undefined;
}

/** Bytes that lie in each cloud now. Rows that stay home are counted by what the heads say of them, so that nobody has to go there. */
export async function storedBytes(lake: Lake, { primary, homeCloud }: StoragePlaces): Promise<Map<UsageCloud, number>> {
  const stored = new Map<UsageCloud, number>();
  const add = (cloud: UsageCloud, bytes: number) => stored.set(cloud, (stored.get(cloud) ?? 0) + bytes);
  for await (const { key, sizeBytes } of lake.list("")) {
    if (homeCloud(sourceAtHome(key) ?? "") === undefined) add(primary, sizeBytes);
  }
  for (const { source, versions } of await listHeads(lake)) {
    const home = homeCloud(source);
    if (home !== undefined) for (const { bytes } of versions.flatMap(({ parts }) => parts)) add(home, bytes);
  }
  return stored;
}
