import { GenOpsError } from "../../core/errors.ts";
import type { FindingItem } from "./documents.ts";

/** A page of findings, the newest first; `next` is the cursor of the following page. */
export interface Page {
  findings: readonly FindingItem[];
  next?: string;
}

/**
 * The page after `cursor`. The cursor names the last finding that was seen, not a number of rows, so findings that open or resolve
 * between two calls neither repeat nor hide another one. A cursor that is none throws `usage`.
 */
export function pageOf(findings: readonly FindingItem[], limit: number, cursor: string | undefined): Page {
  const sorted = [...findings].sort((a, b) => compare(place(a), place(b)));
  const after = cursor === undefined ? undefined : decode(cursor);
  const rest = after === undefined ? sorted : sorted.filter((finding) => compare(place(finding), after) > 0);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  return rest.length > limit && last !== undefined ? { findings: page, next: encode(place(last)) } : { findings: page };
}

type Place = readonly [openedAt: string, key: string];

function place(finding: FindingItem): Place {
  return [finding.openedAt, finding.key];
}

function compare([timeA, keyA]: Place, [timeB, keyB]: Place): number {
  if (timeA !== timeB) return timeA > timeB ? -1 : 1;
  return keyA === keyB ? 0 : keyA < keyB ? -1 : 1;
}

function encode(value: Place): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function decode(cursor: string): Place {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    if (Array.isArray(value) && value.length === 2) return [String(value[0]), String(value[1])];
  } catch (error) {
    throw new GenOpsError("usage", "not a cursor of this API", { place: { field: "cursor" }, cause: error });
  }
  throw new GenOpsError("usage", "not a cursor of this API", { place: { field: "cursor" } });
}
