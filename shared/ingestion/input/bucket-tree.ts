import path from "node:path";
import { GenOpsError } from "../../core/errors.ts";
import type { BillStore } from "../../ports/bill-store.ts";
import type { ObjectEntry } from "../../ports/object-store.ts";
import type { BillTree, Found } from "./bill-tree.ts";
import { isGlob } from "./bucket-url.ts";

/** The objects of one bucket; paths are keys. `root` is the bucket's URL, for names. What was listed once is not asked for again. */
export function createBucketTree(store: BillStore, root: string): BillTree {
  const listed = new Map<string, Found>();
  const covered: string[] = [];
  const found = ({ key, sizeBytes, modifiedAt, etag }: ObjectEntry): Found => ({
    path: key,
    file: { store, key, name: `${root}${key}`, sizeBytes, modifiedAt, ...(etag === undefined ? {} : { etag }) },
  });

  async function below(prefix: string): Promise<Found[]> {
    const files: Found[] = [];
    // A key that ends with a slash stands for a folder in consoles and mounts; it holds nothing.
    for await (const entry of store.list(prefix)) if (!entry.key.endsWith("/")) files.push(found(entry));
    for (const file of files) listed.set(file.path, file);
    covered.push(prefix);
    return files;
  }

  async function at(key: string): Promise<Found | undefined> {
    const known = listed.get(key);
    if (known !== undefined || covered.some((prefix) => key.startsWith(prefix))) return known;
    const entry = await findObject(store, key);
    return entry === undefined ? undefined : found(entry);
  }

  return {
    paths: path.posix,
    at,
    async resolve(pattern) {
      if (isGlob(pattern)) {
        const fixed = pattern.slice(0, pattern.search(/[*?[{]/));
        const files = await below(fixed.slice(0, fixed.lastIndexOf("/") + 1));
        return { isFolder: false, files: files.filter((file) => path.posix.matchesGlob(file.path, pattern)) };
      }
      const file = pattern === "" || pattern.endsWith("/") ? undefined : await at(pattern);
      if (file !== undefined) return { isFolder: false, files: [file] };
      return { isFolder: true, files: await below(pattern === "" || pattern.endsWith("/") ? pattern : `${pattern}/`) };
    },
    async read({ path: key, file }) {
      const body = await store.read(key);
      if (body === undefined) {
        throw new GenOpsError("unavailable", "is gone; collect again", { place: { file: file.name } });
      }
      return new TextDecoder().decode(body);
    },
  };
}

/** One object's entry. Its key is the first of all that begin with it. */
export async function findObject(store: BillStore, key: string): Promise<ObjectEntry | undefined> {
  for await (const entry of store.list(key)) return entry.key === key ? entry : undefined;
  return undefined;
}
