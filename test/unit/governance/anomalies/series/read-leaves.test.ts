import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readLeaves } from "../../../../../shared/governance/anomalies/series/read-leaves.ts";
import type { SqlEngine } from "../../../../../shared/ports/sql-engine.ts";
import { type CubeRow, daily, loadCube, testEngine } from "../../support.ts";

let engine: SqlEngine;
beforeAll(async () => {
  engine = await testEngine();
});
afterAll(() => engine.close());

async function read(rows: readonly CubeRow[], by = ["provider", "region"]) {
  await loadCube(engine, rows);
  const table = await readLeaves(engine, { cubeRelation: "cube", by, start: "2024-09-01", end: "2024-09-06" });
  return table.leaves.map(({ currency, values, costs }) => [currency, values, [...costs]]);
}
const NOT_KNOWN = Number.NaN;

describe("readLeaves", () => {
  it("tells a day without rows from one that is not delivered", async () => {
    const rows = [
      ...daily("2024-09-01", "2024-09-05", { effective: "10", region: "eu" }),
      { date: "2024-09-02", effective: "3", region: null },
      { date: "2024-09-02", effective: "4.5", region: null },
    ];
    expect(await read(rows)).toEqual([
      ["USD", ["aws", ""], [0, 7.5, 0, 0, NOT_KNOWN]],
      ["USD", ["aws", "eu"], [10, 10, 10, 10, NOT_KNOWN]],
    ]);
  });

  it("keeps purchases, taxes, credits and refunds out, and currencies apart", async () => {
    const others = ["Purchase", "Tax", "Credit", "Adjustment"].flatMap((charge_category) =>
      daily("2024-09-01", "2024-09-06", { effective: "999", charge_category }),
    );
    const rows = [
      ...others,
      ...daily("2024-09-01", "2024-09-06", { effective: "1" }),
      { date: "2024-09-03", effective: "8", currency: "EUR" },
    ];
    expect(await read(rows, ["provider"])).toEqual([
      ["EUR", ["aws"], [0, 0, 8, 0, 0]],
      ["USD", ["aws"], [1, 1, 1, 1, 1]],
    ]);
  });

  it("leaves out days outside, and providers that have ended", async () => {
    const long = { cubeRelation: "cube", by: ["provider"], start: "2024-08-01", end: "2024-09-06" };
    await loadCube(engine, [
      ...daily("2024-08-01", "2024-08-20", { effective: "10", provider: "azure" }),
      ...daily("2024-07-30", "2024-09-09", { effective: "1" }),
    ]);
    const { leaves, days } = await readLeaves(engine, long);
    expect([days, leaves.map(({ provider, costs }) => [provider, costs.length])]).toEqual([36, [["aws", 36]]]);
    expect((await readLeaves(engine, { ...long, end: "2024-08-01" })).leaves).toEqual([]);
  });
});
