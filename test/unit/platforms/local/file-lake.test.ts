import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createFileLake } from "../../../../shared/platforms/local/file-lake.ts";
import { createSystemRandomness } from "../../../../shared/platforms/local/system.ts";
import { objectStoreContract } from "../../../contract/object-store.contract.ts";

const roots: string[] = [];

async function makeRoot(): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), "genops-lake-"));
  roots.push(root);
  return root;
}

afterAll(() => Promise.all(roots.map((root) => rm(root, { recursive: true, force: true }))));

objectStoreContract("file", async () => createFileLake(await makeRoot(), createSystemRandomness()));

describe("createFileLake", () => {
  it("lets two processes' lakes over one folder share one compare-and-swap", async () => {
    const root = await makeRoot();
    const [one, two] = [createFileLake(root, createSystemRandomness()), createFileLake(root, createSystemRandomness())];
    const body = new TextEncoder().encode("x");
    await one.put("k", body);
    const [a, b] = [await one.get("k"), await two.get("k")];
    const wins = await Promise.all([one.put("k", body, { ifMatch: a?.etag ?? "" }), two.put("k", body, { ifMatch: b?.etag ?? "" })]);
    expect(wins.filter(({ ok }) => ok)).toHaveLength(1);
  });

  it("does not grow with the number of writes", async () => {
    const root = await makeRoot();
    const lake = createFileLake(root, createSystemRandomness());
    for (let round = 0; round < 50; round++) await lake.put("k", new TextEncoder().encode(String(round)));
    expect((await readdir(root)).length).toBeLessThanOrEqual(18);
    expect(new TextDecoder().decode((await lake.get("k"))?.body)).toBe("49");
  });

  it("leaves no drafts behind", async () => {
    const root = await makeRoot();
    const lake = createFileLake(root, createSystemRandomness());
    await Promise.all(Array.from({ length: 10 }, () => lake.put("k", new TextEncoder().encode("x"))));
    expect(await readdir(path.join(root, ".tmp"))).toEqual([]);
  });
});
