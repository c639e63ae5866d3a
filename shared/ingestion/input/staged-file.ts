import type { BillStore } from "../../ports/bill-store.ts";

/** What a file's bytes turned out to be, whatever its name says. */
export type InputKind = "csv" | "parquet" | "ndjson" | "json-array";

interface FoundFile {
  /** As the user knows it: relative to the configuration file, or the bucket's URL of it. */
  name: string;
  sizeBytes: number;
  modifiedAt: Date;
}

/** A file of this machine that a location led to. */
export interface LocatedFile extends FoundFile {
  /** Absolute path. */
  path: string;
}

/** An object in a bucket that a location led to; nothing of it was read yet. */
export interface LocatedObject extends FoundFile {
  store: BillStore;
  key: string;
  /** Changes with the content, where the listing tells it. */
  etag?: string;
}

export type BillFile = LocatedFile | LocatedObject;

export function isObject(file: BillFile): file is LocatedObject {
  return "store" in file;
}

/** A located file whose content was read once completely: decompressed, in UTF-8, checked and fingerprinted. */
export interface StagedFile extends LocatedFile {
  kind: InputKind;
  /** Where the engine reads it: the file itself, or its decompressed or transcoded copy. */
  readPath: string;
  /** SHA-256 of the decompressed content, so that `a.csv` and `a.csv.gz` are one. */
  sha256: string;
  /** Nothing but white space. */
  blank: boolean;
  /** What it was downloaded from, where it was. */
  object?: LocatedObject;
}

/** Files that belong together: one run of an export, or everything a path or glob names. */
export interface Delivery {
  files: BillFile[];
  /** Billing period, where a manifest or folder name tells it. */
  period?: string;
  /** What the manifest says is in the files. */
  expectedRows?: number;
  /** Version of the format, where a manifest tells it (Azure `dataVersion`). */
  dataVersion?: string;
  /** Name of the manifest, for messages. */
  manifest?: string;
  /** When the manifest was written. */
  manifestAt?: Date;
}
