import path from "node:path";
import { GenOpsError } from "../core/errors.ts";
import { createLocalCopies, type LocalCopies } from "../ledger/storage/local-copies.ts";
import { createRemoteLake } from "../ledger/storage/remote-lake.ts";
import { createFileLake } from "../platforms/local/file-lake.ts";
import { createSystemClock } from "../platforms/local/system.ts";
import { createTempFolder } from "../platforms/local/temp-folders.ts";
import type { Lake } from "../ports/object-store.ts";
import type { Randomness } from "../ports/randomness.ts";
import { openRemoteObjects, type StorageContext } from "./open-remote-objects.ts";

export interface OpenLakeContext extends StorageContext {
  /** Folder that a relative `file:` location refers to. */
  baseDir: string;
  randomness: Randomness;
}

/** Opens a lake by its location: `file:./lake`, or a folder of a bucket. */
export async function openLake(location: string, context: OpenLakeContext): Promise<Lake> {
  const place = await openRemoteObjects(location, context);
  if (place === undefined) return openFileLake(location, context);
  const prefix = place.key.replace(/\/+$/, "");
  const copies = copiesOf(`${place.remote.name}/${prefix}`);
  const { randomness, clock } = context;
  return createRemoteLake({ remote: place.remote, clock, prefix, randomness, copies });
}

function openFileLake(location: string, { baseDir, randomness }: OpenLakeContext): Lake {
  const match = /^file:(?:\/\/)?(.+)$/.exec(location);
  if (match?.[1] !== undefined) return createFileLake(path.resolve(baseDir, match[1]), randomness);
  throw new GenOpsError(
    "config",
    `lake "${location}": expected file:./lake, s3://bucket/prefix, azblob://account/container/prefix or gs://bucket/prefix`,
    { place: { field: "lake" } },
  );
}

const known = new Map<string, LocalCopies>();

/** A function opens its lake again and again; what it has fetched from it stays good for as long as the process lives. */
function copiesOf(lake: string): LocalCopies {
  const copies =
    known.get(lake) ?? createLocalCopies({ createFolder: () => createTempFolder("lake"), clock: createSystemClock() });
  known.set(lake, copies);
  return copies;
}
