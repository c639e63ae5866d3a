import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createLocalCopies, type LocalCopies } from "../../../../shared/ledger/storage/local-copies.ts";
import { createFakeClock, type FakeClock } from "../../../support/fake-clock.ts";

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "genops-copies-"));
  folders.push(folder);
  return folder;
}

interface World {
  copies: LocalCopies;
  clock: FakeClock;
  /** Keys that were fetched. */
  fetched: string[];
  /** Asks for an object of that many bytes. */
  ask(key: string, bytes?: number): Promise<string>;
}

async function setUp(maxBytes = 1000): Promise<World> {
  const clock = createFakeClock();
  const copies = createLocalCopies({ createFolder: makeFolder, clock, maxBytes });
  const fetched: string[] = [];
  const ask = (key: string, bytes = 100) =>
    copies.pathOf(key, async (file) => {
      fetched.push(key);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, "x".repeat(bytes));
    });
  return { copies, clock, fetched, ask };
}

const HOUR = 3_600_000;
const exists = (file: string) =>
  stat(file).then(
    () => true,
    () => false,
  );

describe("local copies", () => {
  it("are fetched once, under a path that ends with the key", async () => {
    const { ask, fetched } = await setUp();
    const file = await ask("rows/source=a/p.parquet");
    expect(await ask("rows/source=a/p.parquet")).toBe(file);
    expect(file.endsWith(path.join("rows", "source=a", "p.parquet"))).toBe(true);
    expect(fetched).toEqual(["rows/source=a/p.parquet"]);
  });

  it("are fetched again when the system has cleaned its temporary folder, or the object was forgotten", async () => {
    const { ask, copies, fetched } = await setUp();
    await rm(await ask("a"));
    await ask("a");
    await copies.forget("a");
    await copies.forget("never-there");
    await ask("a");
    expect(fetched).toEqual(["a", "a", "a"]);
  });

  it("are not remembered when they could not be fetched", async () => {
    const { copies, ask, fetched } = await setUp();
    const failing = copies.pathOf("a", () => Promise.reject(new Error("no network")));
    await expect(failing).rejects.toThrow("no network");
    await ask("a");
    expect(fetched).toEqual(["a"]);
  });

  it("take a file over that was just stored, instead of fetching it", async () => {
    const { copies, ask, fetched } = await setUp();
    const source = path.join(await makeFolder(), "part");
    await writeFile(source, "mine");
    await copies.adopt("rows/p", source);
    expect(await readFile(await ask("rows/p"), "utf8")).toBe("mine");
    expect([await exists(source), fetched]).toEqual([false, []]);
  });

  it("are fetched when a stored file could not be taken over", async () => {
    const { copies, ask, fetched } = await setUp();
    await ask("p");
    await copies.adopt("p", path.join(await makeFolder(), "gone"));
    await ask("p");
    expect(fetched).toEqual(["p", "p"]);
  });

  it("go, the longest unused first, when all of them are too large, but never one that somebody may be reading", async () => {
    const { ask, clock, fetched } = await setUp(250);
    const [a, b] = [await ask("a"), await ask("b")];
    clock.advance(HOUR);
    await ask("a");
    await ask("c");
    expect([await exists(a), await exists(b)]).toEqual([true, false]);
    const d = await ask("d");
    expect([await exists(a), await exists(d)]).toEqual([true, true]);
    clock.advance(HOUR);
    await ask("e");
    expect([await exists(a), fetched.length]).toEqual([false, 5]);
  });
});
