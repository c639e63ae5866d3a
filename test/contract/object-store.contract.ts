import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Lake, ObjectEntry } from "../../shared/ports/object-store.ts";

/** Opens one and the same lake again, as another process would. */
export type OpenLake = () => Promise<Lake>;

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (body: Uint8Array | undefined) => (body === undefined ? undefined : new TextDecoder().decode(body));
const sha256 = (body: Uint8Array) => createHash("sha256").update(body).digest("hex");

async function entriesOf(lake: Lake, prefix: string): Promise<ObjectEntry[]> {
  const entries: ObjectEntry[] = [];
  for await (const entry of lake.list(prefix)) entries.push(entry);
  return entries;
}

const keysOf = async (lake: Lake, prefix: string) => (await entriesOf(lake, prefix)).map(({ key }) => key);

/** A local file that goes away after the test. */
export async function localFile(content: string | Uint8Array): Promise<string> {
  const scratch = await mkdtemp(path.join(tmpdir(), "genops-contract-"));
  onTestFinished(() => rm(scratch, { recursive: true, force: true }));
  const file = path.join(scratch, "part");
  await writeFile(file, content);
  return file;
}

/** The text of a published file. */
export async function readPublished(lake: Lake, key: string): Promise<string> {
  return readFile(await lake.getFile(key), "utf8");
}

async function increment(lake: Lake): Promise<void> {
  for (;;) {
    const read = await lake.get("counter");
    const next = String(Number(text(read?.body)) + 1);
    if ((await lake.put("counter", bytes(next), { ifMatch: read?.etag ?? "" })).ok) return;
  }
}

/** What every lake must do (`shared/ports/object-store.ts`); `make` gives an empty one each time. */
export function objectStoreContract(name: string, make: () => Promise<OpenLake>): void {
  const makeLake = async () => (await make())();

  describe(`object store: ${name}`, () => {
    it("gives back what was put, and nothing for what was not", async () => {
      const lake = await makeLake();
      await lake.put("a/b.json", bytes("one"));
      expect(text((await lake.get("a/b.json"))?.body)).toBe("one");
      expect(await lake.get("a/c.json")).toBeUndefined();
      expect(await lake.get("a")).toBeUndefined();
    });

    it("creates only where nothing is", async () => {
      const lake = await makeLake();
      expect((await lake.put("k", bytes("1"), { create: true })).ok).toBe(true);
      expect((await lake.put("k", bytes("2"), { create: true })).ok).toBe(false);
      expect(text((await lake.get("k"))?.body)).toBe("1");
    });

    it("replaces only the version that was read", async () => {
      const lake = await makeLake();
      await lake.put("k", bytes("1"));
      const read = await lake.get("k");
      const first = await lake.put("k", bytes("2"), { ifMatch: read?.etag ?? "" });
      const second = await lake.put("k", bytes("3"), { ifMatch: read?.etag ?? "" });
      expect([first.ok, second.ok]).toEqual([true, false]);
      expect(text((await lake.get("k"))?.body)).toBe("2");
    });

    it("goes on from the tag that a write gave back, as from one that was read", async () => {
      const lake = await makeLake();
      let tag = "";
      for (const content of ["1", "2", "3"]) {
        const put = await lake.put("k", bytes(content), tag === "" ? { create: true } : { ifMatch: tag });
        tag = put.ok ? put.etag : "refused";
        expect((await lake.get("k"))?.etag).toBe(tag);
      }
      expect(text((await lake.get("k"))?.body)).toBe("3");
    });

    it("answers a condition on a missing or deleted object with no", async () => {
      const lake = await makeLake();
      expect((await lake.put("k", bytes("1"), { ifMatch: "nothing" })).ok).toBe(false);
      await lake.put("k", bytes("1"));
      const read = await lake.get("k");
      await lake.delete("k");
      expect((await lake.put("k", bytes("2"), { ifMatch: read?.etag ?? "" })).ok).toBe(false);
      expect(await lake.get("k")).toBeUndefined();
      expect((await lake.put("k", bytes("3"), { create: true })).ok).toBe(true);
    });

    it("removes what is not there without an error", async () => {
      const lake = await makeLake();
      await lake.delete("a/never-there");
      expect(await keysOf(lake, "")).toEqual([]);
    });

    it("lets exactly one of many writers in two processes win, and their sum is never lost", async () => {
      const open = await make();
      const [mine, theirs] = [await open(), await open()];
      await mine.put("counter", bytes("0"));
      await Promise.all(Array.from({ length: 20 }, (_, index) => increment(index % 2 === 0 ? mine : theirs)));
      expect(text((await mine.get("counter"))?.body)).toBe("20");
    });

    it("lets exactly one of many creators win", async () => {
      const open = await make();
      const [mine, theirs] = [await open(), await open()];
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          (index % 2 === 0 ? mine : theirs).put("one", bytes(String(index)), { create: true }),
        ),
      );
      expect(results.filter(({ ok }) => ok)).toHaveLength(1);
      expect(text((await mine.get("one"))?.body)).toBe(String(results.findIndex(({ ok }) => ok)));
    });

    it("never reuses an etag, whatever is written and deleted", async () => {
      const lake = await makeLake();
      const seen = new Set<string>();
      for (let round = 0; round < 20; round++) {
        await lake.put("k", bytes("same"));
        seen.add((await lake.get("k"))?.etag ?? "");
        if (round % 3 === 0) await lake.delete("k");
      }
      expect(seen.size).toBe(20);
    });

    it("lists what is below a prefix, in order, without what was deleted", async () => {
      const lake = await makeLake();
      for (const key of ["p/b", "p/a/x.json", "p/c", "q/z", "pz"]) await lake.put(key, bytes(key));
      await lake.put("p/b", bytes("again"));
      await lake.delete("p/c");
      expect(await keysOf(lake, "p/")).toEqual(["p/a/x.json", "p/b"]);
      expect(await keysOf(lake, "p")).toEqual(["p/a/x.json", "p/b", "pz"]);
      expect(await keysOf(lake, "nowhere/")).toEqual([]);
    });

    it("lists many objects completely and in lexicographic order, with size and age", async () => {
      const lake = await makeLake();
      const keys = ["l/A", "l/a", "l/a-b", "l/a.b", "l/a/b", "l/a0", "l/b", "l/b/c/d", "l/source=x", "l/ä"];
      const before = Date.now();
      await Promise.all(keys.map((key, index) => lake.put(key, bytes("x".repeat(index + 1)))));
      const entries = await entriesOf(lake, "l/");
      expect(entries.map(({ key }) => key)).toEqual(keys);
      expect(entries.map(({ sizeBytes }) => sizeBytes)).toEqual(keys.map((_, index) => index + 1));
      // Stores tell whole seconds.
      for (const { modifiedAt } of entries) expect(Math.abs(modifiedAt.getTime() - before)).toBeLessThan(60_000);
    });

    it.each(["with space", "plus+and&more", "source=a/billing_period=2024-09", "100%", "größe", "a?b#c"])(
      "knows an object by the key %j",
      async (key) => {
        const lake = await makeLake();
        await lake.put(key, bytes(key));
        expect(text((await lake.get(key))?.body)).toBe(key);
        expect(await keysOf(lake, "")).toEqual([key]);
        await lake.putFile(`files/${key}`, await localFile(key));
        expect(await readFile(await lake.getFile(`files/${key}`), "utf8")).toBe(key);
        await lake.delete(key);
        expect(await lake.get(key)).toBeUndefined();
      },
    );

    it("keeps large files under their own name", async () => {
      const lake = await makeLake();
      await lake.putFile("rows/source=a/part-0.parquet", await localFile("rows"));
      const found = await lake.getFile("rows/source=a/part-0.parquet");
      expect(await readFile(found, "utf8")).toBe("rows");
      expect(found.split(path.sep).join("/")).toMatch(/rows\/source=a\/part-0\.parquet$/);
      expect((await entriesOf(lake, "rows/")).map(({ key, sizeBytes }) => [key, sizeBytes])).toEqual([
        ["rows/source=a/part-0.parquet", 4],
      ]);
      await lake.delete("rows/source=a/part-0.parquet");
      await expect(lake.getFile("rows/source=a/part-0.parquet")).rejects.toMatchObject({
        code: "unavailable",
        message: expect.stringContaining("part-0.parquet"),
      });
    });

    it("stores a file larger than a part whole, for every process, and reads any range of it", async () => {
      const open = await make();
      const content = randomBytes(11 * 1024 ** 2 + 3);
      await (await open()).putFile("rows/large.parquet", await localFile(content));
      const lake = await open();
      expect(sha256(await readFile(await lake.getFile("rows/large.parquet")))).toBe(sha256(content));
      const at = 5 * 1024 ** 2 - 2;
      expect(Buffer.from((await lake.getRange("rows/large.parquet", at, 5)) ?? [])).toEqual(
        content.subarray(at, at + 5),
      );
    });

    it("reads ranges, fewer bytes at the end, none beyond it", async () => {
      const lake = await makeLake();
      await lake.putFile("f", await localFile("0123456789"));
      const range = async (offset: number, length: number) => text(await lake.getRange("f", offset, length));
      expect(await range(0, 4)).toBe("0123");
      expect(await range(3, 1)).toBe("3");
      expect(await range(8, 4)).toBe("89");
      expect(await range(10, 4)).toBe("");
      expect(await range(99, 1)).toBe("");
      expect(await range(2, 0)).toBe("");
      expect(await lake.getRange("g", 0, 4)).toBeUndefined();
    });

    it("gives another process a file that was replaced", async () => {
      const open = await make();
      const lake = await open();
      for (const content of ["one", "two"]) {
        await lake.putFile("f", await localFile(content));
        expect(await readFile(await lake.getFile("f"), "utf8")).toBe(content);
      }
      expect(await readFile(await (await open()).getFile("f"), "utf8")).toBe("two");
    });

    it("publishes small plain files, the last one wins", async () => {
      const open = await make();
      const lake = await open();
      await lake.publish("index/current.json", bytes("1"));
      expect(await readFile(await lake.getFile("index/current.json"), "utf8")).toBe("1");
      await lake.publish("index/current.json", bytes("2"));
      expect(await readFile(await lake.getFile("index/current.json"), "utf8")).toBe("2");
      expect(await readFile(await (await open()).getFile("index/current.json"), "utf8")).toBe("2");
    });

    it.each(["../x", "a/../b", "/a", "a//b", "", ".", "a/.", "a~b", "a\\b"])("refuses the key %j", async (key) => {
      const lake = await makeLake();
      await expect(lake.put(key, bytes("x"))).rejects.toMatchObject({ code: "internal" });
    });

    it("refuses an empty body", async () => {
      const lake = await makeLake();
      await expect(lake.put("k", new Uint8Array())).rejects.toMatchObject({ code: "internal" });
      expect(await lake.get("k")).toBeUndefined();
    });
  });
}
