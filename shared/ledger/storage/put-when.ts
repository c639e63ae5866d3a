import type { PutCondition, PutResult } from "../../ports/object-store.ts";

/** How many writers an object remembers: more than can have written between one writer's attempt and its second look. */
const REMEMBERED = 24;

/** An object as a look at its metadata shows it. */
export interface SeenObject {
  /** Changes with every write. */
  tag: string;
  /** The marks of its last writers, the newest first (`WRITERS_FIELD`). */
  writers: string;
}

export interface ConditionalTarget {
  look(): Promise<SeenObject | undefined>;
  /** Writes under the condition, with `writers` as metadata. The new tag, or undefined when the store says that the condition does not hold. */
  write(writers: string): Promise<string | undefined>;
}

/** Name of the metadata entry; lower-case letters only, which every store accepts. */
export const WRITERS_FIELD = "genopswriters";

/**
 * A conditional write that tells "somebody else was first" from "my own write landed, but the answer was lost": SDKs repeat a request
 * whose answer they did not get, and the second one finds the first one's object (aws-sdk-java-v2#6580). Each writer leaves a mark of
 * its own in the object's metadata and hands on the marks before it, so that it finds itself even when others have written since.
 */
export async function putWhen(when: PutCondition, mark: string, target: ConditionalTarget): Promise<PutResult> {
  const before = "ifMatch" in when ? await target.look() : undefined;
  if ("ifMatch" in when && before?.tag !== when.ifMatch) return { ok: false };
  const tag = await target.write(marks(mark, before?.writers));
  if (tag !== undefined) return { ok: true, etag: tag };
  const now = await target.look();
  return now?.writers.split(" ").includes(mark) === true
    ? { ok: true, etag: now.writers.startsWith(mark) ? now.tag : OVERTAKEN }
    : { ok: false };
}

/** Stands for a version that was ours and is no longer there: no later write over it can succeed, as it should be. */
const OVERTAKEN = "overtaken";

function marks(mark: string, before: string | undefined): string {
  return [mark, ...(before ?? "").split(" ")]
    .filter((each) => each !== "")
    .slice(0, REMEMBERED)
    .join(" ");
}
