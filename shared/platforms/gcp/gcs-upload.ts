import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import type { File } from "@google-cloud/storage";
import * as z from "zod";
import { isPassingStatus } from "../../ledger/storage/store-error.ts";
import type { Clock } from "../../ports/clock.ts";

export interface GcsUpload {
  file: File;
  source: string;
  sizeBytes: number;
  /** A multiple of 256 KiB. */
  partBytes: number;
  metadata: Record<string, string>;
  clock: Pick<Clock, "sleep">;
}

/** A session that cannot be taken up: the upload has to begin anew. */
export class LostSessionError extends Error {
  constructor(why: string) {
    super(`the upload has to begin anew: ${why}`);
    this.name = "LostSessionError";
  }
}

/** Requests of one session that may fail. */
const FAILURES = 8;
const PART_WITHIN_MS = 300_000;

/**
 * Uploads a file in parts through a resumable session, which makes it an object when the last part has come and its hash is right. The
 * client opens the session and we send the parts: the client's own stream takes the answer "complete", which it gets when the answer to
 * the last part was lost, for the loss of all bytes, and throws where nobody can catch it.
 */
export async function uploadInParts(upload: GcsUpload): Promise<void> {
  const { file, source, sizeBytes, partBytes, metadata, clock } = upload;
  const [session] = await file.createResumableUpload({ metadata: { metadata, md5Hash: await md5Of(source) } });
  const handle = await open(source, "r");
  try {
    let failures = 0;
    for (let at = 0; at < sizeBytes; ) {
      const part = await readPart(handle, at, Math.min(partBytes, sizeBytes - at));
      let arrived = await send(session, `bytes ${at}-${at + part.length - 1}/${sizeBytes}`, sizeBytes, part);
      while (arrived === undefined) {
        if (++failures > FAILURES) throw new LostSessionError("it failed again and again");
        await clock.sleep(250 * 2 ** failures);
        arrived = await send(session, `bytes */${sizeBytes}`, sizeBytes);
      }
      at = arrived;
    }
  } finally {
    await handle.close();
  }
}

const Completed = z.object({ size: z.coerce.number() });

/** Sends a part, or asks. How many bytes have arrived, or undefined: the same again may succeed. */
async function send(session: string, range: string, sizeBytes: number, part?: Uint8Array): Promise<number | undefined> {
  let response: Response;
  try {
    response = await fetch(session, {
      method: "PUT",
      headers: { "content-range": range },
      body: part === undefined ? null : new Uint8Array(part),
      redirect: "manual",
      signal: AbortSignal.timeout(PART_WITHIN_MS),
    });
  } catch {
    return undefined;
  }
  const text = await response.text().catch(() => "");
  if (response.status === 308) return arrivedIn(response.headers.get("range"));
  if (isPassingStatus(response.status)) return undefined;
  if (response.status === 404 || response.status === 410) throw new LostSessionError(`the store forgot it`);
  if (!response.ok) throw Object.assign(new Error(text.slice(0, 500)), { code: response.status });
  const { size } = Completed.parse(JSON.parse(text));
  if (size !== sizeBytes) throw new LostSessionError(`${size} of ${sizeBytes} bytes became an object`);
  return size;
}

/** `bytes=0-524287`; absent when nothing has arrived. */
function arrivedIn(range: string | null): number {
  const last = /-(\d+)$/.exec(range ?? "")?.[1];
  return last === undefined ? 0 : Number(last) + 1;
}

async function readPart(handle: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const { buffer, bytesRead } = await handle.read(new Uint8Array(length), 0, length, offset);
  return buffer.subarray(0, bytesRead);
}

async function md5Of(file: string): Promise<string> {
  const hash = createHash("md5");
  await pipeline(createReadStream(file), hash);
  return hash.digest("base64");
}
