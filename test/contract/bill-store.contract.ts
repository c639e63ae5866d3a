import { randomBytes } from "node:crypto";
import { access, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { BillStore } from "../../shared/ports/bill-store.ts";
import type { ObjectEntry } from "../../shared/ports/object-store.ts";
import type { StoreKind } from "../support/servers/store-kinds.ts";
import { localFile } from "./object-store.contract.ts";

async function entriesOf(store: BillStore, prefix: string): Promise<ObjectEntry[]> {
  const entries: ObjectEntry[] = [];
  for await (const entry of store.list(prefix)) entries.push(entry);
  return entries;
}

const freshPath = async (name: string) => path.join(path.dirname(await localFile("")), "below", name);

/** What every bill store must do (`shared/ports/bill-store.ts`). Faults: `store-faults.contract.ts`. */
export function billStoreContract(kind: StoreKind, url: () => string): void {
  /** A bucket with these objects, and how to put more. */
  async function setUp(objects: Readonly<Record<string, string | Uint8Array>>) {
    const store = await kind.createStore(url());
    const remote = await store.openRemote();
    // Consoles and copying tools leave such an object for every folder.
    await remote.write("x/2024-09/", new Uint8Array(), { writers: "console" });
    const put = async (key: string, content: string | Uint8Array) =>
      remote.upload(key, await localFile(content), "export");
    for (const [key, content] of Object.entries(objects)) await put(key, content);
    return { bills: await store.openBills(), put };
  }

  describe(`bill store: ${kind.name}`, () => {
    it("lists every object below a prefix over several pages, in order, and no folders", async () => {
      const keys = [
        "x/2024-08/b.csv.gz",
        ...Array.from({ length: 8 }, (_, part) => `x/2024-09/part-${part}.parquet`),
        "x/manifest.json",
      ];
      const { bills } = await setUp(Object.fromEntries([...keys, "xyz", "y/1"].map((key) => [key, key])));
      const entries = await entriesOf(bills, "x/");
      expect(entries.map(({ key, sizeBytes }) => [key, sizeBytes])).toEqual(keys.map((key) => [key, key.length]));
      expect(await entriesOf(bills, "nothing/")).toEqual([]);
    });

    it("lists an empty object: an export that stopped half-way looks like this", async () => {
      const { bills } = await setUp({ "x/empty.csv": "" });
      expect(await entriesOf(bills, "")).toMatchObject([{ key: "x/empty.csv", sizeBytes: 0 }]);
      const target = await freshPath("empty.csv");
      await bills.download("x/empty.csv", target);
      expect(await readFile(target, "utf8")).toBe("");
    });

    it("tells by the listing that an object has changed", async () => {
      const { bills, put } = await setUp({ "x/a.csv": "one" });
      const tag = async () => (await entriesOf(bills, "x/"))[0]?.etag;
      const before = await tag();
      expect([before, await tag()]).toEqual([expect.stringMatching(/./), before]);
      await put("x/a.csv", "two");
      expect(await tag()).not.toBe(before);
    });

    it("reads a small object whole, and nothing where there is none", async () => {
      const { bills } = await setUp({ "x/manifest.json": '{"ü":1}' });
      expect(new TextDecoder().decode(await bills.read("x/manifest.json"))).toBe('{"ü":1}');
      expect(await bills.read("x/other.json")).toBeUndefined();
    });

    it("copies an object of several parts to a file", async () => {
      const content = randomBytes(6 * 1024 ** 2 + 1);
      const { bills } = await setUp({ "x/large.parquet": content });
      const target = await freshPath("large.parquet");
      await bills.download("x/large.parquet", target);
      expect(content.equals(await readFile(target))).toBe(true);
      expect(await readdir(path.dirname(target))).toEqual(["large.parquet"]);
    });

    it("says unavailable for an object that is gone, and leaves no file", async () => {
      const { bills } = await setUp({});
      const target = await freshPath("gone.csv");
      await expect(bills.download("x/gone.csv", target)).rejects.toMatchObject({
        code: "unavailable",
        message: expect.stringContaining("x/gone.csv"),
      });
      await expect(access(target)).rejects.toMatchObject({ code: "ENOENT" });
    });
  });
}
