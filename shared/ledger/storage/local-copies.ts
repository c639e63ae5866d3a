import { mkdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import type { Clock } from "../../ports/clock.ts";

/** Local copies of objects that never change under their key (`FileStore.putFile`), in a private folder. */
export interface LocalCopies {
  /** A path that ends with the key. `fetch` writes the file, and is asked only when there is no copy. */
  pathOf(key: string, fetch: (file: string) => Promise<void>): Promise<string>;
  /** Takes a file that was just stored as the copy of it. The file may be gone afterwards. */
  adopt(key: string, file: string): Promise<void>;
  /** The object was removed or replaced. */
  forget(key: string): Promise<void>;
}

export interface LocalCopiesOptions {
  /** A private folder; asked for when the first copy is made. */
  createFolder(): Promise<string>;
  clock: Pick<Clock, "now">;
  /** Copies that nobody has asked for lately go when all of them together are larger. */
  maxBytes?: number;
}

interface Copy {
  path: string;
  bytes: number;
  /** When it was last handed out, ms since 1970; 0: never. */
  usedAt: number;
}

const DEFAULT_MAX_BYTES = 1024 ** 3;
/** A reader may hold a path for as long as a function runs. */
const IN_USE_MS = 20 * 60_000;

export function createLocalCopies(options: LocalCopiesOptions): LocalCopies {
  const { clock, maxBytes = DEFAULT_MAX_BYTES } = options;
  const copies = new Map<string, Copy>();
  const fetching = new Map<string, Promise<string>>();
  let folder: Promise<string> | undefined;

  async function placeOf(key: string): Promise<string> {
    folder ??= options.createFolder();
    return path.join(await folder, ...key.split("/"));
  }

  async function known(key: string): Promise<string | undefined> {
    const copy = copies.get(key);
    if (copy === undefined) return undefined;
    // The system may clean its temporary folder while a server runs on.
    const file = await stat(copy.path).catch(() => undefined);
    if (file?.size !== copy.bytes) return undefined;
    copy.usedAt = clock.now().getTime();
    return copy.path;
  }

  async function keep(key: string, file: string, usedAt: number): Promise<void> {
    copies.set(key, { path: file, bytes: (await stat(file)).size, usedAt });
    await makeRoom();
  }

  async function makeRoom(): Promise<void> {
    let bytes = [...copies.values()].reduce((sum, copy) => sum + copy.bytes, 0);
    const idleSince = clock.now().getTime() - IN_USE_MS;
    const idle = [...copies].filter(([, { usedAt }]) => usedAt < idleSince).sort(([, a], [, b]) => a.usedAt - b.usedAt);
    for (const [key, copy] of idle) {
      if (bytes <= maxBytes) return;
      copies.delete(key);
      await rm(copy.path, { force: true });
      bytes -= copy.bytes;
    }
  }

  async function fetchCopy(key: string, fetch: (file: string) => Promise<void>): Promise<string> {
    const file = await placeOf(key);
    await fetch(file);
    await keep(key, file, clock.now().getTime());
    return file;
  }

  return {
    async pathOf(key, fetch) {
      const running = fetching.get(key);
      if (running !== undefined) return running;
      const found = await known(key);
      if (found !== undefined) return found;
      const work = fetching.get(key) ?? fetchCopy(key, fetch);
      fetching.set(key, work);
      try {
        return await work;
      } finally {
        fetching.delete(key);
      }
    },
    async adopt(key, source) {
      const file = await placeOf(key);
      await mkdir(path.dirname(file), { recursive: true });
      // From another file system it is not worth a copy: it can be fetched.
      const moved = await rename(source, file).then(
        () => true,
        () => false,
      );
      if (moved) await keep(key, file, 0);
      else copies.delete(key);
    },
    async forget(key) {
      const copy = copies.get(key);
      copies.delete(key);
      if (copy !== undefined) await rm(copy.path, { force: true });
    },
  };
}
