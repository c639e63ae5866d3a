import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createFolders } from "../../../support/collect-deps.ts";
import { writeFocusBill } from "../../../support/focus-bill.ts";
import { genops } from "./cli-support.ts";

const folders = createFolders();
afterAll(() => folders.clean());

/** A primary lake, and one that the rows of `az` stay in. */
async function createWorld() {
  const folder = await folders.make();
  await writeFocusBill(path.join(folder, "az.csv"), [{ billed: "3.75", tags: { squad: "blue" } }]);
  await writeFocusBill(path.join(folder, "own.csv"), [{ billed: "10" }]);
  const configure = (rows: string, more = "") =>
    writeFile(
      path.join(folder, "genops.yaml"),
      `lake: file:./primary
lakes: { azure: { location: "file:./azure", rows: ${rows} } }
sources:
  - { id: az, type: focus-export, location: az.csv, lake: azure }
  - { id: own, type: focus-export, location: own.csv }
${more}`,
    );
  await configure("readable");
  const runAt = (home: string, ...args: string[]) =>
    genops(folder, [...args, "--now", "2024-10-01"], { GENOPS_HOME: home });
  return {
    folder,
    configure,
    runAt,
    collectAt: async (home: string, ...args: string[]) => {
      const result = await runAt(home, "collect", "--format", "json", ...args);
      const { runs } = result.json() as { runs: { source: string }[] };
      return { ...result, sources: runs.map(({ source }) => source) };
    },
  };
}

describe("genops at a home lake", () => {
  it("collects what is at home there, and names the place of the rest", async () => {
    const world = await createWorld();
    const primary = await world.collectAt("");
    expect(primary.sources).toEqual(["own"]);
    expect(primary.stderr).toContain('the rows of az stay in the lake "azure": it is collected with GENOPS_HOME=azure');
    const azure = await world.collectAt("azure");
    expect(azure.sources).toEqual(["az"]);
    expect(azure.stderr).toContain("the rows of own are in the primary lake: it is collected without GENOPS_HOME");
    const refused = await world.runAt("", "collect", "--source", "az");
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("GENOPS_HOME=azure")]);
  }, 60_000);

  it("decides there about what waits in quarantine", async () => {
    const world = await createWorld();
    await world.collectAt("azure");
    await writeFocusBill(path.join(world.folder, "az.csv"), [{ billed: "0.01" }]);
    await world.collectAt("azure");
    const { quarantines } = (await world.runAt("", "collect", "quarantine", "--format", "json")).json() as {
      quarantines: { id: string }[];
    };
    const id = quarantines[0]?.id ?? "";
    for (const decision of ["confirm", "discard"]) {
      const elsewhere = await world.runAt("", "collect", decision, id);
      expect([elsewhere.code, elsewhere.stderr]).toEqual([
        2,
        expect.stringContaining(`${id} is decided where its rows are: run this with GENOPS_HOME=azure`),
      ]);
    }
    expect((await world.runAt("azure", "collect", "confirm", id)).code).toBe(0);
  }, 60_000);

  it("makes its cubes anew after the allocation has changed, with nothing new to collect", async () => {
    const world = await createWorld();
    await world.collectAt("azure");
    await world.configure("stay", "allocation: { labels: { team: [squad] } }\n");
    const report = () => world.runAt("", "report", "--by", "team", "--period", "2024-09", "--format", "json");
    expect((await report()).stderr).toMatch(/cube of 2024-09 is not built yet/);
    await world.collectAt("azure");
    expect((await report()).json()).toMatchObject({ rows: [{ keys: { team: "blue" }, amount: "3.75" }] });
  }, 60_000);
});
