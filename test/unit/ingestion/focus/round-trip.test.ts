import { copyFile, readFile } from "node:fs/promises";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SourceConfigOf } from "../../../../shared/config/types.ts";
import { exportFocus } from "../../../../shared/ingestion/focus/export-focus.ts";
import { FOCUS_COLUMNS, focusColumn, focusRowsSql } from "../../../../shared/ingestion/focus/schema.ts";
import { isInVersion, REMOVED_COLUMNS } from "../../../../shared/ingestion/focus/versions.ts";
import { openFocusBill } from "../../../../shared/ingestion/sources/focus-export/read-focus.ts";
import { sqlName, sqlText } from "../../../../shared/ports/sql-engine.ts";
import { type Bench, withBench } from "../input/support.ts";
import { GOOD_ROW } from "./rows.ts";

const CONFIG: SourceConfigOf<"focus-export"> = { id: "any", type: "focus-export", location: "." };
const SAMPLE = path.resolve(import.meta.dirname, "../../../fixtures/billing/focus_sample_1.0_half.csv");

/** Reads a FOCUS file into the table `focus_rows`, as 1.4. */
async function upConvert(bench: Bench, name: string): Promise<void> {
  const files = [await bench.stagePath(name)];
  const progress = { report: () => undefined, note: () => undefined };
  const bill = await openFocusBill({
    engine: bench.engine,
    source: CONFIG,
    deliveries: [{ role: "bill", files }],
    progress,
  });
  const columns = await bench.engine.query(`DESCRIBE ${bill.mapping}`);
  const available = columns.map((row) => ({ name: String(row["column_name"]), type: String(row["column_type"]) }));
  await bench.engine.run(`CREATE OR REPLACE TABLE focus_rows AS ${focusRowsSql(bill.mapping, available)}`);
}

/** Rows of either file that the other lacks, compared by value in the named columns. */
async function differences(
  bench: Bench,
  before: string,
  after: string,
  columns: readonly string[],
): Promise<unknown[]> {
  const values = (file: string) => {
    const from = file.endsWith(".parquet")
      ? `read_parquet('${file}')`
      : `read_csv('${file}', all_varchar = true, nullstr = ['', 'NULL'])`;
    return `SELECT ${columns.map((name) => `${canonical(name)} AS ${sqlName(name)}`).join(", ")} FROM ${from}`;
  };
  return bench.engine.query(
    `(${values(before)} EXCEPT ALL ${values(after)}) UNION ALL (${values(after)} EXCEPT ALL ${values(before)})`,
  );
}

function canonical(name: string): string {
  const type = focusColumn(name)?.type;
  if (type === "decimal") return `money(${name}::VARCHAR)`;
  return type === "datetime" ? `instant(${name}::VARCHAR)` : name;
}

function columnsOf(version: "1.0" | "1.2"): string[] {
  return [
    ...FOCUS_COLUMNS.filter((column) => isInVersion(column, version)).map(({ name }) => name),
    ...REMOVED_COLUMNS,
  ];
}

describe("FOCUS 1.0 → 1.4 → 1.0 on the published sample", () => {
  it.each(["csv", "parquet", "csv.gz"])("reproduces every cell and every sum as %s (DN-2)", async (kind) => {
    await withBench(async (bench) => {
      await copyFile(SAMPLE, path.join(bench.folder, "sample.csv"));
      await upConvert(bench, "sample.csv");
      const file = path.join(bench.folder, `out.${kind}`);
      expect(await exportFocus(bench.engine, "focus_rows", "1.0", file)).toBe(523);

      expect(columnsOf("1.0").length).toBe(43);
      expect(await differences(bench, path.join(bench.folder, "sample.csv"), file, columnsOf("1.0"))).toEqual([]);
    });
  });

  it("keeps the column that FOCUS does not know as x_Id, and the values of later columns as x_ ones", async () => {
    await withBench(async (bench) => {
      await copyFile(SAMPLE, path.join(bench.folder, "sample.csv"));
      await upConvert(bench, "sample.csv");
      await exportFocus(bench.engine, "focus_rows", "1.0", path.join(bench.folder, "out.csv"));
      const header = (await readFile(path.join(bench.folder, "out.csv"), "utf8")).split("\n")[0]?.split(",") ?? [];
      expect(header.slice(0, 43)).toEqual(columnsOf("1.0").sort());
      expect(header.slice(43)).toEqual([
        "x_Respelled",
        "x_Id",
        "x_SourceProviderName",
        "x_SourcePublisherName",
        "x_CostFilled",
        "x_Filled",
        "x_InvoiceId",
        "x_SkuMeterName",
        "x_PricingCurrency",
      ]);
    });
  });

  it("gives the same 1.4 rows when its own 1.0 export is read again", async () => {
    await withBench(async (bench) => {
      await copyFile(SAMPLE, path.join(bench.folder, "sample.csv"));
      await upConvert(bench, "sample.csv");
      await exportFocus(bench.engine, "focus_rows", "1.4", path.join(bench.folder, "first.parquet"));
      await exportFocus(bench.engine, "focus_rows", "1.0", path.join(bench.folder, "middle.csv"));
      await upConvert(bench, "middle.csv");
      await exportFocus(bench.engine, "focus_rows", "1.4", path.join(bench.folder, "second.parquet"));
      const columns = FOCUS_COLUMNS.map(({ name }) => name);
      expect(
        await differences(
          bench,
          path.join(bench.folder, "first.parquet"),
          path.join(bench.folder, "second.parquet"),
          columns,
        ),
      ).toEqual([]);
    });
  });
});

describe("FOCUS 1.2 → 1.4 → 1.2 on generated rows", () => {
  const amount = fc
    .tuple(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), fc.integer({ min: 0, max: 18 }))
    .map(([digits, scale]) => {
      const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, "0");
      const plain = scale === 0 ? text : `${text.slice(0, -scale)}.${text.slice(-scale)}`;
      return digits < 0n ? `-${plain}` : plain;
    });
  const word = fc.constantFrom("Acme", "=cmd()", 'it\'s "quoted", yes', "ä\n🧾", "-1", "microsoft x");
  const anyCell = (name: string): fc.Arbitrary<string | null> => {
    const column = focusColumn(name);
    const value = (): fc.Arbitrary<string> => {
      if (column?.allowedValues != null) return fc.constantFrom(...column.allowedValues);
      if (column?.type === "decimal") return amount;
      if (column?.type === "json") return fc.constantFrom('{"a": "b"}', '{"Team":"x","team":null}');
      if (column?.type === "datetime") return fc.constant(GOOD_ROW[name] ?? "");
      return column?.valueFormat === "Currency Format" ? fc.constantFrom("USD", "EUR") : word;
    };
    const fixed =
      column?.type === "datetime" ||
      ["ProviderName", "BilledCost", "EffectiveCost", "BillingCurrency", "BillingAccountId", "ChargeCategory"].includes(
        name,
      );
    return fixed ? value() : fc.option(value(), { nil: null, freq: 3 });
  };
  const row = fc.record(Object.fromEntries(columnsOf("1.2").map((name) => [name, anyCell(name)])));

  it("reproduces every cell and every sum (DN-1)", async () => {
    expect(columnsOf("1.2").length).toBe(57);
    await withBench(async (bench) => {
      let index = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 8 }), async (rows) => {
          const [before, after] = ["before", "after"].map((name) => `${name}-${index}.parquet`) as [string, string];
          index++;
          const selects = rows.map((cells) => {
            const texts = Object.entries(cells).map(
              ([name, cell]) => `${cell === null ? "NULL::VARCHAR" : sqlText(String(cell))} AS ${sqlName(name)}`,
            );
            return `SELECT ${texts.join(", ")}`;
          });
          await bench.engine.run(
            `COPY (${selects.join(" UNION ALL ")}) TO '${bench.folder}/${before}' (FORMAT parquet)`,
          );
          await upConvert(bench, before);
          await exportFocus(bench.engine, "focus_rows", "1.2", path.join(bench.folder, after));

          expect(
            await differences(bench, path.join(bench.folder, before), path.join(bench.folder, after), columnsOf("1.2")),
          ).toEqual([]);
        }),
        { numRuns: 10, endOnFailure: true },
      );
    });
  });
});
