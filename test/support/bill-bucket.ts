import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { GenOpsError } from "../../shared/core/errors.ts";
import { parseBucketUrl } from "../../shared/ingestion/input/bucket-url.ts";
import type { BillStore, OpenBillStore } from "../../shared/ports/bill-store.ts";

interface Stored {
  body: Uint8Array;
  modifiedAt: Date;
}

export interface BillBucket extends BillStore {
  /** Objects by key; `at` is when they were written. */
  put(files: Readonly<Record<string, unknown>>, at?: string): void;
  remove(...keys: string[]): void;
  /** What was asked for: `list <prefix>`, `read <key>`, `download <key>`. */
  asked: string[];
  /** Runs before a download is answered: something happens meanwhile. */
  meanwhile: (key: string) => void;
  open: OpenBillStore;
}

/** A bucket in memory that behaves as a `BillStore` must; with `etags`, its listing tells them. */
export function createBillBucket(root = "s3://bill/", { etags = true } = {}): BillBucket {
  const objects = new Map<string, Stored>();
  const bucket: BillBucket = {
    asked: [],
    meanwhile: () => {},
    put(files, at = "2024-09-20T06:00:00Z") {
      for (const [key, content] of Object.entries(files)) {
        const body =
          content instanceof Uint8Array
            ? content
            : new TextEncoder().encode(typeof content === "string" ? content : JSON.stringify(content));
        objects.set(key, { body, modifiedAt: new Date(at) });
      }
    },
    remove(...keys) {
      for (const key of keys) objects.delete(key);
    },
    async *list(prefix) {
      bucket.asked.push(`list ${prefix}`);
      for (const key of [...objects.keys()].filter((candidate) => candidate.startsWith(prefix)).sort()) {
        const { body, modifiedAt } = objects.get(key) as Stored;
        const etag = createHash("md5").update(body).digest("hex");
        yield { key, sizeBytes: body.length, modifiedAt, ...(etags ? { etag } : {}) };
      }
    },
    read(key) {
      bucket.asked.push(`read ${key}`);
      return Promise.resolve(objects.get(key)?.body);
    },
    async download(key, file) {
      bucket.asked.push(`download ${key}`);
      bucket.meanwhile(key);
      const stored = objects.get(key);
      if (stored === undefined) throw new GenOpsError("unavailable", "is gone", { place: { file: `${root}${key}` } });
      await writeFile(file, stored.body);
    },
    open(location) {
      const url = parseBucketUrl(location);
      if (url?.root !== root) return Promise.reject(new GenOpsError("config", `no bucket for ${location}`));
      return Promise.resolve({ store: bucket, key: url.key });
    },
  };
  return bucket;
}

/** Every question of one kind, without its word. */
export function askedFor(bucket: BillBucket, word: "list" | "read" | "download"): string[] {
  return bucket.asked.flatMap((question) => (question.startsWith(`${word} `) ? [question.slice(word.length + 1)] : []));
}
