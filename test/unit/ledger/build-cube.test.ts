import { rm } from "node:fs/promises";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { cubeFolder, cubeKey, ensureCube } from "../../../shared/ledger/build-cube.ts";
import { openCube, readVersions } from "../../../shared/ledger/open-costs.ts";
import { createFolders } from "../../support/collect-deps.ts";
import { createLedgerFixture, type LedgerFixture, QUERY } from "../../support/ledger-fixture.ts";
import { allocationOf } from "../ingestion/allocation/config.ts";

const folders = createFolders();
afterAll(() => folders.clean());

async function cubes({ deps }: LedgerFixture): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of deps.lake.list("cube/")) keys.push(key);
  return keys;
}

const teams = async (ledger: LedgerFixture, allocation = allocationOf()) =>
  Object.fromEntries(
    (await ledger.report({ by: ["team"], allocation })).rows.map(({ keys, amount }) => [keys["team"], amount]),
  );

describe("ensureCube", () => {
  it("builds a version's cube once and reads it again", async () => {
    const ledger = await createLedgerFixture(folders);
    await ledger.load([{ billed: "1" }]);
    await ledger.report();
    const [built] = await cubes(ledger);
    await ledger.report();
    expect(await cubes(ledger)).toEqual([built]);
    const [version] = await readVersions(ledger.deps.lake, {});
    expect(built).toBe(version === undefined ? "" : cubeKey(QUERY, version));
    expect(built).toMatch(/^cube\/[0-9a-f]{16}\/source=any\/billing_period=2024-09\/version=[\w-]+\.parquet$/);
  });

  it("builds a new cube, and reads that, when an allocation rule changes", async () => {
    const ledger = await createLedgerFixture(folders);
    await ledger.load([{ billed: "1", tags: { team: "a", squad: "b" } }]);
    expect(await teams(ledger)).toEqual({ a: "1" });
    expect(await teams(ledger, allocationOf({ labels: { team: { keys: ["squad"] } } }))).toEqual({ b: "1" });
    expect(await teams(ledger, allocationOf({ labels: { team: { aliases: { alpha: ["A"] } } } }))).toEqual({
      alpha: "1",
    });
    expect(
      await teams(
        ledger,
        allocationOf({ labels: { team: { keys: ["none"] } }, accounts: { "111122223333": { team: "c" } } }),
      ),
    ).toEqual({ c: "1" });
    expect(await teams(ledger)).toEqual({ a: "1" });
    expect(await cubes(ledger)).toHaveLength(4);
  });

  it("names the same cube for the same rules and shared costs, another one for anything else", () => {
    const base = cubeFolder(QUERY);
    expect(cubeFolder({ ...QUERY, allocation: allocationOf() })).toBe(base);
    const shared = [{ name: "s", match: {}, over: "team", method: "even", weights: {}, among: [] }] as const;
    expect(cubeFolder({ ...QUERY, allocation: allocationOf({ shared: [...shared] }) })).toBe(base);
    const others = [
      cubeFolder({ ...QUERY, scopeColumns: ["resource_id"] }),
      cubeFolder({ ...QUERY, allocation: allocationOf({ labels: { team: { default: "x" } } }) }),
      cubeFolder({ ...QUERY, allocation: allocationOf({ namespaces: { shop: { team: "x" } } }) }),
      cubeFolder({ ...QUERY, allocation: allocationOf({ accounts: { "1": { team: "x" } } }) }),
    ];
    expect(new Set([base, ...others]).size).toBe(5);
  });

  it("carries the columns that scopes name", async () => {
    const ledger = await createLedgerFixture(folders);
    await ledger.load([
      { billed: "1", description: "one" },
      { billed: "2", description: "two" },
      { billed: "4", description: "two" },
    ]);
    const report = await ledger.report({
      by: ["charge_description", "pricing_quantity"],
      scopeColumns: ["charge_description", "pricing_quantity"],
    });
    expect(report.rows.map(({ keys, amount, rows }) => [keys, amount, rows])).toEqual([
      [{ charge_description: "two", pricing_quantity: "1.000000000000000000" }, "6", 2],
      [{ charge_description: "one", pricing_quantity: "1.000000000000000000" }, "1", 1],
    ]);
  });

  it("refuses a scope column that is no FOCUS column", async () => {
    const ledger = await createLedgerFixture(folders);
    await ledger.load([{ billed: "1" }]);
    for (const name of ["nonsense", `x" FROM y; --`, "constructor"]) {
      await expect(
        ledger.withCosts((deps) => openCube(deps, { ...QUERY, scopeColumns: [name] })),
      ).rejects.toMatchObject({ code: "config" });
    }
  });

  it("is the same file for two builders at once, whole for either", async () => {
    const ledger = await createLedgerFixture(folders);
    await ledger.load(Array.from({ length: 50 }, (_, index) => ({ billed: "0.1", service: `S${index}` })));
    const reports = await Promise.all(Array.from({ length: 3 }, () => ledger.report({ by: ["service"] })));
    for (const report of reports) expect(report.totals).toEqual([{ currency: "USD", amount: "5" }]);
    expect(await cubes(ledger)).toHaveLength(1);
  });

  it("can be deleted and is built again", async () => {
    const ledger = await createLedgerFixture(folders);
    await ledger.load([{ billed: "1" }]);
    await ledger.report();
    await rm(path.join(ledger.lakeDir, "cube"), { recursive: true });
    expect((await ledger.report()).totals).toEqual([{ currency: "USD", amount: "1" }]);
  });

  it("says which file is missing when the rows of a version are gone", async () => {
    const ledger = await createLedgerFixture(folders);
    await ledger.load([{ billed: "1" }]);
    const [version] = await readVersions(ledger.deps.lake, {});
    if (version === undefined) throw new Error("nothing was committed");
    await rm(path.join(ledger.lakeDir, "rows"), { recursive: true });
    await expect(ledger.withCosts((deps) => ensureCube(deps, QUERY, version))).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining(version.id),
    });
  });
});
