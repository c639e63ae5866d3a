import { mkdtempSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { GenOpsError } from "../../shared/core/errors.ts";
import { assertObjectKey } from "../../shared/ledger/storage/object-key.ts";
import type { Lake } from "../../shared/ports/object-store.ts";

interface Entry {
  body: Uint8Array;
  etag: string;
  modifiedAt: Date;
}

export interface MemoryLake extends Lake {
  /** Every object by key. */
  entries: Map<string, Entry>;
}

/** A lake in memory with the same semantics as the real ones. Every operation yields first, so concurrent callers interleave. */
export function createMemoryLake(now: () => Date = () => new Date()): MemoryLake {
  const entries = new Map<string, Entry>();
  let folder: string | undefined;
  let writes = 0;
  const set = (key: string, body: Uint8Array) => {
    const etag = `e${++writes}`;
    entries.set(key, { body, etag, modifiedAt: now() });
    return etag;
  };
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    entries,
    async get(key) {
      await turn();
      const entry = entries.get(key);
      return entry === undefined ? undefined : { body: entry.body, etag: entry.etag };
    },
    async put(key, body, when) {
      await turn();
      assertObjectKey(key);
      if (body.length === 0) throw new GenOpsError("internal", `an object may not be empty: ${key}`);
      const entry = entries.get(key);
      if (when !== undefined && "create" in when && entry !== undefined) return { ok: false };
      if (when !== undefined && "ifMatch" in when && entry?.etag !== when.ifMatch) return { ok: false };
      return { ok: true, etag: set(key, body) };
    },
    async delete(key) {
      await turn();
      entries.delete(key);
    },
    async *list(prefix) {
      await turn();
      for (const key of [...entries.keys()].filter((candidate) => candidate.startsWith(prefix)).sort(byBytes)) {
        const entry = entries.get(key);
        if (entry !== undefined) yield { key, sizeBytes: entry.body.length, modifiedAt: entry.modifiedAt };
      }
    },
    async putFile(key, file) {
      set(key, await readFile(file));
    },
    async publish(key, body) {
      await turn();
      set(key, body);
    },
    async getRange(key, offset, length) {
      await turn();
      return entries.get(key)?.body.subarray(offset, offset + length);
    },
    async getFile(key) {
      const entry = entries.get(key);
      if (entry === undefined) throw new GenOpsError("unavailable", `missing in the lake: ${key}`);
      folder ??= mkdtempSync(path.join(tmpdir(), "genops-memory-lake-"));
      const target = path.join(folder, key);
      await mkdir(path.dirname(target), { recursive: true });
      await writeFile(target, entry.body);
      return target;
    },
  };
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
