import path from "node:path";
import { GenOpsError } from "../../core/errors.ts";

/** A place in a bucket or container. */
export interface BucketUrl {
  /** `s3://bucket/`, `azblob://account/container/` or `gs://bucket/`: spelled alike whoever wrote it. */
  root: string;
  /** What follows; empty for the bucket itself. */
  key: string;
}

/** What one of these schemes begins, or `undefined`: a path, or something else. */
export function parseBucketUrl(location: string): BucketUrl | undefined {
  const match = /^([a-z][a-z0-9+.-]+):\/\/(.*)$/is.exec(location);
  const scheme = match?.[1]?.toLowerCase();
  const rest = match?.[2] ?? "";
  if (scheme === "s3" || scheme === "gs") return split(location, scheme, rest, 1);
  if (scheme === "azblob" || scheme === "azureblob") return split(location, "azblob", rest, 2);
  return undefined;
}

function split(location: string, scheme: string, rest: string, names: number): BucketUrl {
  const parts = rest.split("/");
  const bucket = parts.slice(0, names);
  if (bucket.length < names || bucket.includes("")) {
    const form = names === 2 ? "azblob://account/container/prefix" : `${scheme}://bucket/prefix`;
    throw new GenOpsError("config", `location "${location}" is not of the form ${form}`);
  }
  return { root: `${scheme}://${bucket.join("/").toLowerCase()}/`, key: parts.slice(names).join("/") };
}

/** Whether a location has to be matched against a listing. */
export function isGlob(key: string): boolean {
  return /[*?[{]/.test(key);
}

/** Whether reading a source's location would come across this object: the location is it, holds it, or matches it. */
export function coversObject(location: string, object: string): boolean {
  const place = parseBucketUrl(location);
  const found = parseBucketUrl(object);
  if (place === undefined || found === undefined || place.root !== found.root) return false;
  const { key } = place;
  if (isGlob(key)) return path.posix.matchesGlob(found.key, key);
  return key === "" || found.key === key || found.key.startsWith(key.endsWith("/") ? key : `${key}/`);
}
