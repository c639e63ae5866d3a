import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Lake, ObjectEntry } from "../../shared/ports/object-store.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (body: Uint8Array | undefined) => (body === undefined ? undefined : new TextDecoder().decode(body));

async function entriesOf(lake: Lake, prefix: string): Promise<ObjectEntry[]> {
  const entries: ObjectEntry[] = [];
  for await (const entry of lake.list(prefix)) entries.push(entry);
  return entries;
}

/** What every lake must do (`shared/ports/object-store.ts`); `make` gives an empty one each time. */
export function objectStoreContract(name: string, make: () => Promise<Lake>): void {
  describe(`object store: ${name}`, () => {
    it("gives back what was put, and nothing for what was not", async () => {
      const lake = await make();
      await lake.put("a/b.json", bytes("one"));
      expect(text((await lake.get("a/b.json"))?.body)).toBe("one");
      expect(await lake.get("a/c.json")).toBeUndefined();
      expect(await lake.get("a")).toBeUndefined();
    });

    it("creates only where nothing is", async () => {
      const lake = await make();
      expect((await lake.put("k", bytes("1"), { create: true })).ok).toBe(true);
      expect((await lake.put("k", bytes("2"), { create: true })).ok).toBe(false);
      expect(text((await lake.get("k"))?.body)).toBe("1");
    });

    it("replaces only the version that was read", async () => {
      const lake = await make();
      await lake.put("k", bytes("1"));
      const read = await lake.get("k");
      const first = await lake.put("k", bytes("2"), { ifMatch: read?.etag ?? "" });
      const second = await lake.put("k", bytes("3"), { ifMatch: read?.etag ?? "" });
      expect([first.ok, second.ok]).toEqual([true, false]);
      expect(text((await lake.get("k"))?.body)).toBe("2");
    });

    it("answers a condition on a missing or deleted object with no", async () => {
      const lake = await make();
      expect((await lake.put("k", bytes("1"), { ifMatch: "nothing" })).ok).toBe(false);
      await lake.put("k", bytes("1"));
      const read = await lake.get("k");
      await lake.delete("k");
      expect((await lake.put("k", bytes("2"), { ifMatch: read?.etag ?? "" })).ok).toBe(false);
      expect(await lake.get("k")).toBeUndefined();
      expect((await lake.put("k", bytes("3"), { create: true })).ok).toBe(true);
    });

    it("lets exactly one of many writers win, and their sum is never lost", async () => {
      const lake = await make();
      await lake.put("counter", bytes("0"));
      const increment = async () => {
        for (;;) {
          const read = await lake.get("counter");
          const next = String(Number(text(read?.body)) + 1);
          if ((await lake.put("counter", bytes(next), { ifMatch: read?.etag ?? "" })).ok) return;
        }
      };
      await Promise.all(Array.from({ length: 40 }, increment));
      expect(text((await lake.get("counter"))?.body)).toBe("40");
    });

    it("lets exactly one of many creators win", async () => {
      const lake = await make();
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, index) => lake.put("one", bytes(String(index)), { create: true })),
      );
      expect(results.filter(({ ok }) => ok)).toHaveLength(1);
      expect(text((await lake.get("one"))?.body)).toBe(String(results.findIndex(({ ok }) => ok)));
    });

    it("never reuses an etag, whatever is written and deleted", async () => {
      const lake = await make();
      const seen = new Set<string>();
      for (let round = 0; round < 40; round++) {
        await lake.put("k", bytes("same"));
        seen.add((await lake.get("k"))?.etag ?? "");
        if (round % 3 === 0) await lake.delete("k");
      }
      expect(seen.size).toBe(40);
    });

    it("lists what is below a prefix, in order, without what was deleted", async () => {
      const lake = await make();
      for (const key of ["p/b", "p/a/x.json", "p/c", "q/z", "pz"]) await lake.put(key, bytes(key));
      await lake.put("p/b", bytes("again"));
      await lake.delete("p/c");
      const keys = async (prefix: string) => (await entriesOf(lake, prefix)).map(({ key }) => key);
      expect(await keys("p/")).toEqual(["p/a/x.json", "p/b"]);
      expect(await keys("p")).toEqual(["p/a/x.json", "p/b", "pz"]);
      expect(await keys("nowhere/")).toEqual([]);
    });

    it("keeps large files under their own name", async () => {
      const lake = await make();
      const scratch = await mkdtemp(path.join(tmpdir(), "genops-contract-"));
      onTestFinished(() => rm(scratch, { recursive: true, force: true }));
      const local = path.join(scratch, "part");
      await writeFile(local, "rows");
      await lake.putFile("rows/source=a/part-0.parquet", local);
      const found = await lake.getFile("rows/source=a/part-0.parquet");
      expect(await readFile(found, "utf8")).toBe("rows");
      expect(found.split(path.sep).join("/")).toMatch(/rows\/source=a\/part-0\.parquet$/);
      expect((await entriesOf(lake, "rows/")).map(({ key, sizeBytes }) => [key, sizeBytes])).toEqual([
        ["rows/source=a/part-0.parquet", 4],
      ]);
      await lake.delete("rows/source=a/part-0.parquet");
      await expect(lake.getFile("rows/source=a/part-0.parquet")).rejects.toMatchObject({ code: "unavailable" });
    });

    it("publishes small plain files, the last one wins", async () => {
      const lake = await make();
      await lake.publish("index/current.json", bytes("1"));
      await lake.publish("index/current.json", bytes("2"));
      expect(await readFile(await lake.getFile("index/current.json"), "utf8")).toBe("2");
    });

    it.each(["../x", "a/../b", "/a", "a//b", "", ".", "a/."])("refuses the key %j", async (key) => {
      const lake = await make();
      await expect(lake.put(key, bytes("x"))).rejects.toMatchObject({ code: "internal" });
    });
  });
}
