import { createHash } from "node:crypto";

/** The tag of a representation: equal bodies have equal tags. */
export function etagOf(body: string): string {
  return `"${createHash("sha256").update(body).digest("base64url").slice(0, 27)}"`;
}

/** Whether `If-Match` or `If-None-Match` names the tag. Weak tags count for `If-None-Match` alone (RFC 9110 §13.1). */
export function namesTag(header: string, tag: string, comparison: "strong" | "weak"): boolean {
  if (header.trim() === "*") return true;
  const tags = header.split(",").map((each) => each.trim());
  return tags.some((each) => (comparison === "weak" ? each.replace(/^W\//, "") : each) === tag);
}
