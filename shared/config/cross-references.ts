import type { ConfigFile } from "./config-file.ts";
import type { Path } from "./problems.ts";

/** What one part of the file says about another and cannot be so: a message and the field that is wrong. */
export function wrongReferences({
  sources = [],
  lakes = {},
  reconcile,
}: ConfigFile): { message: string; path: Path }[] {
  const ids = sources.map(({ id }) => id);
  const against = (reconcile?.against ?? []).map(({ source }) => source);
  return [
    ...sources.map((source, index) => ({ message: whyNoLake(source, lakes), path: ["sources", index, "lake"] })),
    ...against.map((source, index) => ({
      message: whyNotCompared(source, ids, against.slice(0, index)),
      path: ["reconcile", "against", index, "source"],
    })),
  ].flatMap(({ message, path }) => (message === undefined ? [] : [{ message, path }]));
}

type Source = NonNullable<ConfigFile["sources"]>[number];

/** A source can only leave its rows in a lake that is described. */
function whyNoLake({ type, lake }: Source, lakes: NonNullable<ConfigFile["lakes"]>): string | undefined {
  if (lake === undefined) return undefined;
  if (type === "opencost")
    return "expected no lake: shares are read wherever costs are, so they are kept in the primary lake";
  return Object.hasOwn(lakes, lake)
    ? undefined
    : `expected a name in lakes: ${Object.keys(lakes).join(", ") || "there are none"}`;
}

function whyNotCompared(source: string, ids: readonly string[], before: readonly string[]): string | undefined {
  if (!ids.includes(source)) return `expected the id of a source: ${ids.join(", ") || "there are none"}`;
  return before.includes(source) ? "expected one independent total for each source" : undefined;
}
