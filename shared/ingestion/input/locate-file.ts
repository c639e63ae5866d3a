import { stat } from "node:fs/promises";
import path from "node:path";
import type { LocatedFile } from "./staged-file.ts";

/** Size and age of one file, under the name the user knows. */
export async function locateFile(file: string, baseDir: string): Promise<LocatedFile> {
  const found = await stat(file);
  const relative = path.relative(baseDir, file);
  return {
    path: file,
    name: relative.startsWith("..") ? file : relative.split(path.sep).join("/"),
    sizeBytes: found.size,
    modifiedAt: found.mtime,
  };
}
