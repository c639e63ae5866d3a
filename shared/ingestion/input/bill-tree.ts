import type { PlatformPath } from "node:path";
import type { BillFile } from "./staged-file.ts";

/** A file by its path in the tree. */
export interface Found {
  path: string;
  file: BillFile;
}

/** Where bills lie: the files of this machine, or one bucket. */
export interface BillTree {
  /** How paths of this tree are taken apart. */
  readonly paths: PlatformPath;
  /** What a path, folder or glob names, in order of names. */
  resolve(pattern: string): Promise<{ isFolder: boolean; files: Found[] }>;
  /** The file of exactly this path. */
  at(path: string): Promise<Found | undefined>;
  /** A small file, whole. */
  read(found: Found): Promise<string>;
}
