import { glob, readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import type { BillTree, Found } from "./bill-tree.ts";
import { locateFile } from "./locate-file.ts";

/** The files of this machine; patterns and names are relative to `baseDir`. */
export function createLocalTree(baseDir: string): BillTree {
  const found = async (file: string): Promise<Found> => ({ path: file, file: await locateFile(file, baseDir) });
  return {
    paths: path,
    async resolve(pattern) {
      const target = path.resolve(baseDir, pattern);
      const info = await stat(target).catch(() => undefined);
      const isFolder = info?.isDirectory() === true;
      const files = isFolder
        ? await filesBelow(target)
        : info === undefined
          ? await matching(pattern, baseDir)
          : [target];
      return { isFolder, files: await Promise.all(files.map(found)) };
    },
    async at(file) {
      return (await stat(file).catch(() => undefined))?.isFile() === true ? found(file) : undefined;
    },
    read: ({ path: file }) => readFile(file, "utf8"),
  };
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
