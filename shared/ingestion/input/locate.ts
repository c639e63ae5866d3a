import { GenOpsError } from "../../core/errors.ts";
import type { Month } from "../../core/period.ts";
import { isManifest } from "../../core/platform-events.ts";
import type { OpenBillStore } from "../../ports/bill-store.ts";
import type { BillTree, Found } from "./bill-tree.ts";
import { createBucketTree } from "./bucket-tree.ts";
import { parseBucketUrl } from "./bucket-url.ts";
import { createLocalTree } from "./local-tree.ts";
import { deliveryOf, type ExportRun, periodOfPath, readManifest } from "./manifest.ts";
import type { Delivery } from "./staged-file.ts";

const DATA_FILE = /\.(csv|csv\.gz|csv\.gzip|tsv|parquet|ndjson|jsonl|json|ndjson\.gz|jsonl\.gz|json\.gz)$/i;
/** Legacy CURs have others beside the one that counts, for the loaders of Redshift and QuickSight. */
const ANY_MANIFEST = /manifest\.json$/i;

export interface LocateOptions {
  /** Opens buckets; without it a location has to be a path. */
  openBills?: OpenBillStore;
  /** Whether a billing period is asked for. What manifests and folders name other periods is not read. Default: all. */
  wants?: (period: Month) => boolean;
}

/**
 * Finds what a location names: one file, a glob, or a folder, on this machine or in a bucket. Where there are manifests, they alone are
 * read, the newest run per period (`reference/clouds.md` §1.4, §2.2: listing the files would count every refresh); without one, every
 * data file of a folder. Nothing is downloaded.
 */
export async function locate(location: string, baseDir: string, options: LocateOptions = {}): Promise<Delivery[]> {
  const { tree, pattern } = await openTree(location, baseDir, options.openBills);
  const { isFolder, files } = await tree.resolve(pattern);
  const manifests = files.filter((found) => isManifest(tree.paths.basename(found.path)));
  if (manifests.length > 0) return newestRuns(tree, manifests, location, options.wants ?? (() => true));
  const data = isFolder ? files.filter(({ path }) => DATA_FILE.test(path) && !ANY_MANIFEST.test(path)) : files;
  if (data.length === 0)
    throw new GenOpsError("refused", `${isFolder ? "no bill in folder" : "nothing found at"} "${location}"`);
  return [{ files: data.map(({ file }) => file) }];
}

async function openTree(
  location: string,
  baseDir: string,
  openBills: OpenBillStore | undefined,
): Promise<{ tree: BillTree; pattern: string }> {
  const url = parseBucketUrl(location);
  if (url !== undefined && openBills !== undefined) {
    const { store } = await openBills(`${url.root}${url.key}`);
    return { tree: createBucketTree(store, url.root), pattern: url.key };
  }
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(location)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== "file" && !/^[a-z]:[\\/]/i.test(location)) {
    throw new GenOpsError(
      "config",
      `location "${location}": ${scheme}: cannot be read; use a path, glob or folder, s3://, azblob:// or gs://`,
    );
  }
  return { tree: createLocalTree(baseDir), pattern: location.replace(/^file:(\/\/)?/, "") };
}

/**
 * Exports that add a folder per refresh leave several manifests of one period: only the last run counts, and only its parts need to be
 * there. Two exports of one period are refused: together they would count twice, one after the other each would replace the other.
 */
async function newestRuns(
  tree: BillTree,
  manifests: readonly Found[],
  location: string,
  wants: (period: Month) => boolean,
): Promise<Delivery[]> {
  const newest = new Map<string, ExportRun>();
  for (const found of manifests) {
    const named = periodOfPath(found.path);
    if (named !== undefined && !wants(named)) continue;
    const run = await readManifest(tree, found);
    if (run.period !== undefined && !wants(run.period)) continue;
    const key = run.period ?? run.manifest;
    const known = newest.get(key);
    if (known !== undefined && known.exportName !== run.exportName) {
      const names = [known.exportName, run.exportName].sort().join(", ");
      throw new GenOpsError("refused", `"${location}" holds several exports of ${key}: ${names}; name one of them`);
    }
    if (known === undefined || known.writtenAt <= run.writtenAt) newest.set(key, run);
  }
  const deliveries: Delivery[] = [];
  for (const run of newest.values()) deliveries.push(await deliveryOf(tree, run));
  return deliveries;
}
