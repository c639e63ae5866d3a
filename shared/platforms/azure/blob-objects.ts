import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import type { ContainerClient } from "@azure/storage-blob";
import { type SeenObject, WRITERS_FIELD } from "../../ledger/storage/put-when.ts";
import type { OpenedObject, ReadOptions, RemoteObjects, WriteOptions } from "../../ledger/storage/remote-objects.ts";
import { reported } from "../../ledger/storage/store-error.ts";
import type { ObjectEntry, PutCondition } from "../../ports/object-store.ts";
import { blobAction, blobFaultOf, blobStatusOf, isMissingBlob, isNotHeld } from "./blob-errors.ts";

export interface BlobObjectsOptions {
  container: ContainerClient;
  /** `azblob://account/container`, for messages. */
  name: string;
  /** Bytes of a block; at most 50,000 of them. */
  partBytes?: number;
  /** Blobs per page of a listing, at most 5000. */
  pageSize?: number;
  /** An answer that has not begun after so long is given up. */
  idleMs?: number;
}

const MAX_BLOCKS = 45_000;
const DEFAULT_PART_BYTES = 8 * 1024 ** 2;
/** Blocks in memory at once. */
const BLOCKS_AT_ONCE = 3;
const DEFAULT_IDLE_MS = 60_000;

/** A container in Azure Blob Storage. */
export function createBlobObjects(options: BlobObjectsOptions): RemoteObjects {
  const { container, name, pageSize, partBytes = DEFAULT_PART_BYTES, idleMs = DEFAULT_IDLE_MS } = options;
  const reading = (key: string) => blobAction(name, `read ${key}`, "Reader");
  const writing = (key: string) => blobAction(name, `write ${key}`, "Contributor");

  async function open(key: string, { fromByte = 0, toByte, tag }: ReadOptions = {}): Promise<OpenedObject | undefined> {
    const count = toByte === undefined ? undefined : toByte - fromByte + 1;
    const conditions = tag === undefined ? {} : { ifMatch: tag };
    return reported(blobFaultOf, reading(key), async () => {
      try {
        const answer = await withinTime(idleMs, (abortSignal) =>
          // Broken streams are taken up by the reader, which knows what it has got.
          container.getBlobClient(key).download(fromByte, count, { conditions, abortSignal, maxRetryRequests: 0 }),
        );
        const stream = answer.readableStreamBody;
        return {
          ...seenIn(answer),
          sizeBytes: answer.contentLength ?? 0,
          stream: stream instanceof Readable ? stream : Readable.from([]),
        };
      } catch (error) {
        if (isMissingBlob(error)) return undefined;
        if (blobStatusOf(error) === 416) return { tag: "", writers: "", sizeBytes: 0, stream: Readable.from([]) };
        throw error;
      }
    });
  }

  async function look(key: string): Promise<SeenObject | undefined> {
    return reported(blobFaultOf, reading(key), async () => {
      try {
        return seenIn(
          await withinTime(idleMs, (abortSignal) => container.getBlobClient(key).getProperties({ abortSignal })),
        );
      } catch (error) {
        if (isMissingBlob(error)) return undefined;
        throw error;
      }
    });
  }

  async function write(key: string, body: Uint8Array, { when, writers }: WriteOptions): Promise<string | undefined> {
    return reported(blobFaultOf, writing(key), async () => {
      try {
        const { etag = "" } = await withinTime(idleMs, (abortSignal) =>
          container.getBlockBlobClient(key).upload(body, body.length, {
            conditions: conditionsOf(when),
            metadata: { [WRITERS_FIELD]: writers },
            abortSignal,
          }),
        );
        return etag;
      } catch (error) {
        if (when !== undefined && isNotHeld(error)) return undefined;
        throw error;
      }
    });
  }

  async function upload(key: string, file: string, mark: string): Promise<void> {
    const { size } = await stat(file);
    const blockSize = Math.max(partBytes, Math.ceil(size / MAX_BLOCKS));
    await reported(blobFaultOf, writing(key), () =>
      container.getBlockBlobClient(key).uploadFile(file, {
        blockSize,
        maxSingleShotSize: blockSize,
        concurrency: BLOCKS_AT_ONCE,
        metadata: { [WRITERS_FIELD]: mark },
      }),
    );
  }

  async function pageAfter(prefix: string, continuationToken: string | undefined) {
    const from = {
      ...(continuationToken === undefined ? {} : { continuationToken }),
      ...(pageSize === undefined ? {} : { maxPageSize: pageSize }),
    };
    const page = await reported(blobFaultOf, blobAction(name, `list ${prefix}`, "Reader"), () =>
      withinTime(idleMs, (abortSignal) =>
        container.listBlobsFlat({ prefix, includeMetadata: true, abortSignal }).byPage(from).next(),
      ),
    );
    return page.value;
  }

  async function* list(prefix: string): AsyncIterable<ObjectEntry> {
    let token: string | undefined;
    do {
      const page = await pageAfter(prefix, token);
      for (const { name: key, properties, metadata } of page.segment.blobItems) {
        // Accounts with a hierarchical namespace list folders as empty blobs.
        if (metadata?.["hdi_isfolder"] === "true" || key.endsWith("/")) continue;
        const { contentLength = 0, lastModified, etag } = properties;
        yield { key, sizeBytes: contentLength, modifiedAt: lastModified, etag };
      }
      token = page.continuationToken === "" ? undefined : page.continuationToken;
    } while (token !== undefined);
  }

  return {
    name,
    open,
    look,
    write,
    upload,
    async remove(key) {
      await reported(blobFaultOf, blobAction(name, `remove ${key}`, "Contributor"), async () => {
        try {
          await withinTime(idleMs, (abortSignal) =>
            container.getBlobClient(key).delete({ deleteSnapshots: "include", abortSignal }),
          );
        } catch (error) {
          if (!isMissingBlob(error)) throw error;
        }
      });
    },
    list,
  };
}

function seenIn(answer: { etag?: string; metadata?: Record<string, string> }): SeenObject {
  return { tag: answer.etag ?? "", writers: answer.metadata?.[WRITERS_FIELD] ?? "" };
}

function conditionsOf(when: PutCondition | undefined): { ifNoneMatch?: string; ifMatch?: string } {
  if (when === undefined) return {};
  return "create" in when ? { ifNoneMatch: "*" } : { ifMatch: when.ifMatch };
}

/** Gives up a request that is not answered; what streams after its answer is not cut off. */
async function withinTime<T>(ms: number, request: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), ms);
  try {
    return await request(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}
