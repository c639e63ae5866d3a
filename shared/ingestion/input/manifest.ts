import * as z from "zod";
import { GenOpsError, messageOf } from "../../core/errors.ts";
import { isMonth, type Month } from "../../core/period.ts";
import type { BillTree, Found } from "./bill-tree.ts";
import type { Delivery } from "./staged-file.ts";

/** AWS Data Exports (`dataFiles`), legacy CUR (`reportKeys`) and Azure exports (`blobs`): the fields that are read. */
const Manifest = z.object({
  dataFiles: z.array(z.string()).optional(),
  reportKeys: z.array(z.string()).optional(),
  blobs: z.array(z.object({ blobName: z.string(), dataRowCount: z.number().nullish() })).nullish(),
  blobCount: z.number().nullish(),
  dataRowCount: z.number().nullish(),
  billingPeriod: z.object({ start: z.string() }).optional(),
  exportConfig: z
    .object({ exportName: z.string().optional(), type: z.string().optional(), dataVersion: z.string().optional() })
    .optional(),
  runInfo: z.object({ startDate: z.string().optional(), submittedTime: z.string().optional() }).optional(),
});
type Manifest = z.infer<typeof Manifest>;

/** One run of an export, as its manifest describes it; its parts have not been looked for. */
export interface ExportRun extends Omit<Delivery, "files"> {
  manifest: string;
  manifestAt: Date;
  exportName: string;
  /** Orders the runs of one period: milliseconds. */
  writtenAt: number;
  /** Path of the manifest in its tree. */
  path: string;
  /** The parts' keys in the bucket or container. */
  keys: readonly string[];
}

/** Room for a hundred thousand parts. A manifest is read whole, and anybody who can write to the bucket can name an object so. */
const MAX_BYTES = 32 * 1024 ** 2;

/** Reads an export's manifest. A run without parts is a delivery without files. */
export async function readManifest(tree: BillTree, found: Found): Promise<ExportRun> {
  const { name: manifest, modifiedAt, sizeBytes } = found.file;
  if (sizeBytes > MAX_BYTES)
    throw new GenOpsError("refused", `is no manifest: it has ${sizeBytes} bytes`, { place: { file: manifest } });
  const content = parse(await tree.read(found), manifest);
  const keys = content.dataFiles ?? content.reportKeys ?? content.blobs?.map((blob) => blob.blobName);
  if (keys === undefined && content.blobs === undefined && content.blobCount === undefined) {
    throw new GenOpsError("refused", "is no manifest of AWS Data Exports, CUR or an Azure export", {
      place: { file: manifest },
    });
  }
  const period = periodOf(content, found.path);
  const expectedRows = rowsOf(content);
  const submitted = Date.parse(content.runInfo?.submittedTime ?? "");
  return {
    manifest,
    manifestAt: modifiedAt,
    path: found.path,
    keys: keys ?? [],
    exportName: content.exportConfig?.exportName ?? tree.paths.basename(found.path).replace(/-?manifest\.json$/i, ""),
    writtenAt: Number.isNaN(submitted) ? modifiedAt.getTime() : submitted,
    ...(period === undefined ? {} : { period }),
    ...(expectedRows === undefined ? {} : { expectedRows }),
    ...(content.exportConfig?.dataVersion === undefined ? {} : { dataVersion: content.exportConfig.dataVersion }),
  };
}

/** The run with its files. A part that is not there is refused: a partial export must not become a small bill. */
export async function deliveryOf(tree: BillTree, run: ExportRun): Promise<Delivery> {
  const { path, keys, exportName: _exportName, writtenAt: _writtenAt, ...delivery } = run;
  const files: Delivery["files"] = [];
  for (const key of keys) files.push((await findPart(tree, key, { manifest: path, name: run.manifest })).file);
  return { ...delivery, files };
}

function parse(text: string, name: string): Manifest {
  try {
    return Manifest.parse(JSON.parse(text.replace(/^\uFEFF/, "")));
  } catch (error) {
    const what = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new GenOpsError("refused", `is not a readable manifest: ${what}`, { place: { file: name }, cause: error });
  }
}

/** `metadata/BILLING_PERIOD=…/RUN/` is three folders away from where `data/` begins; nothing lies further up. */
const FOLDERS_UP = 3;

/**
 * A manifest holds the bucket's full keys; the folder or bucket at hand may be a copy of any part of it. The part is looked for by ever
 * shorter tails of its key, from the manifest's folder upwards: the further up, the more of the key has to agree.
 */
async function findPart(tree: BillTree, key: string, place: { manifest: string; name: string }): Promise<Found> {
  const { paths } = tree;
  const segments = key
    .replace(/^[a-z0-9+.-]+:\/\/[^/]*\//i, "")
    .split("/")
    .filter((segment) => segment !== "" && segment !== ".");
  const candidates = segments.includes("..") ? [] : candidatesOf(tree, segments, paths.dirname(place.manifest));
  for (const candidate of candidates) {
    const found = await tree.at(candidate);
    if (found !== undefined) return found;
  }
  throw new GenOpsError("refused", `names a part that is not there: ${key}`, { place: { file: place.name } });
}

/** Where a part may be, the likeliest first: in its own bucket that is the key itself. */
function candidatesOf({ paths }: BillTree, segments: readonly string[], start: string): string[] {
  const folders = [start];
  for (let folder = start; folders.length <= FOLDERS_UP && folder !== paths.dirname(folder); ) {
    folder = paths.dirname(folder);
    if (folder !== paths.parse(folder).root) folders.push(folder);
  }
  const candidates = segments.flatMap((_segment, skip) => {
    const tail = segments.slice(skip);
    return folders.slice(0, tail.length).map((folder) => paths.join(folder, ...tail));
  });
  const key = segments.join("/");
  return candidates.includes(key) ? [key, ...candidates] : candidates;
}

/** The billing period that folders on the way to a file name: `BILLING_PERIOD=2024-09`, `20240901-20241001`. */
export function periodOfPath(path: string): Month | undefined {
  const parts = /billing_period=(\d{4})-(\d{2})/i.exec(path) ?? /(?:^|[\\/])(\d{4})(\d{2})\d{2}-\d{8}[\\/]/.exec(path);
  return monthOf(parts);
}

function periodOf(manifest: Manifest, path: string): Month | undefined {
  const start = manifest.billingPeriod?.start ?? manifest.runInfo?.startDate ?? "";
  return monthOf(/billing_period=(\d{4})-(\d{2})/i.exec(path) ?? /^(\d{4})-?(\d{2})/.exec(start)) ?? periodOfPath(path);
}

function monthOf(parts: RegExpExecArray | null): Month | undefined {
  const month = parts === null ? "" : `${parts[1]}-${parts[2]}`;
  return isMonth(month) ? month : undefined;
}

/** What the run counts, or else what all of its blobs count. */
function rowsOf({ dataRowCount, blobs }: Manifest): number | undefined {
  if (dataRowCount != null) return dataRowCount;
  const counts = (blobs ?? []).map((blob) => blob.dataRowCount);
  return counts.length === 0 || counts.some((count) => count == null)
    ? undefined
    : counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
}
