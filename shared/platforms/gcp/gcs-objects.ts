import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { Readable } from "node:stream";
import type { File, FileMetadata, Storage } from "@google-cloud/storage";
import { type SeenObject, WRITERS_FIELD } from "../../ledger/storage/put-when.ts";
import type { OpenedObject, ReadOptions, RemoteObjects, WriteOptions } from "../../ledger/storage/remote-objects.ts";
import { retry } from "../../ledger/storage/retry.ts";
import { reported, type StoreAction } from "../../ledger/storage/store-error.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ObjectEntry, PutCondition } from "../../ports/object-store.ts";
import { gcsAction, gcsFaultOf, gcsStatusOf, isMissingObject } from "./gcs-errors.ts";
import { LostSessionError, uploadInParts } from "./gcs-upload.ts";

export interface GcsObjectsOptions {
  storage: Storage;
  bucket: string;
  clock: Pick<Clock, "sleep">;
  /** Bytes of a part, a multiple of 256 KiB; what is smaller goes in one request. */
  partBytes?: number;
  /** Objects per page of a listing, at most 1000. */
  pageSize?: number;
  /** An answer that has not come after so long is given up; the client itself would wait for ever. */
  idleMs?: number;
}

const DEFAULT_PART_BYTES = 8 * 1024 ** 2;
const UPLOAD_RETRIES = {
  attempts: 3,
  firstPauseMs: 1_000,
  isWorthIt: (error: unknown) => error instanceof LostSessionError || gcsFaultOf(error) === "passing",
};
const RETRIES = { attempts: 5, firstPauseMs: 250, isWorthIt: (error: unknown) => gcsFaultOf(error) === "passing" };

/** A bucket in Google Cloud Storage. An object's tag is its generation. */
export function createGcsObjects(options: GcsObjectsOptions): RemoteObjects {
  const { storage, bucket, clock, pageSize, partBytes = DEFAULT_PART_BYTES, idleMs = 60_000 } = options;
  const fileOf = (key: string, generation?: string) =>
    storage.bucket(bucket).file(key, generation === undefined ? {} : { generation });
  const ask = <T>(action: StoreAction, request: () => Promise<T>) =>
    reported(gcsFaultOf, action, () => retry(clock, RETRIES, () => withinTime(idleMs, request())));
  const reading = (key: string) => gcsAction(bucket, `read ${key}`, "storage.objects.get");
  const writing = (key: string) =>
    gcsAction(bucket, `write ${key}`, "storage.objects.create and storage.objects.delete");

  async function open(key: string, { fromByte = 0, toByte, tag }: ReadOptions = {}): Promise<OpenedObject | undefined> {
    const ranged = fromByte > 0 || toByte !== undefined;
    const range = ranged ? { start: fromByte, ...(toByte === undefined ? {} : { end: toByte }) } : {};
    return ask(reading(key), async () => {
      try {
        return await openStream(fileOf(key, tag).createReadStream({ decompress: false, ...range }));
      } catch (error) {
        if (isMissingObject(error)) return undefined;
        if (gcsStatusOf(error) === 416) return { tag: "", writers: "", sizeBytes: 0, stream: Readable.from([]) };
        throw error;
      }
    });
  }

  async function look(key: string): Promise<SeenObject | undefined> {
    return ask(reading(key), async () => {
      try {
        return seenIn((await fileOf(key).getMetadata())[0]);
      } catch (error) {
        if (isMissingObject(error)) return undefined;
        throw error;
      }
    });
  }

  async function write(key: string, body: Uint8Array, { when, writers }: WriteOptions): Promise<string | undefined> {
    return ask(writing(key), async () => {
      try {
        return seenIn((await post(fileOf(key), body, writers, when)).metadata).tag;
      } catch (error) {
        if (when !== undefined && gcsStatusOf(error) === 412) return undefined;
        throw error;
      }
    });
  }

  async function upload(key: string, source: string, mark: string): Promise<void> {
    const { size } = await stat(source);
    if (size <= partBytes) {
      await write(key, await readFile(source), { writers: mark });
      return;
    }
    const metadata = { [WRITERS_FIELD]: mark };
    await reported(gcsFaultOf, writing(key), () =>
      retry(clock, UPLOAD_RETRIES, () =>
        uploadInParts({ file: fileOf(key), source, sizeBytes: size, partBytes, metadata, clock }),
      ),
    );
  }

  async function* list(prefix: string): AsyncIterable<ObjectEntry> {
    const action = gcsAction(bucket, `list ${prefix}`, "storage.objects.list");
    const query = { prefix, autoPaginate: false, ...(pageSize === undefined ? {} : { maxResults: pageSize }) };
    for (let next: object | null = query; next !== null; ) {
      const page: [File[], object | null, unknown] = await ask(action, () =>
        storage.bucket(bucket).getFiles(next ?? query),
      );
      for (const { name, metadata } of page[0]) {
        if (name.endsWith("/")) continue;
        const { size = 0, updated = 0, generation = "", md5Hash } = metadata;
        yield {
          key: name,
          sizeBytes: Number(size),
          modifiedAt: new Date(updated),
          etag: md5Hash ?? String(generation),
        };
      }
      next = page[1];
    }
  }

  return {
    name: `gs://${bucket}`,
    open,
    look,
    write,
    upload,
    async remove(key) {
      const action = gcsAction(bucket, `remove ${key}`, "storage.objects.delete");
      await ask(action, async () => {
        try {
          await fileOf(key).delete();
        } catch (error) {
          if (!isMissingObject(error)) throw error;
        }
      });
    },
    list,
  };
}

/** What the request does after that does not matter: a write that lands late finds its condition no longer held. */
async function withinTime<T>(ms: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const error = Object.assign(new Error(`no answer within ${ms} ms`), { code: "ETIMEDOUT" });
    timer = setTimeout(() => reject(error), ms);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The client asks only when somebody reads; the answer's headers name the generation. */
function openStream(stream: Readable): Promise<OpenedObject> {
  return new Promise((resolve, reject) => {
    stream.once("error", reject);
    stream.once("response", ({ statusCode, headers }: Answer) => {
      // The error comes with its text later.
      if (statusCode >= 400) return;
      stream.off("error", reject);
      const tag = headers["x-goog-generation"] ?? "";
      resolve({ tag, writers: "", sizeBytes: Number(headers["content-length"] ?? 0), stream });
    });
    stream.read(0);
  });
}

interface Answer {
  statusCode: number;
  headers: Readonly<Record<string, string | undefined>>;
}

/** One POST with metadata and body together. */
function post(file: File, body: Uint8Array, writers: string, when: PutCondition | undefined): Promise<File> {
  const generation = when === undefined ? undefined : "create" in when ? 0 : when.ifMatch;
  return new Promise((resolve, reject) => {
    file
      .createWriteStream({
        resumable: false,
        // The store compares the hash before it keeps anything; the client would compare afterwards, and delete by name.
        validation: false,
        metadata: { ...metadataOf(writers), md5Hash: createHash("md5").update(body).digest("base64") },
        ...(generation === undefined ? {} : { preconditionOpts: { ifGenerationMatch: generation } }),
      })
      .on("error", reject)
      .on("finish", () => resolve(file))
      .end(body);
  });
}

function metadataOf(writers: string): FileMetadata {
  return { metadata: { [WRITERS_FIELD]: writers } };
}

function seenIn({ generation, metadata }: FileMetadata): SeenObject {
  return { tag: String(generation ?? ""), writers: String(metadata?.[WRITERS_FIELD] ?? "") };
}
