import { describe, expect, it } from "vitest";
import {
  FOCUS_COLUMNS,
  focusColumn,
  focusColumnOfSnakeCase,
  focusRowsSql,
  snakeCase,
  sqlType,
} from "../../../../shared/ingestion/focus/schema.ts";
import { withBench } from "../input/support.ts";

describe("FOCUS_COLUMNS", () => {
  it("are the 65 columns of FOCUS 1.4 with the counts of the specification", () => {
    const count = (test: (column: (typeof FOCUS_COLUMNS)[number]) => boolean) => FOCUS_COLUMNS.filter(test).length;
    expect(FOCUS_COLUMNS.length).toBe(65);
    expect(
      ["mandatory", "conditional", "recommended"].map((level) => count((column) => column.featureLevel === level)),
    ).toEqual([21, 40, 4]);
    expect(["string", "decimal", "json", "datetime"].map((type) => count((column) => column.type === type))).toEqual([
      43, 12, 6, 4,
    ]);
    expect(count((column) => !column.allowNulls)).toBe(21);
  });

  it("are found by any spelling and by snake_case", () => {
    expect(focusColumn("skupriceid")?.name).toBe("SkuPriceId");
    expect(focusColumn("Cost")).toBeUndefined();
    expect(focusColumnOfSnakeCase("service_name")?.name).toBe("ServiceName");
    for (const { name } of FOCUS_COLUMNS) expect(focusColumnOfSnakeCase(snakeCase(name))?.name).toBe(name);
  });
});

describe("focusRowsSql", () => {
  it("gives all 65 columns with exact types, then the x_ columns, whatever the mapping leaves out", async () => {
    await withBench(async ({ engine }) => {
      const sql = focusRowsSql("SELECT 'b' AS x_Second, 'Queue' AS servicename, 1 AS x_First", [
        { name: "x_Second", type: "VARCHAR" },
        { name: "servicename", type: "VARCHAR" },
        { name: "x_First", type: "INTEGER" },
      ]);
      const columns = (await engine.query(`DESCRIBE ${sql}`)).map((row) => [row["column_name"], row["column_type"]]);
      expect(columns).toEqual([
        ...FOCUS_COLUMNS.map((column) => [column.name, sqlType(column)]),
        ["x_Second", "VARCHAR"],
        ["x_First", "INTEGER"],
      ]);
      expect(await engine.query(`SELECT ServiceName, BilledCost, x_First FROM (${sql})`)).toEqual([
        { ServiceName: "Queue", BilledCost: null, x_First: 1 },
      ]);
    });
  });

  it.each([
    ["VARCHAR", "'4.33e-7'", "0.000000433000000000"],
    ["VARCHAR", "'0.0000000000000000005'", "0.000000000000000000"],
    ["VARCHAR", "'0.0000000000000000015'", "0.000000000000000002"],
    ["DOUBLE", "0.1::DOUBLE", "0.100000000000000000"],
    ["BIGINT", "7::BIGINT", "7.000000000000000000"],
    ["DECIMAL(10,2)", "1.25::DECIMAL(10,2)", "1.250000000000000000"],
    ["DECIMAL(38,20)", "0.00000000000000000050::DECIMAL(38,20)", "0.000000000000000000"],
    ["DECIMAL(38,18)", "1.5::DECIMAL(38,18)", "1.500000000000000000"],
  ])("converts money of type %s (%s) half-even, never through a float (X-1)", async (type, value, expected) => {
    await withBench(async ({ engine }) => {
      const sql = focusRowsSql(`SELECT ${value} AS BilledCost`, [{ name: "BilledCost", type }]);
      expect(await engine.query(`SELECT BilledCost FROM (${sql})`)).toEqual([{ BilledCost: expected }]);
    });
  });

  it.each([
    ["VARCHAR", "'2024-09-01T02:00:00+02:00'"],
    ["VARCHAR", "'2024-09-01T00:00Z'"],
    ["DATE", "DATE '2024-09-01'"],
    ["TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ '2024-09-01 02:00:00+02'"],
    ["TIMESTAMP_NS", "TIMESTAMP_NS '2024-09-01 00:00:00'"],
    ["TIMESTAMP_MS", "TIMESTAMP_MS '2024-09-01 00:00:00'"],
  ])("converts instants of type %s (%s) to UTC (X-2)", async (type, value) => {
    await withBench(async ({ engine }) => {
      const sql = focusRowsSql(`SELECT ${value} AS ChargePeriodStart`, [{ name: "ChargePeriodStart", type }]);
      expect(await engine.query(`SELECT ChargePeriodStart FROM (${sql})`)).toEqual([
        { ChargePeriodStart: "2024-09-01 00:00:00" },
      ]);
    });
  });

  it("refuses columns that are neither FOCUS nor x_", () => {
    const misspelt = [
      { name: "BiledCost", type: "VARCHAR" },
      { name: "X_Team", type: "VARCHAR" },
    ];
    expect(() => focusRowsSql("SELECT 1", misspelt)).toThrow(/no FOCUS 1.4 column: BiledCost, X_Team/);
  });
});
