import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { readCsvHeader } from "../../../../shared/ingestion/input/csv-header.ts";
import { openRawTables } from "../../../../shared/ingestion/input/raw-table.ts";
import { withBench } from "./support.ts";

const TWO = [
  { a: "1", b: "2" },
  { a: "3", b: "4" },
];

describe("openRawTables on CSV", () => {
  it.each([
    ["LF", "a,b\n1,2\n3,4\n"],
    ["CRLF", "a,b\r\n1,2\r\n3,4\r\n"],
    ["lone CR", "a,b\r1,2\r3,4\r"],
    ["no end of the last line", "a,b\n1,2\n3,4"],
    ["a BOM", "\uFEFFa,b\n1,2\n3,4\n"],
    ["a BOM before a quote", '\uFEFF"a","b"\n1,2\n3,4\n'],
    ["semicolons", "a;b\n1;2\n3;4\n"],
    ["tabs", "a\tb\n1\t2\n3\t4\n"],
    ["bars", "a|b\n1|2\n3|4\n"],
    ["blank lines between rows", "a,b\n1,2\n\n3,4\n\n"],
    ["blanks around names", " a , b \n1,2\n3,4\n"],
  ])("reads %s", async (_what, content) => {
    await withBench(async (bench) => {
      expect(await bench.read(await bench.stage("a.csv", content))).toEqual(TWO);
    });
  });

  it("reads quoted line ends, quotes, delimiters, and names that hold them", async () => {
    await withBench(async (bench) => {
      const file = await bench.stage("a.csv", 'a,"b, ""x""\ny"\n"1\r\n2","say ""hi"", you"\n');
      expect(await bench.read(file)).toEqual([{ a: "1\r\n2", 'b, "x"\ny': 'say "hi", you' }]);
    });
  });

  it("takes '', NULL and null as null, and nothing else (X-3)", async () => {
    await withBench(async (bench) => {
      const file = await bench.stage("a.csv", 'a,b,c,d,e\n,"",NULL,null,"NULL"\nNone,n/a,Null, ,0\n');
      expect(await bench.read(file)).toEqual([
        { a: null, b: null, c: null, d: null, e: null },
        { a: "None", b: "n/a", c: "Null", d: " ", e: "0" },
      ]);
    });
  });

  it("keeps ids, amounts, control characters and formulas as the text they are", async () => {
    await withBench(async (bench) => {
      const file = await bench.stage(
        "a.csv",
        "id,cost,note\n012345678901,4.1E-7,=cmd()\n1e5,-0,\u0001\u001b[31mred\u007f\n",
      );
      expect(await bench.read(file)).toEqual([
        { id: "012345678901", cost: "4.1E-7", note: "=cmd()" },
        { id: "1e5", cost: "-0", note: "\u0001\u001b[31mred\u007f" },
      ]);
    });
  });

  it("reads a tag of 200,000 characters", async () => {
    await withBench(async (bench) => {
      const tag = "ä".repeat(200_000);
      const [row] = await bench.read(await bench.stage("a.csv", `id,Tags\n1,"{""k"": ""${tag}""}"\n`));
      expect(row?.["Tags"]).toBe(`{"k": "${tag}"}`);
    });
  });

  it("keeps apart headers that repeat and headers that differ only by case", async () => {
    await withBench(async (bench) => {
      const file = await bench.stage("a.csv", "team,Team,team\n1,2,3\n");
      expect(await bench.read(file)).toEqual([{ team: "1", "Team#2": "2", "team#3": "3" }]);
      expect((await openRawTables(bench.engine, [file]))[0]?.columns.map(({ header }) => header)).toEqual([
        "team",
        "Team",
        "team",
      ]);
    });
  });

  it("reads a header without rows as no rows", async () => {
    await withBench(async (bench) => {
      expect(await bench.read(await bench.stage("a.csv", "a,b"), await bench.stage("b.csv", "a,b\r\n"))).toEqual([]);
    });
  });

  it("reads files of one header as one table, and of two headers as two", async () => {
    await withBench(async (bench) => {
      const files = [
        await bench.stage("a.csv", "a,b\n1,2\n"),
        await bench.stage("b.csv", "b,a\n1,2\n"),
        await bench.stage("c.csv", "a,b\n3,4\n"),
      ];
      const tables = await openRawTables(bench.engine, files);
      expect(tables.map((table) => table.files.map(({ name }) => name))).toEqual([["a.csv", "c.csv"], ["b.csv"]]);
    });
  });

  it("reads a file whose path holds quotes and stars", async () => {
    await withBench(async (bench) => {
      expect(await bench.read(await bench.stage("it's [a] b.csv", "a,b\n1,2\n"))).toEqual([{ a: "1", b: "2" }]);
    });
  });

  it.each([
    ["a short row", "a,b\n1,2\n3\n", /Line: 3[\s\S]*Expected Number of Columns: 2 Found: 1/],
    ["a long row", "a,b\n1,2,3\n", /Line: 2[\s\S]*Expected Number of Columns: 2 Found: 3/],
    ["a quote that is never closed", 'a,b\n1,"2\n3,4\n', /Line: 2[\s\S]*unterminated quote/],
    ["line ends that change from row to row", "a,b\n1,2\r\n3,4\n", /CSV Parser state machine/],
    ["text behind a quote", 'a,b\n1,"2"x\n', /Line: 2[\s\S]*quote/],
    [
      "a quote that is never closed after many rows",
      `a,b\n${"1,2\n".repeat(20_000)}1,"2\n`,
      /Line: 20002[\s\S]*unterminated quote/,
    ],
  ])("refuses %s, telling the line where there is one", async (_what, content, message) => {
    await withBench(async (bench) => {
      const file = await bench.stage("a.csv", content);
      await expect(bench.read(file)).rejects.toThrow(message);
    });
  });
});

describe("readCsvHeader", () => {
  it.each([
    ["an open quote", 'a,"b\n1,2\n', /unterminated quote/],
    ["a blank first line", "\na,b\n1,2\n", /first line is blank/],
    ["a first line of delimiters", ",,\n1,2,3\n", /first line is blank/],
  ])("refuses %s, naming the file", async (_what, content, message) => {
    await withBench(async (bench) => {
      const file = await bench.stage("a.csv", content);
      await expect(readCsvHeader(file)).rejects.toMatchObject({
        code: "refused",
        message: expect.stringMatching(message),
        place: { file: "a.csv" },
      });
    });
  });

  it("reads a header longer than one block", async () => {
    await withBench(async (bench) => {
      const names = Array.from({ length: 9000 }, (_, index) => `resourceTags/user:key-${index}`);
      const file = await bench.stage("a.csv", `${names.join(",")}\n`);
      expect(await readCsvHeader(file)).toEqual({ delimiter: ",", names });
    });
  });

  it("is not led astray by delimiters in quotes", async () => {
    await withBench(async (bench) => {
      const file = await bench.stage("a.csv", '"a;b;c;d",e\n1,2\n');
      expect(await readCsvHeader(file)).toEqual({ delimiter: ",", names: ["a;b;c;d", "e"] });
    });
  });
});

describe("openRawTables on Parquet and JSON", () => {
  it("reads Parquet with its types, headers that differ by case apart", async () => {
    await withBench(async (bench) => {
      await bench.engine.run(
        `COPY (SELECT 1.5::DECIMAL(10,2) AS cost, 'x' AS team, MAP {'k': 'v'} AS tags) TO '${bench.folder}/a.parquet'`,
      );
      const [table] = await openRawTables(bench.engine, [await bench.stagePath("a.parquet")]);
      expect(table?.columns).toEqual([
        expect.objectContaining({ header: "cost", type: "DECIMAL(10,2)" }),
        expect.objectContaining({ header: "team", type: "VARCHAR" }),
        expect.objectContaining({ header: "tags", type: "MAP(VARCHAR, VARCHAR)" }),
      ]);
    });
  });

  it("refuses a Parquet file that is cut, naming the file", async () => {
    await withBench(async (bench) => {
      await bench.engine.run(`COPY (SELECT range AS a FROM range(5000)) TO '${bench.folder}/a.parquet'`);
      const whole = await readFile(path.join(bench.folder, "a.parquet"));
      for (const size of [4, 100, whole.length - 1]) {
        await writeFile(path.join(bench.folder, "cut.parquet"), whole.subarray(0, size));
        const file = await bench.stagePath("cut.parquet");
        await expect(openRawTables(bench.engine, [file])).rejects.toMatchObject({
          code: "refused",
          place: { file: "cut.parquet" },
        });
      }
    });
  });

  it("reads NDJSON and JSON arrays as one JSON text per row", async () => {
    await withBench(async (bench) => {
      const lines = await bench.stage("a.ndjson", '{"cost": 4.33e-7, "n": 1}\n{"n": 2}\n');
      const list = await bench.stage("a.json", '[{"n": 3}, {"n": 4}]');
      const rows = await bench.read(lines, list);
      expect(rows.map((row) => JSON.parse(String(row["json"])) as unknown)).toEqual([
        { cost: 4.33e-7, n: 1 },
        { n: 2 },
        { n: 3 },
        { n: 4 },
      ]);
      expect(String(rows[0]?.["json"])).toContain("4.33e-7");
    });
  });

  it("refuses JSON that ends too early", async () => {
    await withBench(async (bench) => {
      await expect(bench.read(await bench.stage("a.ndjson", '{"a": 1}\n{"a": '))).rejects.toThrow();
    });
  });
});
