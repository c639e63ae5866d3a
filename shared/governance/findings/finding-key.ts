import { createHash } from "node:crypto";
import type { Observation } from "../../core/finding.ts";
import { canonicalJson } from "../../core/json.ts";

/** The parts of an observation that say which finding it is. */
export type FindingIdentity = Pick<Observation, "kind" | "scope" | "period" | "rule" | "subject" | "level">;

const MAX_SUBJECT = 40;

/**
 * `budget-team-ml-threshold-80-actual-notify-2024-09-01-1a2b3c4d5e6f`: readable words, then 12 hex digits of the identity's SHA-256.
 * The order of a scope's dimensions and values does not matter.
 */
export function findingKey({ kind, scope, period, rule, subject, level }: FindingIdentity): string {
  const sortedScope = Object.fromEntries(
    Object.entries(scope).map(([name, values]) => [name, [...new Set(values)].sort()]),
  );
  const identity = canonicalJson({ kind, scope: sortedScope, period, rule, subject, level });
  const digest = createHash("sha256").update(identity).digest("hex").slice(0, 12);
  return [kind, slug(subject).slice(0, MAX_SUBJECT), slug(rule), period.start, digest]
    .filter((part) => part !== "")
    .join("-");
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}
