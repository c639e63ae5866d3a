import path from "node:path";
import { GenOpsError } from "../core/errors.ts";
import { inParallel } from "../core/in-parallel.ts";
import type { Lake } from "../ports/object-store.ts";
import { parquetOf, writeParquetFile } from "./collect/write-rows.ts";
import { READERS } from "./head.ts";
import type { OpenCostsDeps } from "./open-costs.ts";
import type { PeriodVersion } from "./versions.ts";

/** Sums of a version's rows that the cube has no room for. Built once per version; goes with it. */
export interface BesideCube {
  /** `units-1`: what it is, with a number that is raised when the same rows would give another file. */
  folder: string;
  /** The SELECT over a version's rows. */
  select: (rows: string) => string;
}

/** Under `cube/`, so that it goes when its version goes, and is in the primary lake for whoever reads costs. */
function keyOf({ folder }: BesideCube, { source, billingPeriod, id }: PeriodVersion): string {
  return `cube/${folder}/source=${source}/billing_period=${billingPeriod}/version=${id}.parquet`;
}

/**
 * Local paths of the files of these versions; what does not exist yet is built now. `missing` are the sources whose rows are neither here nor
 * built by whoever has them, or stay in place as daily groups.
 */
export async function openBeside(
  deps: OpenCostsDeps,
  kind: BesideCube,
  versions: readonly PeriodVersion[],
): Promise<{ files: string[]; missing: string[] }> {
  const known = await inParallel(versions, READERS, (version) => fileIfThere(deps.lake, keyOf(kind, version)));
  const files: string[] = [];
  const missing = new Set<string>();
  // Building needs the engine, so one after the other.
  for (const [index, version] of versions.entries()) {
    const file = known[index] ?? (await build(deps, kind, version));
    if (file === undefined) missing.add(version.source);
    else files.push(file);
  }
  return { files, missing: [...missing] };
}

/** Local path of a version's file, built now if it does not exist yet; undefined where it cannot be had. */
export async function ensureBeside(
  deps: OpenCostsDeps,
  kind: BesideCube,
  version: PeriodVersion,
): Promise<string | undefined> {
  return (await fileIfThere(deps.lake, keyOf(kind, version))) ?? (await build(deps, kind, version));
}

async function build(
  { lake, engine, workDir }: OpenCostsDeps,
  kind: BesideCube,
  version: PeriodVersion,
): Promise<string | undefined> {
  const { inPlace, parts, id } = version;
  // Of rows that stay in place only daily groups are here.
  if (inPlace !== undefined) return undefined;
  const rows = await Promise.all(parts.map((part) => lake.getFile(part.key))).catch((error: unknown) => {
    // L10: the rows stay where they are; who has them builds this.
    if (error instanceof GenOpsError && error.code === "refused") return undefined;
    throw error;
  });
  if (rows === undefined) return undefined;
  const file = path.join(workDir, `${kind.folder}-${id}.parquet`);
  await writeParquetFile(engine, kind.select(parquetOf(rows, ", union_by_name = true")), file);
  const key = keyOf(kind, version);
  await lake.putFile(key, file);
  return lake.getFile(key);
}

async function fileIfThere(lake: Lake, key: string): Promise<string | undefined> {
  return lake.getFile(key).catch((error: unknown) => {
    if (error instanceof GenOpsError && error.code === "unavailable") return undefined;
    throw error;
  });
}
