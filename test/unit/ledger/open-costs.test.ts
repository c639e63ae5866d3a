import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { listHeads } from "../../../shared/ledger/head.ts";
import { openCube, openRows, readVersions } from "../../../shared/ledger/open-costs.ts";
import { createCollectDeps, createFolders } from "../../support/collect-deps.ts";
import { createLedgerFixture, QUERY } from "../../support/ledger-fixture.ts";

const folders = createFolders();
afterAll(() => folders.clean());

const PERIOD = { start: "2024-09-01", end: "2024-10-01", basis: "billing" } as const;

describe("reads as of an instant", () => {
  it("see nothing before the first commit, the old version between two, the new one after", async () => {
    const ledger = await createLedgerFixture(folders);
    await ledger.load([{ billed: "1" }]);
    await ledger.load([{ billed: "1" }, { billed: "2", day: "2024-09-02" }]);
    const [first, second] = await commits(ledger);
    expect(await readVersions(ledger.deps.lake, {})).toHaveLength(1);
    const at = async (asOf: Date | undefined, by: string[]) =>
      (await ledger.report({ asOf, by, period: PERIOD })).totals.map(({ amount }) => amount);
    for (const by of [["team"], ["sku_id"]]) {
      expect(await at(new Date(Number(first) - 1), by)).toEqual([]);
      expect(await at(first, by)).toEqual(["1"]);
      expect(await at(new Date(Number(second) - 1), by)).toEqual(["1"]);
      expect(await at(second, by)).toEqual(["3"]);
      expect(await at(undefined, by)).toEqual(["3"]);
    }
    expect((await ledger.report({ asOf: first })).asOf).toBe(first?.toISOString());
  });
});

async function commits(ledger: Awaited<ReturnType<typeof createLedgerFixture>>): Promise<Date[]> {
  return (await listHeads(ledger.deps.lake)).flatMap(({ versions }) =>
    versions.map(({ committedAt }) => new Date(committedAt)),
  );
}

describe("openCube and openRows", () => {
  it("give empty relations with all columns over an empty lake", async () => {
    const ledger = await createLedgerFixture(folders);
    await ledger.withCosts(async (deps) => {
      const query = { ...QUERY, scopeColumns: ["resource_id"] };
      expect(await openCube(deps, query)).toEqual([]);
      expect(await openRows(deps, query)).toEqual([]);
      expect(await deps.engine.query("SELECT date, team, resource_id, metered, billed, rows FROM cube")).toEqual([]);
      expect(
        await deps.engine.query(
          "SELECT BilledCost, account, team, source, billing_period, version, x_CostSource FROM cost_rows",
        ),
      ).toEqual([]);
    });
  });

  it("give the same columns over an empty lake as over a full one", async () => {
    const columns = async (full: boolean, relation: "cube" | "cost_rows") => {
      const ledger = await createLedgerFixture(folders);
      if (full) await ledger.load([{ billed: "1" }]);
      return ledger.withCosts(async (deps) => {
        const query = { ...QUERY, scopeColumns: ["resource_id"] };
        await (relation === "cube" ? openCube(deps, query) : openRows(deps, query));
        const rows = await deps.engine.query(`DESCRIBE SELECT * FROM ${relation}`);
        return rows.map((row) => `${String(row["column_name"])} ${String(row["column_type"])}`).sort();
      });
    };
    expect(await columns(false, "cube")).toEqual(await columns(true, "cube"));
    const provider = /^x_(?!CostSource )/;
    expect(await columns(false, "cost_rows")).toEqual(
      (await columns(true, "cost_rows")).filter((column) => !provider.test(column)),
    );
  });

  it("can be opened one after the other on one engine, with other rules each time", async () => {
    const ledger = await createLedgerFixture(folders);
    await ledger.load([
      { billed: "4", tags: { team: "a" } },
      { billed: "2", service: "Support" },
    ]);
    const shared = [
      { name: "s", match: { service: ["Support"] }, over: "team", method: "even", weights: {}, among: ["a", "b"] },
    ] as const;
    await ledger.withCosts(async (deps) => {
      const teams = async () =>
        (await deps.engine.query("SELECT team, sum(billed) AS amount FROM cube GROUP BY ALL ORDER BY ALL")).map(
          ({ team, amount }) => `${String(team)} ${Number(amount)}`,
        );
      await openCube(deps, QUERY);
      expect(await teams()).toEqual(["a 4", "unallocated 2"]);
      await openCube(deps, { ...QUERY, allocation: { ...QUERY.allocation, shared: [...shared] } });
      expect(await teams()).toEqual(["a 5", "b 1"]);
      await openCube(deps, QUERY);
      expect(await teams()).toEqual(["a 4", "unallocated 2"]);
      await openRows(deps, QUERY);
      await openRows(deps, { ...QUERY, sources: ["nobody"] });
      expect(await deps.engine.query("SELECT count(*)::INTEGER AS n FROM cost_rows")).toEqual([{ n: 0 }]);
    });
  });

  it("read a lake whose folder has quotes, spaces and wildcards in its name", async () => {
    const odd = path.join(await folders.make(), `it's [a] lake * "x"`);
    const ledger = await createLedgerFixture(folders, createCollectDeps(odd));
    await ledger.load([{ billed: "1" }]);
    for (const by of [["team"], ["sku_id"]])
      expect((await ledger.report({ by })).totals).toEqual([{ currency: "USD", amount: "1" }]);
  });
});
