import type { KubeObject } from "../../connections/types.ts";
import { ABSENT, readField, sameValue } from "../fields.ts";
import type { Hold, Intent } from "../types.ts";
import { expected, isWanted, type Values } from "./hold.ts";
import { ownerOf } from "./managers.ts";
import { type Mark, markedValue, readMark } from "./marks.ts";

/** How an object's fields compare with what we want of them. */
export interface Comparison {
  /** Has another value than wanted, and one that we know: may be written. */
  toWrite: readonly string[];
  /** Somebody else changed it after us, and a layer still wants it. */
  reverted: readonly string[];
  /** Somebody changed it between the plan and our first write, or set the very value that we wanted. */
  takenBefore: readonly string[];
  /** Somebody else changed it, and nobody wants it any more: it stays as it is. */
  kept: readonly string[];
}

export function compare(hold: Hold, live: KubeObject, values: Values): Comparison {
  const mark = readMark(live);
  const result = {
    toWrite: [] as string[],
    reverted: [] as string[],
    takenBefore: [] as string[],
    kept: [] as string[],
  };
  for (const pointer of Object.keys(hold.originals)) {
    const kind = compareField(hold, live, mark, pointer, values);
    if (kind !== "done") result[kind].push(pointer);
  }
  return result;
}

function compareField(
  hold: Hold,
  live: KubeObject,
  mark: Mark | undefined,
  pointer: string,
  values: Values,
): keyof Comparison | "done" {
  const current = readField(live, pointer);
  const want = values[pointer] ?? ABSENT;
  const named = isWanted(hold, pointer);
  const written = hold.written[pointer];
  const marked = markedValue(mark, pointer);
  if (sameValue(current, want, pointer)) {
    const somebodyElses = named && written === undefined && marked === undefined && hold.via === "patch";
    return somebodyElses && !sameValue(want, hold.originals[pointer] ?? ABSENT, pointer) ? "takenBefore" : "done";
  }
  if (sameValue(current, expected(hold, pointer), pointer)) return "toWrite";
  if (marked !== undefined && sameValue(current, marked, pointer)) return "toWrite";
  if (!named) return "kept";
  return written === undefined ? "takenBefore" : "reverted";
}

/**
 * Did this announced write take effect? The mark that it wrote says so; where it carries none (scale), or lost it, the values and their owner.
 */
export function hasLanded(hold: Hold, intent: Intent, live: KubeObject): boolean {
  if (readMark(live)?.id === intent.id) return true;
  if (live.metadata.resourceVersion === intent.resourceVersion) return false;
  const changed = Object.keys(intent.values).filter(
    (pointer) => !sameValue(intent.values[pointer] ?? ABSENT, expected(hold, pointer), pointer),
  );
  return (
    changed.length > 0 &&
    changed.every((pointer) => {
      const owner = ownerOf(live, pointer)?.kind;
      const ours = owner === "us" || (owner === undefined && hold.via === "scale");
      return ours && sameValue(readField(live, pointer), intent.values[pointer] ?? ABSENT, pointer);
    })
  );
}
