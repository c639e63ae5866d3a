/** An object and the tag that a later conditional write refers to. */
export interface StoredObject {
  body: Uint8Array;
  /** Opaque; changes with every write. */
  etag: string;
}

/** `create`: only if the key does not exist. `ifMatch`: only if the object still has this tag. Neither: always. */
export type PutCondition = { create: true } | { ifMatch: string };

/** A condition that does not hold is an answer, never an exception. */
export type PutResult = { ok: true; etag: string } | { ok: false };

/**
 * Small objects with compare-and-swap. Keys are `/`-separated, without a leading slash and without `.` or `..` parts.
 * A write is atomic: a reader sees the old body or the new one, and a crash leaves one of them.
 */
export interface ObjectStore {
  get(key: string): Promise<StoredObject | undefined>;
  put(key: string, body: Uint8Array, when?: PutCondition): Promise<PutResult>;
  /** Removing what is not there is no error. */
  delete(key: string): Promise<void>;
  /** Keys below a prefix in lexicographic order. */
  list(prefix: string): AsyncIterable<ObjectEntry>;
}

export interface ObjectEntry {
  key: string;
  sizeBytes: number;
  /** Instant of the last write. */
  modifiedAt: Date;
  /** Changes with every write that changes the content, where the listing tells it. */
  etag?: string;
}

/** Large objects (Parquet parts) by local file: the engine reads and writes files, the store keeps objects. */
export interface FileStore {
  /** Stores a local file under `key`, replacing what is there. The local file may be moved away by this. */
  putFile(key: string, path: string): Promise<void>;
  /** Stores a small public file under its plain name, replacing what is there. Last writer wins. */
  publish(key: string, body: Uint8Array): Promise<void>;
  /**
   * A local path that ends with the key and has the object's content: of what `putFile` stored, which stands for the same ever after, a
   * copy made earlier. Valid for as long as a function runs. Throws `unavailable` when the object is missing.
   */
  getFile(key: string): Promise<string>;
  /** `length` bytes from `offset` on of what `putFile` stored, fewer at its end; undefined when there is no such object. */
  getRange(key: string, offset: number, length: number): Promise<Uint8Array | undefined>;
}

/** Everything the ledger and the state documents need from storage. */
export interface Lake extends ObjectStore, FileStore {}
