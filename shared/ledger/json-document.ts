import * as z from "zod";
import { GenOpsError, messageOf } from "../core/errors.ts";
import { canonicalJson } from "../core/json.ts";
import type { ObjectStore } from "../ports/object-store.ts";

/** A small JSON document as read, with the tag that a conditional write refers to. */
export interface JsonDocument<T> {
  value: T;
  etag: string;
}

/** Reads and validates one document. A document that does not parse is an error that names its key, never "not there". */
export async function readDocument<T>(
  store: ObjectStore,
  key: string,
  schema: z.ZodType<T>,
): Promise<JsonDocument<T> | undefined> {
  const stored = await store.get(key);
  if (stored === undefined) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(stored.body));
  } catch (cause) {
    throw unreadable(key, messageOf(cause), undefined, cause);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { value: parsed.data, etag: stored.etag };
  const issue = parsed.error.issues[0];
  throw unreadable(key, issue?.message ?? "invalid", issue?.path.join("."), parsed.error);
}

function unreadable(key: string, why: string, field: string | undefined, cause: unknown): GenOpsError {
  const place = field === undefined || field === "" ? { file: key } : { file: key, field };
  return new GenOpsError("internal", `a stored document cannot be read: ${why}`, { place, cause });
}

/** The bytes of a document; codecs of the schema (decimals) are turned back into JSON. */
export function encodeDocument<T>(schema: z.ZodType<T>, value: T): Uint8Array {
  return new TextEncoder().encode(canonicalJson(z.encode(schema, value)));
}

/** Writes over exactly the version that was read (`undefined`: only if there is none). False when somebody else was first. */
export async function writeDocument<T>(
  store: ObjectStore,
  key: string,
  schema: z.ZodType<T>,
  value: T,
  read: JsonDocument<T> | undefined,
): Promise<boolean> {
  const when = read === undefined ? ({ create: true } as const) : { ifMatch: read.etag };
  return (await store.put(key, encodeDocument(schema, value), when)).ok;
}

/**
 * Changes a document by compare-and-swap, again and again until it lands. `change` may run several times and must not have effects;
 * when it gives back `undefined` or what it was given, nothing is written. Returns the document as it stands then.
 */
export async function updateDocument<T>(
  store: ObjectStore,
  key: string,
  schema: z.ZodType<T>,
  change: (value: T | undefined) => T | undefined,
): Promise<T | undefined> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const read = await readDocument(store, key, schema);
    const next = change(read?.value);
    if (next === undefined || next === read?.value) return read?.value;
    if (await writeDocument(store, key, schema, next, read)) return next;
  }
  throw new GenOpsError("conflict", `document ${key} is changed by others all the time`, { retryable: true });
}

/** Every lost attempt means that somebody else's write landed, so this many losses in a row mean something is wrong. */
const MAX_ATTEMPTS = 100;
