import { glob, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { GenOpsError } from "../../core/errors.ts";
import { locateFile } from "./locate-file.ts";
import { readManifest } from "./manifest.ts";
import type { Delivery } from "./staged-file.ts";

const DATA_FILE = /\.(csv|csv\.gz|csv\.gzip|tsv|parquet|ndjson|jsonl|json|ndjson\.gz|jsonl\.gz|json\.gz)$/i;
const MANIFEST = /manifest\.json$/i;

/**
 * Finds what a location names: one file, a glob, or a folder. A folder with manifests is read by its manifests alone, the newest run per
 * period (`reference/clouds.md` §1.4, §2.2: listing the files would count every refresh); without one, every data file in it.
 */
export async function locate(location: string, baseDir: string): Promise<Delivery[]> {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(location)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== "file" && !/^[a-z]:[\\/]/i.test(location)) {
    throw new GenOpsError(
      "config",
      `location "${location}": ${scheme}: locations are not readable yet; use a path, glob or folder`,
    );
  }
  const target = path.resolve(baseDir, location.replace(/^file:(\/\/)?/, ""));
  const found = await stat(target).catch(() => undefined);
  if (found?.isDirectory() === true) return locateFolder(target, baseDir);
  if (found !== undefined)
    return MANIFEST.test(target) ? [await readManifest(target, baseDir)] : filesDelivery([target], baseDir);
  const matches: string[] = [];
  for await (const match of glob(target)) matches.push(match);
  if (matches.length === 0) throw new GenOpsError("refused", `nothing found at "${location}"`);
  return filesDelivery(matches.sort(), baseDir);
}

async function locateFolder(folder: string, baseDir: string): Promise<Delivery[]> {
  const names = (await readdir(folder, { recursive: true })).sort();
  const manifests = names.filter((name) => MANIFEST.test(name));
  if (manifests.length > 0) {
    const deliveries = await Promise.all(manifests.map((name) => readManifest(path.join(folder, name), baseDir)));
    return newestPerPeriod(deliveries);
  }
  const data = names.filter((name) => DATA_FILE.test(name)).map((name) => path.join(folder, name));
  if (data.length === 0)
    throw new GenOpsError("refused", `no bill in folder "${path.relative(baseDir, folder) || "."}"`);
  return filesDelivery(data, baseDir);
}

/** Exports that add a folder per refresh leave several manifests of one period: only the last run counts. */
function newestPerPeriod(deliveries: readonly ManifestDelivery[]): Delivery[] {
  const newest = new Map<string, ManifestDelivery>();
  for (const delivery of deliveries) {
    const key = `${delivery.exportName}/${delivery.period ?? delivery.manifest}`;
    const known = newest.get(key);
    if (known === undefined || known.writtenAt < delivery.writtenAt) newest.set(key, delivery);
  }
  return [...newest.values()];
}

type ManifestDelivery = Awaited<ReturnType<typeof readManifest>>;

async function filesDelivery(files: readonly string[], baseDir: string): Promise<Delivery[]> {
  const located = await Promise.all(files.map((file) => locateFile(file, baseDir)));
  return [{ files: located }];
}
