import type { LeftOut } from "../types.ts";

/** So many subjects with one reason are listed one by one. */
const LISTED = 20;
const NAMED = 5;

/** One entry per subject and reason; a long list with the same reason becomes one entry that counts. */
export function summarized(leftOut: readonly LeftOut[]): LeftOut[] {
  const groups = Map.groupBy(leftOut, ({ policy, reason, hint }) => JSON.stringify([policy, reason, hint]));
  return [...groups.values()].flatMap((group) => {
    const bySubject = new Map(group.map((each) => [each.subject, each]));
    const [first] = group;
    if (bySubject.size <= LISTED || first === undefined) return [...bySubject.values()];
    const named = [...bySubject.keys()].slice(0, NAMED).join(", ");
    return [{ ...first, subject: `${named} and ${bySubject.size - NAMED} more` }];
  });
}
