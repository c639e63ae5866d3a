import { stat } from "node:fs/promises";
import type { Lake, ObjectEntry } from "../../ports/object-store.ts";
import type { UsageCloud, UsageMeter } from "./usage.ts";

/** Entries that one page of a listing holds; each page is a request (S3 and GCS 1,000, Blob 5,000). */
const PAGE = 1000;

/** The cloud that bills for a lake's requests, by its location. */
export function cloudOfLake(location: string): UsageCloud {
  const scheme = /^([a-z0-9]+):/.exec(location)?.[1];
  if (scheme === "s3") return "aws";
  if (scheme === "azblob" || scheme === "azureblob") return "azure";
  return scheme === "gs" ? "gcp" : "local";
}

export interface MeteredLakeOptions {
  /** Where the lake lies. */
  cloud: UsageCloud;
  /** Where this process runs: what crosses from one to the other is egress of the sender. */
  here: UsageCloud;
  meter: UsageMeter;
}

/** Counts a lake's requests and bytes. Files served from a local copy are counted as read: the figure is an upper bound. */
export function createMeteredLake(lake: Lake, { cloud, here, meter }: MeteredLakeOptions): Lake {
  function read(bytesRead: number): void {
    meter.count(cloud, { reads: 1, bytesRead, egressBytes: here === cloud ? 0 : bytesRead });
  }

  function wrote(bytesWritten: number): void {
    meter.count(cloud, { writes: 1, bytesWritten });
    if (here !== cloud) meter.count(here, { egressBytes: bytesWritten });
  }

  async function* list(prefix: string): AsyncIterable<ObjectEntry> {
    let seen = 0;
    for await (const entry of lake.list(prefix)) {
      if (seen++ % PAGE === 0) meter.count(cloud, { writes: 1 });
      yield entry;
    }
    if (seen === 0) meter.count(cloud, { writes: 1 });
  }

  return {
    list,
    async get(key) {
      const found = await lake.get(key);
      read(found?.body.length ?? 0);
      return found;
    },
    put(key, body, when) {
      wrote(body.length);
      return lake.put(key, body, when);
    },
    delete: (key) => lake.delete(key),
    async putFile(key, path) {
      wrote((await stat(path)).size);
      return lake.putFile(key, path);
    },
    publish(key, body) {
      wrote(body.length);
      return lake.publish(key, body);
    },
    async getFile(key) {
      const path = await lake.getFile(key);
      read((await stat(path)).size);
      return path;
    },
    async getRange(key, offset, length) {
      const bytes = await lake.getRange(key, offset, length);
      read(bytes?.length ?? 0);
      return bytes;
    },
  };
}
