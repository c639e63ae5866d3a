import { createHash } from "node:crypto";
import { rm, stat } from "node:fs/promises";
import path from "node:path";
import { GenOpsError } from "../../core/errors.ts";
import { canonicalJson } from "../../core/json.ts";
import { findObject } from "../../ingestion/input/bucket-tree.ts";
import type { StageOptions } from "../../ingestion/input/stage-file.ts";
import { stageFile } from "../../ingestion/input/stage-file.ts";
import {
  type BillFile,
  type Delivery,
  isObject,
  type LocatedObject,
  type StagedFile,
} from "../../ingestion/input/staged-file.ts";
import type { SourceLocation, StagedDelivery } from "../../ingestion/sources/bill.ts";
import type { ObjectEntry } from "../../ports/object-store.ts";

export interface LocatedDelivery extends Delivery {
  role: SourceLocation["role"];
}

export interface Staged {
  /** Without blank files and without repeated content; a delivery may be left with no files. */
  deliveries: StagedDelivery[];
  messages: string[];
  /** Names of files with nothing in them: an export that stopped half-way looks like this. */
  empty: string[];
  bytesRead: number;
  /** Last change of the newest file. */
  sourceInstant: string;
}

/** Reads every file of the deliveries once. The same content under two names counts once and is said. */
export async function stageDeliveries(deliveries: readonly LocatedDelivery[], options: StageOptions): Promise<Staged> {
  const staged: Staged = {
    deliveries: [],
    messages: [],
    empty: [],
    bytesRead: 0,
    sourceInstant: new Date(0).toISOString(),
  };
  let index = 0;
  for (const delivery of deliveries) {
    const seen = new Map<string, string>();
    const files: StagedFile[] = [];
    for (const located of delivery.files) {
      const file = await stageBillFile(located, index++, options);
      staged.bytesRead += file.sizeBytes;
      const instant = file.modifiedAt.toISOString();
      if (instant > staged.sourceInstant) staged.sourceInstant = instant;
      const twin = seen.get(file.sha256);
      if (file.blank) {
        staged.empty.push(file.name);
        staged.messages.push(blankMessage(file.name));
      } else if (twin !== undefined) staged.messages.push(twinMessage(file.name, twin));
      else files.push(file);
      seen.set(file.sha256, file.name);
    }
    staged.deliveries.push({ ...delivery, files });
  }
  return staged;
}

export function blankMessage(name: string): string {
  return `${name} is empty`;
}

export function twinMessage(name: string, twin: string): string {
  return `${name} has the same content as ${twin}: counted once`;
}

/** Reads one file whole, downloaded first where it lies in a bucket. Of what was decompressed only the copy stays. */
export async function stageBillFile(located: BillFile, index: number, options: StageOptions): Promise<StagedFile> {
  if (!isObject(located)) return stageFile(located, index, options);
  const { name, sizeBytes, modifiedAt, store, key } = located;
  const file = path.join(options.workDir, `download-${index}`);
  const step = `downloading ${name}`;
  options.progress.report(step, 0, sizeBytes, "bytes");
  await store.download(key, file);
  options.progress.report(step, sizeBytes, sizeBytes, "bytes");
  if ((await stat(file)).size !== sizeBytes) throw changed(name);
  const staged = await stageFile({ path: file, name, sizeBytes, modifiedAt }, index, options);
  if (staged.readPath !== file) await rm(file);
  return { ...staged, object: located };
}

/** Fingerprint of what was delivered and of how it is read: two equal ones give the same rows. */
export function contentHashOf(
  deliveries: readonly { role: SourceLocation["role"]; files: readonly Pick<StagedFile, "sha256">[] }[],
  reading: unknown,
): string {
  const contents = deliveries.map(({ role, files }) => ({ role, files: files.map(({ sha256 }) => sha256).sort() }));
  return createHash("sha256").update(canonicalJson({ contents, reading })).digest("hex");
}

/** Refuses when a file changed while it was being read: its rows would be a mixture. */
export async function assertUntouched(deliveries: readonly StagedDelivery[]): Promise<void> {
  for (const file of deliveries.flatMap(({ files }) => files)) {
    const same = file.object === undefined ? await isSameFile(file) : await isSameObject(file.object);
    if (!same) throw changed(file.name);
  }
}

/** Whether a bucket still has what was found there. */
export async function isSameObject(object: LocatedObject): Promise<boolean> {
  const entry = await findObject(object.store, object.key);
  return entry !== undefined && isEntryOf(entry, object);
}

function isEntryOf(
  entry: ObjectEntry,
  { sizeBytes, modifiedAt, etag }: Pick<LocatedObject, "sizeBytes" | "modifiedAt" | "etag">,
): boolean {
  if (entry.sizeBytes !== sizeBytes) return false;
  return etag === undefined ? entry.modifiedAt.getTime() === modifiedAt.getTime() : entry.etag === etag;
}

async function isSameFile(file: StagedFile): Promise<boolean> {
  const now = await stat(file.path).catch(() => undefined);
  return now?.size === file.sizeBytes && now.mtime.getTime() === file.modifiedAt.getTime();
}

function changed(name: string): GenOpsError {
  return new GenOpsError("unavailable", "changed while it was being read; collect again", { place: { file: name } });
}
