/** What a file's bytes turned out to be, whatever its name says. */
export type InputKind = "csv" | "parquet" | "ndjson" | "json-array";

/** A file that a location led to. */
export interface LocatedFile {
  /** Absolute path. */
  path: string;
  /** As the user knows it: relative to the configuration file. */
  name: string;
  sizeBytes: number;
  modifiedAt: Date;
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
}

/** Files that belong together: one run of an export, or everything a path or glob names. */
export interface Delivery {
  files: LocatedFile[];
  /** Billing period, where a manifest or folder name tells it. */
  period?: string;
  /** What the manifest says is in the files. */
  expectedRows?: number;
  /** Version of the format, where a manifest tells it (Azure `dataVersion`). */
  dataVersion?: string;
  /** Name of the manifest, for messages. */
  manifest?: string;
}
