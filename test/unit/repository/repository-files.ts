import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../..", import.meta.url));

const GENERATED = new Set(["node_modules", ".git", "coverage", "dist", "lake", ".genops", ".vitest", ".cache"]);
const BINARY = /\.(parquet|gz|zip|png|ico|woff2)$/;

/** Paths of the files a clone holds, `/`-separated, below the given folder. */
export function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return GENERATED.has(entry.name) ? [] : filesBelow(path);
      return entry.isFile() ? [path] : [];
    })
    .sort();
}

/** As `filesBelow`, without binary files and recorded bills. */
export function textFilesBelow(folder: string): string[] {
  return filesBelow(folder).filter((path) => !BINARY.test(path) && !/^(samples|test\/fixtures)\//.test(path));
}

export function readText(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

export function readJson(path: string): unknown {
  return JSON.parse(readText(path));
}

/** Lines that match, as `path:line: text`. */
export function linesMatching(path: string, pattern: RegExp): string[] {
  return matchingLines(path, readText(path), pattern);
}

export function matchingLines(path: string, text: string, pattern: RegExp): string[] {
  return text
    .split("\n")
    .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 120)}`] : []));
}
