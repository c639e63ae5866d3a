import { createWriteStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { GenOpsError } from "../../core/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { OpenedObject, ReadOptions, RemoteObjects } from "./remote-objects.ts";
import { isNetworkError } from "./store-error.ts";
import { watchStream } from "./watch-stream.ts";

export interface Reading {
  remote: RemoteObjects;
  clock: Pick<Clock, "sleep">;
  /** A body of which nothing comes for so long is asked for again. */
  idleMs?: number | undefined;
}

/** How often the connection may break within one object. */
const BREAKS = 5;
const DEFAULT_IDLE_MS = 30_000;

/** A small object as it stands, or some bytes of it. When the connection breaks half-way it is read anew, whatever version it has by then. */
export async function readBytes(
  reading: Reading,
  key: string,
  range: ReadOptions = {},
): Promise<{ body: Uint8Array; tag: string } | undefined> {
  for (let breaks = 0; ; breaks++) {
    const opened = await reading.remote.open(key, range);
    if (opened === undefined) return undefined;
    const body = await collect(reading, opened).catch(orBroken(reading, key));
    if (body?.length === opened.sizeBytes) return { body, tag: opened.tag };
    if (breaks >= BREAKS) throw broken(reading, key);
  }
}

/** An object of any size in a file that is there only when it is complete, and holds one version of the object. */
export async function readToFile(reading: Reading, key: string, file: string): Promise<void> {
  const partial = `${file}.partial`;
  await mkdir(path.dirname(file), { recursive: true });
  try {
    await pipeline(readOneVersion(reading, key), createWriteStream(partial));
    await rename(partial, file);
  } finally {
    await rm(partial, { force: true });
  }
}

/** Every byte of one version, once and in order: a connection that breaks is taken up where it broke. */
async function* readOneVersion(reading: Reading, key: string): AsyncGenerator<Uint8Array> {
  const { remote, clock, idleMs = DEFAULT_IDLE_MS } = reading;
  const first = await remote.open(key);
  if (first === undefined) throw new GenOpsError("unavailable", `${remote.name}: there is no ${key}`);
  let { stream } = first;
  let done = 0;
  for (let breaks = 0; ; breaks++) {
    try {
      for await (const chunk of watchStream(stream, idleMs, clock)) {
        done += chunk.length;
        yield chunk;
      }
    } catch (error) {
      orBroken(reading, key)(error);
    }
    if (done === first.sizeBytes) return;
    if (breaks >= BREAKS || done > first.sizeBytes) throw broken(reading, key);
    const rest = await remote.open(key, { fromByte: done, tag: first.tag });
    if (rest === undefined)
      throw new GenOpsError("unavailable", `${remote.name}: ${key} was removed while it was read`);
    stream = rest.stream;
  }
}

async function collect({ clock, idleMs = DEFAULT_IDLE_MS }: Reading, { stream }: OpenedObject): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of watchStream(stream, idleMs, clock)) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

/** Lets a broken connection pass; everything else that goes wrong while reading is told. */
function orBroken(reading: Reading, key: string): (error: unknown) => undefined {
  return (error) => {
    if (!isNetworkError(error)) throw broken(reading, key, error);
    return undefined;
  };
}

function broken({ remote }: Reading, key: string, cause?: unknown): GenOpsError {
  const why = cause instanceof Error ? cause.message : "the connection breaks again and again";
  return new GenOpsError("unavailable", `${remote.name}: cannot read ${key} to its end: ${why}`, { cause });
}
