import { constants, type Stats } from "node:fs";
import { copyFile, link, mkdir, open, readdir, readFile, rename, rm, stat, unlink } from "node:fs/promises";
import path from "node:path";
import { GenOpsError } from "../../core/errors.ts";
import { assertObjectKey } from "../../ledger/storage/object-key.ts";
import type { Lake, ObjectEntry, PutCondition, PutResult } from "../../ports/object-store.ts";
import type { Randomness } from "../../ports/randomness.ts";

/**
 * A lake in a folder.
 *
 * Compare-and-swap without locks: every write of an object is a new *generation* file `<key>~0000000007`, made by `link(2)`, which fails
 * if somebody else made generation 7 first. The highest generation is the object; an empty one means deleted. Superseded generations
 * are replaced by empty files, so that their numbers cannot be won again, and are swept when they are far behind.
 * Parquet files (`putFile`) are plain files under their own name, so that any tool can read them.
 */
export function createFileLake(root: string, randomness: Randomness): Lake {
  const scratch = path.join(root, ".tmp");
  /** A generation of each key that once was the highest. */
  const seen = new Map<string, number>();

  async function generations(key: string): Promise<number[]> {
    const full = resolveKey(root, key);
    const prefix = `${path.basename(full)}~`;
    const names = await readdirOrEmpty(path.dirname(full));
    return names
      .filter((name) => name.startsWith(prefix))
      .map((name) => Number(name.slice(prefix.length)))
      .filter(Number.isSafeInteger)
      .sort((a, b) => a - b);
  }

  /**
   * The object without listing its folder, if a generation of it was seen before. A body that is there and has no successor is current:
   * generations are swept oldest first, so the successor cannot have been swept before it. Anything else is for the listing to tell.
   */
  async function currentBySight(key: string): Promise<{ generation: number; body: Uint8Array } | undefined> {
    let generation = seen.get(key);
    if (generation === undefined) return undefined;
    while ((await stat(generationPath(root, key, generation + 1)).catch(ignoreMissing)) !== undefined) generation++;
    const body = await readFile(generationPath(root, key, generation)).catch(ignoreMissing);
    if (!hasContent(body)) return undefined;
    seen.set(key, generation);
    return { generation, body };
  }

  async function current(key: string): Promise<Current> {
    const known = await currentBySight(key);
    if (known !== undefined) return known;
    seen.delete(key);
    for (;;) {
      const generation = (await generations(key)).at(-1) ?? 0;
      if (generation === 0) return { generation, body: undefined };
      seen.set(key, generation);
      const body = await readFile(generationPath(root, key, generation)).catch(ignoreMissing);
      if (hasContent(body)) return { generation, body };
      // Empty: deleted, or superseded since the listing. Only if it is still the highest is it a deletion.
      if (body !== undefined && (await generations(key)).at(-1) === generation) return { generation, body: undefined };
    }
  }

  /** Size and age of the object as it stands, however often it is written meanwhile. */
  async function statObject(key: string): Promise<Stats | undefined> {
    for (;;) {
      const generation = (await generations(key)).at(-1) ?? 0;
      if (generation === 0) return undefined;
      const file = await stat(generationPath(root, key, generation)).catch(ignoreMissing);
      if (file !== undefined && file.size > 0) return file;
      if (file !== undefined && (await generations(key)).at(-1) === generation) return undefined;
    }
  }

  async function* list(prefix: string): AsyncIterable<ObjectEntry> {
    for (const [key, name] of await namesBelow(root, prefix)) {
      const newest = await stat(path.join(root, name)).catch(ignoreMissing);
      const there = newest?.isFile() === true && newest.size > 0;
      if (there && name !== key) seen.set(key, Number(name.slice(key.length + 1)));
      // Empty or gone: deleted, or written again since the folder was read.
      const file = there ? newest : await statObject(key);
      if (file?.isFile() === true) yield { key, sizeBytes: file.size, modifiedAt: file.mtime };
    }
  }

  async function scratchFile(body?: Uint8Array): Promise<string> {
    await mkdir(scratch, { recursive: true });
    const name = path.join(scratch, randomness.id());
    const handle = await open(name, "wx");
    try {
      if (body !== undefined) await handle.writeFile(body);
      await handle.sync();
    } finally {
      await handle.close();
    }
    return name;
  }

  /** Makes `generation` hold `body`, if nobody did before. */
  async function claim(key: string, generation: number, body: Uint8Array): Promise<boolean> {
    const target = generationPath(root, key, generation);
    await mkdir(path.dirname(target), { recursive: true });
    const draft = await scratchFile(body);
    try {
      await link(draft, target);
    } catch (error) {
      if (isCode(error, "EEXIST")) return false;
      throw error;
    } finally {
      await unlink(draft);
    }
    const known = await generations(key);
    if ((known.at(-1) ?? 0) - generation >= KEEP_GENERATIONS) {
      // A writer that slept through a sweep won a number of the past: it did not win.
      await rm(target, { force: true });
      return false;
    }
    await retire(key, known, generation);
    return true;
  }

  async function retire(key: string, known: readonly number[], generation: number): Promise<void> {
    for (const old of known) {
      const file = generationPath(root, key, old);
      if (old <= generation - KEEP_GENERATIONS) await rm(file, { force: true });
      else if (old < generation && ((await stat(file).catch(ignoreMissing))?.size ?? 0) > 0) {
        await rename(await scratchFile(), file);
      }
    }
  }

  async function put(key: string, body: Uint8Array, when?: PutCondition): Promise<PutResult> {
    if (body.length === 0) throw new GenOpsError("internal", `an object may not be empty: ${key}`);
    for (;;) {
      const now = await current(key);
      if (!holds(when, now)) return { ok: false };
      if (await claim(key, now.generation + 1, body)) return { ok: true, etag: etagOf(now.generation + 1) };
      if (when !== undefined) return { ok: false };
    }
  }

  return {
    put,
    async get(key) {
      const { generation, body } = await current(key);
      return body === undefined ? undefined : { body, etag: etagOf(generation) };
    },
    async delete(key) {
      await rm(resolveKey(root, key), { force: true });
      for (;;) {
        const { generation, body } = await current(key);
        if (body === undefined || (await claim(key, generation + 1, new Uint8Array()))) return;
      }
    },
    list,
    async putFile(key, source) {
      const target = resolveKey(root, key);
      await mkdir(path.dirname(target), { recursive: true });
      await flush(source);
      await rename(source, target).catch(async (error: unknown) => {
        if (!isCode(error, "EXDEV")) throw error;
        await mkdir(scratch, { recursive: true });
        const draft = path.join(scratch, randomness.id());
        await copyFile(source, draft, constants.COPYFILE_FICLONE);
        await flush(draft);
        await rename(draft, target);
        await unlink(source);
      });
    },
    async publish(key, body) {
      const target = resolveKey(root, key);
      await mkdir(path.dirname(target), { recursive: true });
      await rename(await scratchFile(body), target);
    },
    async getFile(key) {
      const target = resolveKey(root, key);
      const found = await stat(target).catch(ignoreMissing);
      if (found?.isFile() !== true) throw new GenOpsError("unavailable", `missing in the lake: ${key}`);
      return target;
    },
    async getRange(key, offset, length) {
      const handle = await open(resolveKey(root, key), "r").catch(ignoreMissing);
      if (handle === undefined) return undefined;
      try {
        const { buffer, bytesRead } = await handle.read(new Uint8Array(length), 0, length, offset);
        return buffer.subarray(0, bytesRead);
      } finally {
        await handle.close();
      }
    },
  };
}

/** Far more than the writers that can be between reading and writing one object at a time. */
const KEEP_GENERATIONS = 16;

interface Current {
  /** 0: never written. */
  generation: number;
  /** Undefined: not there, or deleted. */
  body: Uint8Array | undefined;
}

/** An empty generation holds no object. */
function hasContent(body: Uint8Array | undefined): body is Uint8Array {
  return body !== undefined && body.length > 0;
}

function holds(when: PutCondition | undefined, { generation, body }: Current): boolean {
  if (when === undefined) return true;
  return "create" in when ? body === undefined : body !== undefined && when.ifMatch === etagOf(generation);
}

function etagOf(generation: number): string {
  return `g${generation}`;
}

function generationPath(root: string, key: string, generation: number): string {
  return `${resolveKey(root, key)}~${String(generation).padStart(10, "0")}`;
}

function resolveKey(root: string, key: string): string {
  assertObjectKey(key);
  return path.join(root, ...key.split("/"));
}

/** Keys below a prefix in order, each with the relative name of its newest file. */
async function namesBelow(root: string, prefix: string): Promise<[key: string, name: string][]> {
  const folder = path.join(root, ...prefix.split("/").slice(0, -1));
  const found = new Map<string, string>();
  for (const name of await readdirOrEmpty(folder, true)) {
    const relative = path.relative(root, path.join(folder, name)).split(path.sep).join("/");
    const key = relative.replace(/~\d{10}$/, "");
    if (!relative.startsWith(".tmp/") && key.startsWith(prefix) && (found.get(key) ?? "") < relative)
      found.set(key, relative);
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** On the disk before a commit names it: a crash of the machine must not leave a head without its rows. */
async function flush(file: string): Promise<void> {
  const handle = await open(file, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readdirOrEmpty(folder: string, recursive = false): Promise<string[]> {
  return (await readdir(folder, { recursive }).catch(ignoreMissing)) ?? [];
}

function ignoreMissing(error: unknown): undefined {
  if (isCode(error, "ENOENT") || isCode(error, "ENOTDIR")) return undefined;
  throw error;
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
