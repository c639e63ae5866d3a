import { describe, expect, it } from "vitest";
import { createBillView } from "../../../../shared/ingestion/input/bill-view.ts";
import { keptColumns } from "../../../../shared/ingestion/input/kept-columns.ts";
import { openRawTables } from "../../../../shared/ingestion/input/raw-table.ts";
import { withBench } from "./support.ts";

describe("createBillView", () => {
  it("puts files of several headers under the names a mapping reads, absent columns null", async () => {
    await withBench(async (bench) => {
      const tables = await openRawTables(bench.engine, [
        await bench.stage("a.csv", "cost,service\n1,Queue\n"),
        await bench.stage("b.csv", "COST;Region\n2;eu\n"),
      ]);
      await createBillView(bench.engine, tables, {
        expected: ["Cost", "Service", "Region"],
        canonical: (header) =>
          ["Cost", "Service", "Region"].find((name) => name.toLowerCase() === header.toLowerCase()),
      });
      expect(
        await bench.engine.query("SELECT * EXCLUDE source_file, right(source_file, 5) AS f FROM bill ORDER BY ALL"),
      ).toEqual([
        { Cost: "1", Service: "Queue", Region: null, f: "a.csv" },
        { Cost: "2", Service: null, Region: "eu", f: "b.csv" },
      ]);
    });
  });

  it("takes the first non-null of headers that mean the same", async () => {
    await withBench(async (bench) => {
      const tables = await openRawTables(bench.engine, [await bench.stage("a.csv", "cost,Cost\n,2\n1,2\n")]);
      await createBillView(bench.engine, tables, { expected: ["Cost"], canonical: () => "Cost" });
      expect(await bench.engine.query("SELECT Cost FROM bill ORDER BY ALL")).toEqual([{ Cost: "1" }, { Cost: "2" }]);
    });
  });

  it("gives Parquet values as text: floats shortest, decimals without trailing zeros, nested ones as JSON (X-1), null words as null (X-3)", async () => {
    await withBench(async (bench) => {
      await bench.engine.run(`COPY (SELECT 4.33e-7::DOUBLE AS f, 0.1::DOUBLE + 0.2::DOUBLE AS g, 100.50::DECIMAL(38,18) AS d, 100::DECIMAL(10,0) AS w,
        -0.000::DECIMAL(9,3) AS z, MAP {'k': 'v'} AS m, {'a': [1]} AS s, TIMESTAMPTZ '2024-09-01 02:00:00+02' AS t, DATE '2024-09-01' AS day,
        'NULL' AS n1, '' AS n2, 'null' AS n3, 'Null' AS n4) TO '${bench.folder}/a.parquet'`);
      const tables = await openRawTables(bench.engine, [await bench.stagePath("a.parquet")]);
      const names = tables[0]?.columns.map(({ header }) => header) ?? [];
      await createBillView(bench.engine, tables, { expected: names, canonical: (header) => header });
      expect(await bench.engine.query("SELECT * EXCLUDE (source_file, t), instant(t)::VARCHAR AS t FROM bill")).toEqual(
        [
          {
            f: "4.33e-07",
            g: "0.30000000000000004",
            d: "100.5",
            w: "100",
            z: "0",
            m: '{"k":"v"}',
            s: '{"a":[1]}',
            t: "2024-09-01 00:00:00",
            day: "2024-09-01",
            n1: null,
            n2: null,
            n3: null,
            n4: "Null",
          },
        ],
      );
    });
  });
});

describe("keptColumns", () => {
  it("keeps unknown columns of all files as x_, apart where names repeat or differ by case (X-6)", async () => {
    await withBench(async (bench) => {
      const tables = await openRawTables(bench.engine, [
        await bench.stage("a.csv", "Cost,Id,id,x_Team,Id,\n1,2,3,4,5,6\n"),
        await bench.stage("b.csv", "Id,x_team\n7,8\n"),
      ]);
      const kept = keptColumns(tables, (header) => header === "Cost");
      await createBillView(bench.engine, tables, { expected: [], canonical: () => undefined, derived: kept.derived });

      expect(kept.names).toEqual(["x_Id", "x_id_2", "x_Team", "x_Id_3", "x_Unnamed", "x_team_2"]);
      expect(await bench.engine.query("SELECT * EXCLUDE source_file FROM bill ORDER BY x_Id")).toEqual([
        { x_Id: "2", x_id_2: "3", x_Team: "4", x_Id_3: "5", x_Unnamed: "6", x_team_2: null },
        { x_Id: "7", x_id_2: null, x_Team: null, x_Id_3: null, x_Unnamed: null, x_team_2: "8" },
      ]);
    });
  });
});
