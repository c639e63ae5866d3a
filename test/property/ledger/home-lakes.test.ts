import { createHash } from "node:crypto";
import path from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { ensureCube } from "../../../shared/ledger/build-cube.ts";
import { collectSources } from "../../../shared/ledger/collect/collect-source.ts";
import { currentVersion, listHeads } from "../../../shared/ledger/head.ts";
import { createRoutedLake } from "../../../shared/ledger/home-lakes.ts";
import type { Lake } from "../../../shared/ports/object-store.ts";
import { createCollectDeps, createFolders } from "../../support/collect-deps.ts";
import { createFaultyLake } from "../../support/faulty-lake.ts";
import { writeFocusBill } from "../../support/focus-bill.ts";
import { QUERY } from "../../support/ledger-fixture.ts";
import { createMemoryLake, type MemoryLake } from "../../support/memory-lake.ts";

const folders = createFolders();
afterAll(() => folders.clean());

interface Stores {
  primary: MemoryLake;
  home: MemoryLake;
}

type Fault = { at: number; when: "before" | "after"; store: keyof Stores };

/** One process at home; it stops at the fault. */
async function collectOnce(stores: Stores, folder: string, fault?: Fault): Promise<void> {
  const faulty = (store: keyof Stores): Lake =>
    createFaultyLake(
      stores[store],
      fault?.store === store
        ? {
            ...fault,
            stop: () => {
              throw new Error("the process is gone");
            },
          }
        : undefined,
    );
  const lake = createRoutedLake(faulty("primary"), {
    names: ["azure"],
    homeOf: () => "azure",
    open: () => Promise.resolve(faulty("home")),
    isWithinReach: () => true,
    isPrimaryWithinReach: () => true,
  });
  const deps = createCollectDeps("", lake);
  const beforeCommit: (typeof deps)["beforeCommit"] = async (version) => {
    const engine = await deps.createEngine();
    try {
      await ensureCube({ lake, engine, workDir: await folders.make() }, QUERY, version);
    } finally {
      await engine.close();
    }
  };
  await collectSources(
    { ...deps, beforeCommit },
    { sources: [{ id: "az", type: "focus-export", location: "az.csv" }], periods: [], force: false, baseDir: folder },
  ).catch(() => []);
}

/** What a reader sees: the current content, whether its rows are all at home and its cube is in the primary. */
async function stateOf({ primary, home }: Stores) {
  const heads = await listHeads(primary);
  return heads.map((head) => {
    const { id, contentHash, totals, rows, parts } = currentVersion(head);
    return {
      period: head.billingPeriod,
      contentHash,
      totals,
      rows,
      partsAtHome: parts.every(({ key }) => home.entries.has(key)),
      cubeInPrimary: [...primary.entries.keys()].some((key) => key.startsWith("cube/") && key.includes(id)),
      versions: head.versions.length,
      announced: head.announced === id,
    };
  });
}

describe("rows at home, cube and state in the primary (L10)", () => {
  it("end in the same state whatever stopped a writer, and with two writers at once", async () => {
    const folder = await folders.make();
    await writeFocusBill(path.join(folder, "az.csv"), [{ billed: "1.25" }, { billed: "2.5", day: "2024-09-02" }]);
    const clean: Stores = { primary: createMemoryLake(), home: createMemoryLake() };
    await collectOnce(clean, folder);
    const expected = await stateOf(clean);
    expect(expected).toMatchObject([{ partsAtHome: true, cubeInPrimary: true, versions: 1, announced: true }]);
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          at: fc.integer({ min: 1, max: 6 }),
          when: fc.constantFrom("before" as const, "after" as const),
          store: fc.constantFrom("primary" as const, "home" as const),
        }),
        async (fault) => {
          const stores: Stores = { primary: createMemoryLake(), home: createMemoryLake() };
          await collectOnce(stores, folder, fault);
          for (const seen of await stateOf(stores))
            expect(seen).toMatchObject({ partsAtHome: true, cubeInPrimary: true });
          await Promise.all([collectOnce(stores, folder), collectOnce(stores, folder)]);
          expect(await stateOf(stores)).toEqual(expected);
        },
      ),
      { numRuns: 12 },
    );
  }, 60_000);

  it("keeps a bucket's foreign rows out of its listing", async () => {
    const [primary, home] = [createMemoryLake(), createMemoryLake()];
    const body = createHash("sha256").update("rows").digest();
    await home.put("rows/source=az/a.parquet", body);
    await home.put("rows/source=moved/b.parquet", body);
    await primary.put("rows/source=own/c.parquet", body);
    // What was collected before the source got a home of its own.
    await primary.put("rows/source=az/old.parquet", body);
    const lake = createRoutedLake(primary, {
      names: ["azure"],
      homeOf: (source) => (source === "az" ? "azure" : undefined),
      open: () => Promise.resolve(home),
      isWithinReach: () => true,
      isPrimaryWithinReach: () => true,
    });
    const keys = (await Array.fromAsync(lake.list("rows/"))).map(({ key }) => key);
    expect(keys).toEqual(["rows/source=az/a.parquet", "rows/source=own/c.parquet"]);
  });
});
