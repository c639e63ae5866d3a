import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createFileLake } from "../../../../shared/platforms/local/file-lake.ts";
import { createSystemRandomness } from "../../../../shared/platforms/local/system.ts";
import type { Lake } from "../../../../shared/ports/object-store.ts";
import { objectStoreContract } from "../../../contract/object-store.contract.ts";

const roots: string[] = [];
const bytes = (text: string) => new TextEncoder().encode(text);

async function keysOf(lake: Lake, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of lake.list(prefix)) keys.push(key);
  return keys;
}

async function makeRoot(): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), "genops-lake-"));
  roots.push(root);
  return root;
}

afterAll(() => Promise.all(roots.map((root) => rm(root, { recursive: true, force: true }))));

objectStoreContract("file", async () => {
  const root = await makeRoot();
  return async () => createFileLake(root, createSystemRandomness());
});

describe("createFileLake", () => {
  it("lets two processes' lakes over one folder share one compare-and-swap", async () => {
    const root = await makeRoot();
    const [one, two] = [createFileLake(root, createSystemRandomness()), createFileLake(root, createSystemRandomness())];
    const body = new TextEncoder().encode("x");
    await one.put("k", body);
    const [a, b] = [await one.get("k"), await two.get("k")];
    const wins = await Promise.all([
      one.put("k", body, { ifMatch: a?.etag ?? "" }),
      two.put("k", body, { ifMatch: b?.etag ?? "" }),
    ]);
    expect(wins.filter(({ ok }) => ok)).toHaveLength(1);
  });

  it("does not grow with the number of writes", async () => {
    const root = await makeRoot();
    const lake = createFileLake(root, createSystemRandomness());
    for (let round = 0; round < 50; round++) await lake.put("k", new TextEncoder().encode(String(round)));
    expect((await readdir(root)).length).toBeLessThanOrEqual(18);
    expect(new TextDecoder().decode((await lake.get("k"))?.body)).toBe("49");
  });

  it("lists an object that is written again while the listing goes on", async () => {
    const lake = createFileLake(await makeRoot(), createSystemRandomness());
    for (const key of ["heads/a.json", "heads/b.json", "heads/c.json"]) await lake.put(key, bytes("old"));
    const found: [string, number][] = [];
    for await (const { key, sizeBytes } of lake.list("heads/")) {
      if (found.length === 0) for (let round = 0; round < 20; round++) await lake.put("heads/b.json", bytes("newer"));
      if (found.length === 1) await lake.delete("heads/c.json");
      found.push([key, sizeBytes]);
    }
    expect(found).toEqual([
      ["heads/a.json", 3],
      ["heads/b.json", 5],
    ]);
  });

  it("reads a whole body at every instant while it is being written again", async () => {
    const lake = createFileLake(await makeRoot(), createSystemRandomness());
    await lake.put("k", bytes("start"));
    let writing = true;
    const writer = (async () => {
      for (let round = 1; writing; round++) await lake.put("k", bytes(String(round).repeat(2000)));
    })();
    const odd: unknown[] = [];
    for (let round = 0; round < 200; round++) {
      const body = new TextDecoder().decode((await lake.get("k"))?.body);
      if (body !== "start" && !/^(\d+?)\1{1999}$/.test(body)) odd.push(body.slice(0, 40));
    }
    writing = false;
    await writer;
    expect(odd).toEqual([]);
  });

  it("sees what another process has written and deleted since it looked last, however often", async () => {
    const root = await makeRoot();
    const [mine, theirs] = [
      createFileLake(root, createSystemRandomness()),
      createFileLake(root, createSystemRandomness()),
    ];
    const text = async () => new TextDecoder().decode((await mine.get("k"))?.body);
    for (const rounds of [1, 2, 15, 16, 17, 40]) {
      for (let round = 1; round <= rounds; round++) await theirs.put("k", bytes(`${rounds}/${round}`));
      expect(await text()).toBe(`${rounds}/${rounds}`);
      await theirs.delete("k");
      expect(await text()).toBe("");
      const stale = (await theirs.put("k", bytes("again"))).ok && (await mine.get("k"))?.etag;
      await theirs.put("k", bytes("newer"));
      expect(await mine.put("k", bytes("mine"), { ifMatch: String(stale) })).toEqual({ ok: false });
      expect(await text()).toBe("newer");
    }
  });

  it("does not list what was deleted, nor drafts", async () => {
    const root = await makeRoot();
    const lake = createFileLake(root, createSystemRandomness());
    await lake.put("a/k", bytes("x"));
    await lake.delete("a/k");
    await lake.delete("a/never-there");
    expect(await keysOf(lake, "")).toEqual([]);
  });

  it("refuses an empty body, which would mean deleted", async () => {
    const lake = createFileLake(await makeRoot(), createSystemRandomness());
    await expect(lake.put("k", new Uint8Array())).rejects.toMatchObject({ code: "internal" });
  });

  it("moves a large file in, and replaces what is there", async () => {
    const root = await makeRoot();
    const lake = createFileLake(root, createSystemRandomness());
    for (const content of ["one", "two"]) {
      const local = path.join(await makeRoot(), "part");
      await writeFile(local, content);
      await lake.putFile("rows/p.parquet", local);
      await expect(readFile(local)).rejects.toMatchObject({ code: "ENOENT" });
      expect(await readFile(await lake.getFile("rows/p.parquet"), "utf8")).toBe(content);
    }
    await expect(lake.putFile("rows/q.parquet", path.join(root, "nothing"))).rejects.toMatchObject({ code: "ENOENT" });
    expect(await keysOf(lake, "rows/")).toEqual(["rows/p.parquet"]);
  });

  it("leaves no drafts behind", async () => {
    const root = await makeRoot();
    const lake = createFileLake(root, createSystemRandomness());
    await Promise.all(Array.from({ length: 10 }, () => lake.put("k", new TextEncoder().encode("x"))));
    expect(await readdir(path.join(root, ".tmp"))).toEqual([]);
  });
});
