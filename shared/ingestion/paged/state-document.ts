import type * as z from "zod";
import { GenOpsError, messageOf } from "../../core/errors.ts";
import { canonicalJson } from "../../core/json.ts";
import type { ObjectStore } from "../../ports/object-store.ts";

/** Somebody else's write landed before each of so many of ours: something is wrong. */
const MAX_ATTEMPTS = 100;

/** Reads a JSON document that a source keeps between runs. One that does not parse is an error that names its key, never "not there". */
export async function readState<T>(
  store: ObjectStore,
  key: string,
  schema: z.ZodType<T>,
): Promise<{ value: T; etag: string } | undefined> {
  const stored = await store.get(key);
  if (stored === undefined) return undefined;
  try {
    return { value: schema.parse(JSON.parse(new TextDecoder().decode(stored.body))), etag: stored.etag };
  } catch (error) {
    throw new GenOpsError("internal", `a stored document cannot be read: ${messageOf(error)}`, {
      place: { file: key },
      cause: error,
    });
  }
}

/**
 * Changes a document by compare-and-swap until it lands. `change` may run several times and must bear its own earlier effect: a write
 * whose answer was lost is seen again. Giving back what it was given writes nothing.
 */
export async function updateState<T>(
  store: ObjectStore,
  key: string,
  schema: z.ZodType<T>,
  change: (value: T | undefined) => T,
): Promise<T> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const read = await readState(store, key, schema);
    const next = change(read?.value);
    if (next === read?.value) return next;
    const when = read === undefined ? ({ create: true } as const) : { ifMatch: read.etag };
    if ((await store.put(key, encodeState(next), when)).ok) return next;
  }
  throw new GenOpsError("conflict", `document ${key} is changed by others all the time`, { retryable: true });
}

export function encodeState(value: unknown): Uint8Array {
  return new TextEncoder().encode(canonicalJson(value));
}
