import type { Readable } from "node:stream";
import type { ObjectEntry, PutCondition } from "../../ports/object-store.ts";
import type { SeenObject } from "./put-when.ts";

/** An object that is being read. */
export interface OpenedObject extends SeenObject {
  /** Bytes that the stream will give: from the first one asked for to the last. */
  sizeBytes: number;
  stream: Readable;
}

export interface ReadOptions {
  fromByte?: number;
  /** Inclusive. */
  toByte?: number;
  /** Only this version; another one, or none, is `unavailable`. */
  tag?: string;
}

export interface WriteOptions {
  when?: PutCondition | undefined;
  /** Kept as metadata under `WRITERS_FIELD`. */
  writers: string;
}

/**
 * One bucket or container, in the few calls that a lake and a bill store are made of (`remote-lake.ts`, `remote-bill-store.ts`). Keys are
 * whole. What goes wrong is a `GenOpsError` in the words of `store-error.ts`; a condition that does not hold and a missing object are answers.
 */
export interface RemoteObjects {
  /** `s3://bucket`, for messages. */
  readonly name: string;
  open(key: string, options?: ReadOptions): Promise<OpenedObject | undefined>;
  look(key: string): Promise<SeenObject | undefined>;
  /** The new tag; undefined when the condition does not hold. */
  write(key: string, body: Uint8Array, options: WriteOptions): Promise<string | undefined>;
  /** Streams a local file of any size, in parts; it appears as a whole. `mark` is kept under `WRITERS_FIELD`. */
  upload(key: string, file: string, mark: string): Promise<void>;
  remove(key: string): Promise<void>;
  /** By pages, in the order of the keys' UTF-8 bytes. Without folders, which some tools and stores list as empty objects. */
  list(prefix: string): AsyncIterable<ObjectEntry>;
}
