import { readdir, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseConfig } from "../../../shared/config/parse-config.ts";
import { parsePeriod } from "../../../shared/core/period.ts";
import { collectSources } from "../../../shared/ledger/collect/collect-source.ts";
import { collectGarbage } from "../../../shared/ledger/collect-garbage.ts";
import { openRows } from "../../../shared/ledger/open-costs.ts";
import { storedBytes } from "../../../shared/ledger/own-usage/stored-bytes.ts";
import { reportCosts } from "../../../shared/ledger/report.ts";
import { createSystemClock, createSystemRandomness } from "../../../shared/platforms/local/system.ts";
import { openHomeLakes } from "../../../shared/usecases/open-home-lakes.ts";
import { refreshHomeCubes } from "../../../shared/usecases/refresh-home-cubes.ts";
import { createRuntime, type Runtime } from "../../../shared/usecases/runtime.ts";
import { createFolders } from "../../support/collect-deps.ts";
import { type BillLine, writeFocusBill } from "../../support/focus-bill.ts";

const folders = createFolders();
afterAll(() => folders.clean());

const LINES: BillLine[] = [{ billed: "1.25" }, { billed: "2.5", day: "2024-09-02" }];

interface World {
  base: string;
  runtimeAt(home: string | undefined, extra?: string): Promise<Runtime>;
  collect(runtime: Runtime): ReturnType<typeof collectSources>;
  filesIn(lake: string): Promise<string[]>;
}

/** Two lakes: the primary, and one in Azure that the rows of `az` stay in. */
async function createWorld(rows = "stay"): Promise<World> {
  const base = await folders.make();
  await writeFocusBill(path.join(base, "az.csv"), LINES);
  await writeFocusBill(path.join(base, "own.csv"), [{ billed: "10" }]);
  const yaml = `lake: file:./primary
lakes: { azure: { location: "file:./azure", rows: ${rows} } }
sources:
  - { id: az, type: focus-export, location: az.csv, lake: azure }
  - { id: own, type: focus-export, location: own.csv }
`;
  return {
    base,
    runtimeAt: (home, extra = "") =>
      createRuntime({
        config: parseConfig(yaml + extra, {
          fileName: "genops.yaml",
          baseDir: base,
          secrets: { read: () => undefined },
        }),
        home,
        clock: createSystemClock(new Date("2024-10-01T00:00:00Z")),
        randomness: createSystemRandomness(),
        events: { publish: () => Promise.resolve() },
        progress: { report: () => {}, note: () => {} },
        createTempFolder: () => folders.make(),
      }),
    collect: (runtime) =>
      collectSources(runtime, {
        sources: runtime.config.sources.filter(({ id }) => runtime.isHome(id)),
        periods: [],
        force: false,
        baseDir: base,
      }),
    filesIn: async (lake) =>
      (await readdir(path.join(base, lake), { recursive: true, withFileTypes: true }).catch(() => []))
        .filter((entry) => entry.isFile() && !entry.parentPath.includes(".tmp"))
        .map((entry) => path.relative(path.join(base, lake), path.join(entry.parentPath, entry.name))),
  };
}

const totalsOf = (runtime: Runtime) =>
  runtime.withCosts(async (deps) => {
    const query = { ...runtime.costsQuery(), by: ["source"], period: parsePeriod("2024-09", runtime.clock.now()) };
    const report = await reportCosts(deps, {
      ...query,
      cost: "billed",
      settledAfterDays: {},
      now: runtime.clock.now(),
    });
    return Object.fromEntries(report.rows.map(({ keys, amount }) => [keys["source"], amount]));
  });

describe("rows that stay in their cloud (L10)", () => {
  it("lie in their own lake; state and cube are where they are read", async () => {
    const world = await createWorld();
    const [run] = await world.collect(await world.runtimeAt("azure"));
    expect(run?.status).toBe("replaced");
    const [azure, primary] = [await world.filesIn("azure"), await world.filesIn("primary")];
    expect(azure.length).toBeGreaterThan(0);
    expect(azure.filter((name) => !/^(rows|index)\/source=az\//.test(name))).toEqual([]);
    expect(primary.filter((name) => name.startsWith("rows/") || name.startsWith("index/"))).toEqual([]);
    expect(primary.some((name) => name.startsWith("heads/az/"))).toBe(true);
    expect(primary.some((name) => name.startsWith("cube/"))).toBe(true);
  });

  it("are reported exactly by a process elsewhere, which cannot read them", async () => {
    const world = await createWorld();
    await world.collect(await world.runtimeAt("azure"));
    const primary = await world.runtimeAt(undefined);
    expect((await world.collect(primary)).map(({ source, status }) => [source, status])).toEqual([["own", "replaced"]]);
    expect(await totalsOf(primary)).toEqual({ az: "3.75", own: "10" });
    await expect(primary.withCosts((deps) => openRows(deps, primary.costsQuery()))).rejects.toThrow(
      /rows of az stay in the lake "azure"/,
    );
  });

  it("of the primary lake are not read elsewhere either: only cube and state cross a border", async () => {
    const world = await createWorld();
    const azure = await world.runtimeAt("azure");
    await world.collect(azure);
    await world.collect(await world.runtimeAt(undefined));
    expect(await totalsOf(azure)).toEqual({ az: "3.75", own: "10" });
    expect([azure.isHere("az"), azure.isHere("own")]).toEqual([true, false]);
    await expect(azure.withCosts((deps) => openRows(deps, azure.costsQuery()))).rejects.toThrow(
      /rows of own stay in the primary lake and are not read from here/,
    );
  });

  it("of the primary lake become cubes there after the allocation has changed", async () => {
    const world = await createWorld();
    await world.collect(await world.runtimeAt(undefined));
    const changed = "allocation: { labels: { team: [squad] } }\n";
    const azure = await world.runtimeAt("azure", changed);
    await expect(totalsOf(azure)).rejects.toThrow(/cube of 2024-09 is not built yet/);
    expect(await refreshHomeCubes(await world.runtimeAt(undefined, changed))).toBe(1);
    expect(await totalsOf(azure)).toEqual({ own: "10" });
  });

  it("that split a cluster's bill are read wherever costs are", () => {
    const shares = { id: "k8s", type: "opencost", url: "http://opencost", cluster: "c", match: {} } as const;
    const own = { id: "own", type: "focus-export", location: "own.csv" } as const;
    const lakes = { azure: { location: "file:./azure", rows: "stay" } } as const;
    const at = (home: string | undefined) =>
      openHomeLakes({ lakes, sources: [shares, own] }, home, () => Promise.reject(new Error("not opened")));
    const reach = (home: string | undefined) => ["k8s", "own"].map((source) => at(home).isPrimaryWithinReach(source));
    expect([reach(undefined), reach("azure")]).toEqual([
      [true, true],
      [true, false],
    ]);
  });

  it("have the cubes of the primary's rows at hand, too, so that nobody at home fetches those rows", async () => {
    const world = await createWorld();
    const primary = await world.runtimeAt(undefined);
    await world.collect(primary);
    const cubes = async () =>
      (await world.filesIn("primary")).filter((name) => /^cube\/[0-9a-f]+\/source=own/.test(name)).length;
    expect(await cubes()).toBe(1);
    const changed = await world.runtimeAt(undefined, "allocation: { labels: { team: [squad] } }\n");
    expect([await refreshHomeCubes(changed), await cubes()]).toEqual([1, 2]);
  });

  it("are read from everywhere when the configuration says so", async () => {
    const world = await createWorld("readable");
    await world.collect(await world.runtimeAt("azure"));
    const primary = await world.runtimeAt(undefined);
    const count = await primary.withCosts(async (deps) => {
      await openRows(deps, primary.costsQuery());
      return deps.engine.query("SELECT count(*)::INTEGER AS n FROM cost_rows");
    });
    expect(count).toEqual([{ n: 2 }]);
  });

  it("need their home after the allocation has changed, and the answer says so until then", async () => {
    const world = await createWorld();
    await world.collect(await world.runtimeAt("azure"));
    const changed = "allocation: { labels: { team: [squad] } }\n";
    const primary = await world.runtimeAt(undefined, changed);
    await expect(totalsOf(primary)).rejects.toThrow(/cube of 2024-09 is not built yet.*next collect/);
    const azure = await world.runtimeAt("azure", changed);
    expect(await refreshHomeCubes(azure)).toBe(1);
    expect(await refreshHomeCubes(azure)).toBe(0);
    expect(await refreshHomeCubes(primary)).toBe(0);
    expect(await totalsOf(primary)).toEqual({ az: "3.75" });
  });

  it.each(["stay", "readable"])("are swept by their home alone (rows: %s)", async (rows) => {
    const world = await createWorld(rows);
    const azure = await world.runtimeAt("azure");
    await world.collect(azure);
    await writeFocusBill(path.join(world.base, "az.csv"), [...LINES, { billed: "4", day: "2024-09-03" }]);
    await world.collect(azure);
    const far = { now: () => new Date("2099-01-01T00:00:00Z") };
    const at = async (runtime: Runtime, hours: number) => {
      const clock = { ...runtime.clock, now: () => new Date(far.now().getTime() + hours * 3_600_000) };
      return collectGarbage({ lake: runtime.lake, clock, isHome: runtime.isHome }, { retainVersionsDays: 1 });
    };
    const orphan = path.join(world.base, "azure", "rows", "source=az", "left-behind.parquet");
    await writeFile(orphan, "rows of a writer that died");
    const rowsBefore = (await world.filesIn("azure")).filter((name) => name.startsWith("rows/")).length;
    const primary = await world.runtimeAt(undefined);
    expect(await at(primary, 0)).toEqual({ expired: 0, deleted: 0 });
    expect((await at(azure, 0)).expired).toBe(1);
    expect((await at(azure, 12)).deleted).toBeGreaterThan(0);
    expect((await world.filesIn("azure")).filter((name) => name.startsWith("rows/")).length).toBe(rowsBefore - 2);
    expect(await totalsOf(primary)).toEqual({ az: "7.75" });
  });

  it("are counted as stored where they are, also from elsewhere", async () => {
    const world = await createWorld();
    await world.collect(await world.runtimeAt("azure"));
    const primary = await world.runtimeAt(undefined);
    await world.collect(primary);
    const bytesOf = async (lake: string) => {
      const files = await Promise.all(
        (await world.filesIn(lake)).map((name) => stat(path.join(world.base, lake, name))),
      );
      return files.reduce((sum, { size }) => sum + size, 0);
    };
    const [index] = await world.filesIn("azure").then((names) => names.filter((name) => name.startsWith("index/")));
    const indexBytes = (await stat(path.join(world.base, "azure", index ?? ""))).size;
    const homeCloud = (source: string) => (source === "az" ? ("azure" as const) : undefined);
    const expected = new Map([
      ["aws", await bytesOf("primary")],
      ["azure", (await bytesOf("azure")) - indexBytes],
    ]);
    for (const home of [undefined, "azure"]) {
      const { lake } = await world.runtimeAt(home);
      expect(await storedBytes(lake, { primary: "aws", homeCloud })).toEqual(expected);
    }
  });

  it("refuse a home that is not described", async () => {
    const world = await createWorld();
    await expect(world.runtimeAt("gcp")).rejects.toThrow(/not in lakes: azure/);
  });
});
