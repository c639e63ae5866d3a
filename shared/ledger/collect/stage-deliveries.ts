import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { GenOpsError } from "../../core/errors.ts";
import { canonicalJson } from "../../core/json.ts";
import type { StageOptions } from "../../ingestion/input/stage-file.ts";
import { stageFile } from "../../ingestion/input/stage-file.ts";
import type { Delivery, StagedFile } from "../../ingestion/input/staged-file.ts";
import type { SourceLocation, StagedDelivery } from "../../ingestion/sources/bill.ts";

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
      const file = await stageFile(located, index++, options);
      staged.bytesRead += file.sizeBytes;
      const instant = file.modifiedAt.toISOString();
      if (instant > staged.sourceInstant) staged.sourceInstant = instant;
      const twin = seen.get(file.sha256);
      if (file.blank) {
        staged.empty.push(file.name);
        staged.messages.push(`${file.name} is empty`);
      } else if (twin !== undefined) staged.messages.push(`${file.name} has the same content as ${twin}: counted once`);
      else files.push(file);
      seen.set(file.sha256, file.name);
    }
    staged.deliveries.push({ ...delivery, files });
  }
  return staged;
}

/** Fingerprint of what was delivered and of how it is read: two equal ones give the same rows. */
export function contentHashOf(deliveries: readonly StagedDelivery[], reading: unknown): string {
  const contents = deliveries.map(({ role, files }) => ({ role, files: files.map(({ sha256 }) => sha256).sort() }));
  return createHash("sha256").update(canonicalJson({ contents, reading })).digest("hex");
}

/** Refuses when a file changed while it was being read: its rows would be a mixture. */
export async function assertUntouched(deliveries: readonly StagedDelivery[]): Promise<void> {
  for (const file of deliveries.flatMap(({ files }) => files)) {
    const now = await stat(file.path).catch(() => undefined);
    if (now?.size !== file.sizeBytes || now.mtime.getTime() !== file.modifiedAt.getTime()) {
      throw new GenOpsError("unavailable", "changed while it was being read; collect again", {
        place: { file: file.name },
      });
    }
  }
}
