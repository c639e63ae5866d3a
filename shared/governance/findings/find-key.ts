import { GenOpsError } from "../../core/errors.ts";
import { type FindingDeps, listFindings } from "./finding-store.ts";

/** The digits at a key's end: they tell findings apart and fit into a table. */
export function shortKey(key: string): string {
  return /-([0-9a-f]{12})$/.exec(key)?.[1] ?? key;
}

/** The whole key of the one finding that is meant: by its key, the beginning of it, or the digits that tables show. `usage` if none or several are. */
export async function findKey(deps: Pick<FindingDeps, "store">, given: string): Promise<string> {
  const keys = (await listFindings(deps)).map(({ key }) => key);
  if (keys.includes(given)) return given;
  const [match, ...others] = keys.filter((key) => shortKey(key) === given || (given !== "" && key.startsWith(given)));
  if (match === undefined) throw new GenOpsError("usage", `there is no finding "${given}"; see genops findings`);
  if (others.length > 0) throw new GenOpsError("usage", `"${given}" may be any of ${[match, ...others].join(", ")}`);
  return match;
}
