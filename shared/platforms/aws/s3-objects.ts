import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { type SeenObject, WRITERS_FIELD } from "../../ledger/storage/put-when.ts";
import type { OpenedObject, ReadOptions, RemoteObjects, WriteOptions } from "../../ledger/storage/remote-objects.ts";
import { retry } from "../../ledger/storage/retry.ts";
import { reported } from "../../ledger/storage/store-error.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ObjectEntry, PutCondition } from "../../ports/object-store.ts";
import { isCollision, isMissingKey, s3Action, s3FaultOf, s3StatusOf } from "./s3-errors.ts";

export interface S3ObjectsOptions {
  client: S3Client;
  bucket: string;
  clock: Pick<Clock, "sleep">;
  /** Bytes of a part; S3 takes none below 5 MiB but the last, and 10,000 at most. */
  partBytes?: number;
  /** Objects per page of a listing, at most 1000. */
  pageSize?: number;
}

const MAX_PARTS = 9_000;
const DEFAULT_PART_BYTES = 8 * 1024 ** 2;
/** Parts in memory at once. */
const PARTS_AT_ONCE = 3;
/** What the client repeats by itself does not count here. */
const COLLISIONS = { attempts: 10, firstPauseMs: 20, isWorthIt: isCollision };

/** A bucket in S3. */
export function createS3Objects(options: S3ObjectsOptions): RemoteObjects {
  const { client, bucket, clock, pageSize } = options;
  const object = (key: string) => `arn:aws:s3:::${bucket}/${key}`;
  // Without s3:ListBucket, S3 answers 403 for an object that does not exist.
  const reading = (key: string) =>
    s3Action(bucket, `read ${key}`, `s3:GetObject on ${object(key)}`, `s3:ListBucket on arn:aws:s3:::${bucket}`);
  const writing = (key: string) => s3Action(bucket, `write ${key}`, `s3:PutObject on ${object(key)}`);

  async function open(key: string, { fromByte = 0, toByte, tag }: ReadOptions = {}): Promise<OpenedObject | undefined> {
    const ranged = fromByte > 0 || toByte !== undefined;
    const command = new GetObjectCommand({
      Bucket: bucket,
      Key: key,
      Range: ranged ? `bytes=${fromByte}-${toByte ?? ""}` : undefined,
      IfMatch: tag === undefined ? undefined : etagIn(tag),
    });
    return reported(s3FaultOf, reading(key), async () => {
      try {
        const { Body, ContentLength = 0, ...answer } = await client.send(command);
        return {
          ...seenIn(answer),
          sizeBytes: ContentLength,
          stream: Body instanceof Readable ? Body : Readable.from([]),
        };
      } catch (error) {
        if (isMissingKey(error)) return undefined;
        if (s3StatusOf(error) === 416) return { tag: "", writers: "", sizeBytes: 0, stream: Readable.from([]) };
        throw error;
      }
    });
  }

  async function look(key: string): Promise<SeenObject | undefined> {
    return reported(s3FaultOf, reading(key), async () => {
      try {
        return seenIn(await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key })));
      } catch (error) {
        if (isMissingKey(error)) return undefined;
        throw error;
      }
    });
  }

  async function write(key: string, body: Uint8Array, { when, writers }: WriteOptions): Promise<string | undefined> {
    const command = new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: body,
      Metadata: { [WRITERS_FIELD]: writers },
      ...conditionOf(when),
    });
    return reported(s3FaultOf, writing(key), async () => {
      try {
        const answer = await retry(clock, COLLISIONS, () => client.send(command));
        return seenIn({ ...answer, Metadata: { [WRITERS_FIELD]: writers } }).tag;
      } catch (error) {
        if (isNotHeld(error, when)) return undefined;
        throw error;
      }
    });
  }

  async function upload(key: string, file: string, mark: string): Promise<void> {
    const { size } = await stat(file);
    const work = new Upload({
      client,
      params: { Bucket: bucket, Key: key, Body: createReadStream(file), Metadata: { [WRITERS_FIELD]: mark } },
      partSize: Math.max(options.partBytes ?? DEFAULT_PART_BYTES, Math.ceil(size / MAX_PARTS)),
      queueSize: PARTS_AT_ONCE,
    });
    await reported(s3FaultOf, writing(key), async () => {
      try {
        await work.done();
      } catch (error) {
        // The answer to the completion was lost, and its repetition finds the upload gone.
        const landed = s3StatusOf(error) === 404 && (await look(key))?.writers === mark;
        if (!landed) throw error;
      }
    });
  }

  async function* list(prefix: string): AsyncIterable<ObjectEntry> {
    const action = s3Action(bucket, `list ${prefix}`, `s3:ListBucket on arn:aws:s3:::${bucket}`);
    for (let token: string | undefined; ; ) {
      const page = await reported(s3FaultOf, action, () =>
        client.send(
          new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token, MaxKeys: pageSize }),
        ),
      );
      for (const { Key = "", Size = 0, LastModified = new Date(0), ETag = "" } of page.Contents ?? []) {
        if (!Key.endsWith("/")) yield { key: Key, sizeBytes: Size, modifiedAt: LastModified, etag: ETag };
      }
      token = page.NextContinuationToken;
      if (token === undefined) return;
    }
  }

  return {
    name: `s3://${bucket}`,
    open,
    look,
    write,
    upload,
    async remove(key) {
      const action = s3Action(bucket, `remove ${key}`, `s3:DeleteObject on ${object(key)}`);
      await reported(s3FaultOf, action, () => client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key })));
    },
    list,
  };
}

/** S3's ETag is a hash of the body; with the mark of the writer it changes with every write. */
function seenIn({ ETag = "", Metadata }: Pick<HeadObjectCommandOutput, "ETag" | "Metadata">): SeenObject {
  const writers = Metadata?.[WRITERS_FIELD] ?? "";
  return { tag: `${ETag} ${writers.split(" ")[0]}`, writers };
}

function etagIn(tag: string): string {
  return tag.split(" ")[0] ?? "";
}

function conditionOf(when: PutCondition | undefined): { IfNoneMatch?: "*"; IfMatch?: string } {
  if (when === undefined) return {};
  return "create" in when ? { IfNoneMatch: "*" } : { IfMatch: etagIn(when.ifMatch) };
}

/** 412, and for a version that should be replaced and is gone, 404. */
function isNotHeld(error: unknown, when: PutCondition | undefined): boolean {
  if (when === undefined) return false;
  return s3StatusOf(error) === 412 || ("ifMatch" in when && isMissingKey(error));
}
