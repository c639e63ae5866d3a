import type { ObjectEntry } from "./object-store.ts";

/** Where exported bills lie, one bucket or container. Only read. Keys have no leading slash. */
export interface BillStore {
  /** Keys below a prefix in lexicographic order. */
  list(prefix: string): AsyncIterable<ObjectEntry>;
  /** A small object (a manifest); undefined when there is none. */
  read(key: string): Promise<Uint8Array | undefined>;
  /**
   * Copies an object of any size to a local file, streaming. Throws `unavailable` when it is gone or was replaced meanwhile: a file is
   * never a mixture of two.
   */
  download(key: string, file: string): Promise<void>;
}

/** Opens the store behind `s3://bucket/…`, `azblob://account/container/…` or `gs://bucket/…`; `key` is what follows. */
export type OpenBillStore = (location: string) => Promise<{ store: BillStore; key: string }>;
