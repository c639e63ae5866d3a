import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";
import { GenOpsError, messageOf } from "../../core/errors.ts";
import { isMonth } from "../../core/period.ts";
import { locateFile } from "./locate-file.ts";
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
  exportName: string;
  /** Orders the runs of one period: milliseconds. */
  writtenAt: number;
  /** Absolute path of the manifest. */
  path: string;
  /** The parts' keys in the bucket or container. */
  keys: readonly string[];
}

/** Reads an export's manifest. A run without parts is a delivery without files. */
export async function readManifest(file: string, baseDir: string): Promise<ExportRun> {
  const { name: manifest } = await locateFile(file, baseDir);
  const content = await parse(file, manifest);
  const keys = content.dataFiles ?? content.reportKeys ?? content.blobs?.map((blob) => blob.blobName);
  if (keys === undefined && content.blobs === undefined && content.blobCount === undefined) {
    throw new GenOpsError("refused", "is no manifest of AWS Data Exports, CUR or an Azure export", {
      place: { file: manifest },
    });
  }
  const period = periodOf(content, file);
  const expectedRows = rowsOf(content);
  const submitted = Date.parse(content.runInfo?.submittedTime ?? "");
  return {
    manifest,
    path: file,
    keys: keys ?? [],
    exportName: content.exportConfig?.exportName ?? path.basename(file).replace(/-?manifest\.json$/i, ""),
    writtenAt: Number.isNaN(submitted) ? (await stat(file)).mtimeMs : submitted,
    ...(period === undefined ? {} : { period }),
    ...(expectedRows === undefined ? {} : { expectedRows }),
    ...(content.exportConfig?.dataVersion === undefined ? {} : { dataVersion: content.exportConfig.dataVersion }),
  };
}

/** The run with its files. A part that is not there is refused: a partial export must not become a small bill. */
export async function deliveryOf(run: ExportRun, baseDir: string): Promise<Delivery> {
  const { path: file, keys, exportName: _exportName, writtenAt: _writtenAt, ...delivery } = run;
  const parts = await Promise.all(keys.map((key) => findPart(key, file, run.manifest)));
  return { ...delivery, files: await Promise.all(parts.map((part) => locateFile(part, baseDir))) };
}

async function parse(file: string, name: string): Promise<Manifest> {
  try {
    return Manifest.parse(JSON.parse((await readFile(file, "utf8")).replace(/^\uFEFF/, "")));
  } catch (error) {
    const what = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new GenOpsError("refused", `is not a readable manifest: ${what}`, { place: { file: name }, cause: error });
  }
}

/** `metadata/BILLING_PERIOD=…/RUN/` is three folders away from where `data/` begins; nothing lies further up. */
const FOLDERS_UP = 3;

/**
 * A manifest holds the bucket's full keys; the folder at hand may be a copy of any part of it. The part is looked for by ever shorter
 * tails of its key, from the manifest's folder upwards: the further up, the more of the key has to agree.
 */
async function findPart(key: string, manifestFile: string, name: string): Promise<string> {
  const segments = key
    .replace(/^[a-z0-9+.-]+:\/\/[^/]*\//i, "")
    .split("/")
    .filter((segment) => segment !== "" && segment !== ".");
  for (let skip = 0; skip < segments.length && !segments.includes(".."); skip++) {
    const tail = segments.slice(skip);
    let folder = path.dirname(manifestFile);
    for (let up = 0; up <= FOLDERS_UP && up < tail.length && folder !== path.dirname(folder); up++) {
      const candidate = path.join(folder, ...tail);
      if ((await stat(candidate).catch(() => undefined))?.isFile() === true) return candidate;
      folder = path.dirname(folder);
    }
  }
  throw new GenOpsError("refused", `names a part that is not there: ${key}`, { place: { file: name } });
}

function periodOf(manifest: Manifest, file: string): string | undefined {
  const start = manifest.billingPeriod?.start ?? manifest.runInfo?.startDate ?? "";
  const parts = /billing_period=(\d{4})-(\d{2})/i.exec(file) ?? /^(\d{4})-?(\d{2})/.exec(start);
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
