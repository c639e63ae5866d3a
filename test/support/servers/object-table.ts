import { createHash } from "node:crypto";

export interface TableObject {
  body: Buffer;
  md5: Buffer;
  /** Greater with every write to the table. */
  generation: number;
  metadata: Readonly<Record<string, string>>;
  modifiedAt: Date;
}

/** What a write asks of the object that is there, or is not. */
export type Condition = (current: TableObject | undefined) => boolean;

/** The objects behind a fake store. One thread and no waiting: a condition and its write cannot be torn apart. */
export interface ObjectTable {
  createBucket(name: string): void;
  hasBucket(name: string): boolean;
  get(bucket: string, key: string): TableObject | undefined;
  /** Undefined when the condition does not hold. */
  put(
    bucket: string,
    key: string,
    write: { body: Buffer; metadata: Record<string, string>; when?: Condition },
  ): TableObject | undefined;
  delete(bucket: string, key: string): boolean;
  /** At most `limit` objects after `after`, in the order of their names, and whether there are more. */
  page(
    bucket: string,
    query: { prefix: string; after: string; limit: number },
  ): { page: [string, TableObject][]; more: boolean };
}

export function createObjectTable(): ObjectTable {
  const buckets = new Map<string, Map<string, TableObject>>();
  let writes = 1_700_000_000_000_000;
  return {
    createBucket: (name) => void buckets.set(name, buckets.get(name) ?? new Map()),
    hasBucket: (name) => buckets.has(name),
    get: (bucket, key) => buckets.get(bucket)?.get(key),
    put(bucket, key, { body, metadata, when }) {
      const objects = buckets.get(bucket);
      if (objects === undefined || (when !== undefined && !when(objects.get(key)))) return undefined;
      const md5 = createHash("md5").update(body).digest();
      const object = { body, md5, generation: ++writes, metadata, modifiedAt: new Date() };
      objects.set(key, object);
      return object;
    },
    delete: (bucket, key) => buckets.get(bucket)?.delete(key) === true,
    page(bucket, { prefix, after, limit }) {
      const found = [...(buckets.get(bucket) ?? [])]
        .filter(([key]) => key.startsWith(prefix) && key > after)
        .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      return { page: found.slice(0, limit), more: found.length > limit };
    },
  };
}

/** Metadata among request headers. */
export function metadataIn(headers: Readonly<Record<string, unknown>>, prefix: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), String(value)]),
  );
}

export function headersOf(metadata: Readonly<Record<string, string>>, prefix: string): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).map(([name, value]) => [prefix + name, value]));
}
