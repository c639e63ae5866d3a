import path from "node:path";
import { GenOpsError } from "../core/errors.ts";
import { createFileLake } from "../platforms/local/file-lake.ts";
import type { Lake } from "../ports/object-store.ts";
import type { Randomness } from "../ports/randomness.ts";

export interface OpenLakeContext {
  /** Folder that a relative `file:` location refers to. */
  baseDir: string;
  randomness: Randomness;
}

/** Opens a lake by its location: `file:./lake`. The adapter and its SDK are loaded only then. */
export async function openLake(location: string, { baseDir, randomness }: OpenLakeContext): Promise<Lake> {
  const match = /^file:(?:\/\/)?(.+)$/.exec(location);
  if (match?.[1] === undefined) {
    throw new GenOpsError("config", `lake "${location}": only file: lakes are available in this version`, {
      place: { field: "lake" },
    });
  }
  return createFileLake(path.resolve(baseDir, match[1]), randomness);
}
