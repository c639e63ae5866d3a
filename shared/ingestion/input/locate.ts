import { glob, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { GenOpsError } from "../../core/errors.ts";
import { locateFile } from "./locate-file.ts";
import { deliveryOf, type ExportRun, readManifest } from "./manifest.ts";
import type { Delivery } from "./staged-file.ts";

const DATA_FILE = /\.(csv|csv\.gz|csv\.gzip|tsv|parquet|ndjson|jsonl|json|ndjson\.gz|jsonl\.gz|json\.gz)$/i;
/** Legacy CURs have others beside it, for the loaders of Redshift and QuickSight. */
const MANIFEST = /(^|[-_.])manifest\.json$/i;
const ANY_MANIFEST = /manifest\.json$/i;

/**
 * Finds what a location names: one file, a glob, or a folder. Where there are manifests, they alone are read, the newest run per period
 * (`reference/clouds.md` §1.4, §2.2: listing the files would count every refresh); without one, every data file of a folder.
 */
export async function locate(location: string, baseDir: string): Promise<Delivery[]> {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(location)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== "file" && !/^[a-z]:[\\/]/i.test(location)) {
    throw new GenOpsError(
      "config",
      `location "${location}": ${scheme}: locations are not readable yet; use a path, glob or folder`,
    );
  }
  const pattern = location.replace(/^file:(\/\/)?/, "");
  const target = path.resolve(baseDir, pattern);
  const found = await stat(target).catch(() => undefined);
  const isFolder = found?.isDirectory() === true;
  const files = isFolder ? await filesBelow(target) : found === undefined ? await matching(pattern, baseDir) : [target];
  const manifests = files.filter((file) => MANIFEST.test(path.basename(file)));
  if (manifests.length > 0) return newestRuns(manifests, location, baseDir);
  const data = isFolder ? files.filter((file) => DATA_FILE.test(file) && !ANY_MANIFEST.test(file)) : files;
  if (data.length === 0)
    throw new GenOpsError("refused", `${isFolder ? "no bill in folder" : "nothing found at"} "${location}"`);
  return [{ files: await Promise.all(data.map((file) => locateFile(file, baseDir))) }];
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return onlyFiles(
    entries.filter((entry) => !entry.isDirectory()).map((entry) => path.join(entry.parentPath, entry.name)),
  );
}

async function matching(pattern: string, baseDir: string): Promise<string[]> {
  const matches: string[] = [];
  for await (const match of glob(pattern, { cwd: baseDir })) matches.push(path.resolve(baseDir, match));
  return onlyFiles(matches);
}

/** In order; links count as what they lead to. */
async function onlyFiles(candidates: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const candidate of [...candidates].sort()) {
    if ((await stat(candidate).catch(() => undefined))?.isFile() === true) files.push(candidate);
  }
  return files;
}

/**
 * Exports that add a folder per refresh leave several manifests of one period: only the last run counts, and only its parts need to be
 * there. Two exports of one period are refused: together they would count twice, one after the other each would replace the other.
 */
async function newestRuns(manifests: readonly string[], location: string, baseDir: string): Promise<Delivery[]> {
  const newest = new Map<string, ExportRun>();
  for (const file of manifests) {
    const run = await readManifest(file, baseDir);
    const key = run.period ?? run.manifest;
    const known = newest.get(key);
    if (known !== undefined && known.exportName !== run.exportName) {
      const names = [known.exportName, run.exportName].sort().join(", ");
      throw new GenOpsError("refused", `"${location}" holds several exports of ${key}: ${names}; name one of them`);
    }
    if (known === undefined || known.writtenAt <= run.writtenAt) newest.set(key, run);
  }
  return Promise.all([...newest.values()].map((run) => deliveryOf(run, baseDir)));
}
