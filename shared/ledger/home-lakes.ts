import { GenOpsError } from "../core/errors.ts";
import type { Lake, ObjectEntry } from "../ports/object-store.ts";

/** Lakes that rows stay in (L10), by name, and which source's rows live where. */
export interface HomeLakes {
  /** The lake that holds this source's rows; undefined: the primary one. */
  homeOf(source: string): string | undefined;
  /** Opens a home; called at most once per name. */
  open(name: string): Promise<Lake>;
  /** May this process read and write the rows of that home? */
  isWithinReach(name: string): boolean;
  /** May it read and write the rows of this source in the primary lake? */
  isPrimaryWithinReach(source: string): boolean;
  names: readonly string[];
}

/** Rows, and the index that tells other tools which of them are current, belong to the bill's own cloud. */
const AT_HOME = /^(?:rows|index)\/source=([^/]+)\//;
/** The source that a key of a row or index file belongs to. */
export function sourceAtHome(key: string): string | undefined {
  return AT_HOME.exec(key)?.[1];
}

const HOME_FOLDERS = ["rows/", "index/"] as const;

function outOfReach(source: string, place: string): GenOpsError {
  return new GenOpsError("refused", `the rows of ${source} stay in ${place} and are not read from here`, {
    place: { source },
  });
}

/**
 * One lake out of several: state, heads and cubes in the primary, rows in the lake of their source (L10). Line items cross no border:
 * reading those of a lake that is not within reach is `refused`, and listing passes over such a home.
 */
export function createRoutedLake(primary: Lake, homes: HomeLakes): Lake {
  const opened = new Map<string, Promise<Lake>>();

  function openHome(name: string): Promise<Lake> {
    const known = opened.get(name);
    if (known !== undefined) return known;
    const opening = homes.open(name);
    opened.set(name, opening);
    opening.catch(() => opened.delete(name));
    return opening;
  }

  async function lakeOf(key: string): Promise<Lake> {
    const source = sourceAtHome(key);
    if (source === undefined) return primary;
    const home = homes.homeOf(source);
    if (home === undefined) {
      if (homes.isPrimaryWithinReach(source)) return primary;
      throw outOfReach(source, "the primary lake");
    }
    if (!homes.isWithinReach(home)) throw outOfReach(source, `the lake "${home}"`);
    return openHome(home);
  }

  async function* list(prefix: string): AsyncIterable<ObjectEntry> {
    const touchesHomes = HOME_FOLDERS.some((folder) => folder.startsWith(prefix) || prefix.startsWith(folder));
    const near = touchesHomes ? homes.names.filter((name) => homes.isWithinReach(name)) : [];
    if (!touchesHomes) return yield* primary.list(prefix);
    const entries = await ownEntries(undefined, prefix);
    for (const name of near) entries.push(...(await ownEntries(name, prefix)));
    yield* entries.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** A lake (undefined: the primary) may hold the rows of sources that have moved since: they are not its own any more. */
  async function ownEntries(name: string | undefined, prefix: string): Promise<ObjectEntry[]> {
    const lake = name === undefined ? primary : await openHome(name);
    const entries = await Array.fromAsync(lake.list(prefix));
    return entries.filter(({ key }) => homes.homeOf(sourceAtHome(key) ?? "") === name);
  }

  return {
    list,
    get: async (key) => (await lakeOf(key)).get(key),
    put: async (key, body, when) => (await lakeOf(key)).put(key, body, when),
    delete: async (key) => (await lakeOf(key)).delete(key),
    putFile: async (key, path) => (await lakeOf(key)).putFile(key, path),
    publish: async (key, body) => (await lakeOf(key)).publish(key, body),
    getFile: async (key) => (await lakeOf(key)).getFile(key),
    getRange: async (key, offset, length) => (await lakeOf(key)).getRange(key, offset, length),
  };
}
