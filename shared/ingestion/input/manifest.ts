import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";
import { GenOpsError, messageOf } from "../../core/errors.ts";
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

export interface ManifestDelivery extends Delivery {
  exportName: string;
  /** Orders the runs of one period. */
  writtenAt: string;
}

/** Reads an export's manifest. Names that are not there are refused: a partial export must not become a small bill. */
export async function readManifest(file: string, baseDir: string): Promise<ManifestDelivery> {
  const name = path.relative(baseDir, file).split(path.sep).join("/");
  const manifest = await parse(file, name);
  const keys = manifest.dataFiles ?? manifest.reportKeys ?? manifest.blobs?.map((blob) => blob.blobName);
  if (keys === undefined && manifest.blobCount !== 0 && manifest.blobs === undefined) {
    throw new GenOpsError("refused", "is no manifest of AWS Data Exports, CUR or an Azure export", {
      place: { file: name },
    });
  }
  const paths = await Promise.all((keys ?? []).map((key) => findPart(key, file, name)));
  const files = await Promise.all(paths.map((part) => locateFile(part, baseDir)));
  const period = periodOf(manifest, file);
  return {
    files,
    manifest: name,
    exportName: manifest.exportConfig?.exportName ?? path.basename(file).replace(/-?manifest\.json$/i, ""),
    writtenAt: manifest.runInfo?.submittedTime ?? (await stat(file)).mtime.toISOString(),
    ...(period === undefined ? {} : { period }),
    ...(manifest.dataRowCount == null ? {} : { expectedRows: manifest.dataRowCount }),
    ...(manifest.exportConfig?.dataVersion === undefined ? {} : { dataVersion: manifest.exportConfig.dataVersion }),
  };
}

async function parse(file: string, name: string): Promise<z.infer<typeof Manifest>> {
  try {
    return Manifest.parse(JSON.parse((await readFile(file, "utf8")).replace(/^\uFEFF/, "")));
  } catch (error) {
    const what = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new GenOpsError("refused", `is not a readable manifest: ${what}`, { place: { file: name }, cause: error });
  }
}

/**
 * A manifest holds the bucket's full keys; the folder at hand may be a copy of any part of it. The part is looked for by ever shorter
 * tails of its key, from the manifest's folder upwards.
 */
async function findPart(key: string, manifestFile: string, name: string): Promise<string> {
  const segments = key
    .replace(/^[a-z0-9+.-]+:\/\/[^/]*\//i, "")
    .split("/")
    .filter((segment) => segment !== "" && segment !== "..");
  for (let skip = 0; skip < segments.length; skip++) {
    const tail = segments.slice(skip);
    for (let folder = path.dirname(manifestFile), depth = 0; depth < 8; folder = path.dirname(folder), depth++) {
      const candidate = path.join(folder, ...tail);
      if ((await stat(candidate).catch(() => undefined))?.isFile() === true) return candidate;
    }
  }
  throw new GenOpsError("refused", `names a part that is not there: ${key}`, { place: { file: name } });
}

function periodOf(manifest: z.infer<typeof Manifest>, file: string): string | undefined {
  const folder = /billing_period=(\d{4}-\d{2})/i.exec(file)?.[1];
  if (folder !== undefined) return folder;
  const start = manifest.billingPeriod?.start ?? manifest.runInfo?.startDate;
  const match = start === undefined ? null : /^(\d{4})-?(\d{2})/.exec(start);
  return match === null ? undefined : `${match[1]}-${match[2]}`;
}
