import { existsSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { divide, fromInteger, parseDecimal } from "../../../../../shared/core/decimal.ts";
import { GenOpsError } from "../../../../../shared/core/errors.ts";
import { createDuckDbEngine, SqlError } from "../../../../../shared/ledger/engines/duckdb/duckdb-engine.ts";
import { type SqlEngine, sqlName, sqlText } from "../../../../../shared/ports/sql-engine.ts";
import { createFolders } from "../../../../support/collect-deps.ts";

const folders = createFolders();

const makeEngine = async () => createDuckDbEngine({ tempDir: await folders.make(), memoryLimit: "256MB", threads: 2 });

let engine: SqlEngine;
beforeAll(async () => {
  engine = await makeEngine();
});
afterAll(async () => {
  await engine.close();
  await folders.clean();
});

const value = async (sql: string, parameters: string[] = []) =>
  (await engine.query(`SELECT ${sql} AS v`, parameters))[0]?.["v"];

describe("instant() in SQL", () => {
  it.each([
    ["2024-09-01", "2024-09-01 00:00:00"],
    ["2024-09-01T10:20:30Z", "2024-09-01 10:20:30"],
    ["2024-09-01T10:20:30", "2024-09-01 10:20:30"],
    ["2024-09-01 10:20:30", "2024-09-01 10:20:30"],
    ["2024-09-01 10:20:30 UTC", "2024-09-01 10:20:30"],
    ["2024-09-01T10:20:30.250Z", "2024-09-01 10:20:30.25"],
    ["2024-09-01 10:20:30.250", "2024-09-01 10:20:30.25"],
    ["2024-09-01T10:20Z", "2024-09-01 10:20:00"],
    ["2024-09-01T10:20", "2024-09-01 10:20:00"],
    ["2024-09-01T10:20+02:00", "2024-09-01 08:20:00"],
    ["2024-09-01T10:20+02", "2024-09-01 08:20:00"],
    ["2024-09-01T10:20:30+02:00", "2024-09-01 08:20:30"],
    ["2024-09-01 10:20:30-0530", "2024-09-01 15:50:30"],
    ["2024-09-01T00:30:00.5+01:00", "2024-08-31 23:30:00.5"],
    ["2024-09-01T10:20:30-05", "2024-09-01 15:20:30"],
    ["2024-02-29T23:59:59Z", "2024-02-29 23:59:59"],
  ])("reads %j as %s UTC", async (text, expected) => {
    expect(await value("instant($1)", [text])).toBe(expected);
  });

  it.each([
    "",
    "x",
    "2024-13-01",
    "2024-02-30",
    "2023-02-29T00:00:00Z",
    "2024-09-01T25:00:00Z",
    "01/09/2024",
    "1725148800",
    "infinity",
    "-infinity",
    "epoch",
    "0044-03-15 (BC)",
    "12024-09-01",
    "2024-09-01T10:20:30Z; DROP",
  ])("refuses %j in words that name it", async (text) => {
    const error = await value("instant($1)", [text]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SqlError);
    expect(error).toMatchObject({ message: expect.stringMatching(/(?:field format|out of range|timestamp): "/) });
    expect((error as SqlError).message).toContain(`"${text}"`);
  });

  it("leaves null null, also among values that need every branch", async () => {
    const rows = await engine.query(
      "SELECT instant(t) AS v FROM (VALUES (1, NULL), (2, '2024-09-01'), (3, '2024-09-01T10:20+02:00'), (4, '2024-09-01T10:20:30Z')) x(i, t) ORDER BY i",
    );
    expect(rows.map(({ v }) => v)).toEqual([null, "2024-09-01 00:00:00", "2024-09-01 08:20:00", "2024-09-01 10:20:30"]);
  });
});

describe("createDuckDbEngine", () => {
  it("gives decimals, 64-bit integers, dates and timestamps as text, so that nothing is rounded", async () => {
    const [row] = await engine.query(
      "SELECT 12345678901234567890.123456789012345678::DECIMAL(38,18) AS d, 9007199254740993::BIGINT AS i, DATE '2024-02-29' AS day, TIMESTAMP '2024-02-29 01:02:03' AS at, NULL AS n, true AS b",
    );
    expect(row).toEqual({
      d: "12345678901234567890.123456789012345678",
      i: "9007199254740993",
      day: "2024-02-29",
      at: "2024-02-29 01:02:03",
      n: null,
      b: true,
    });
  });

  it.each([
    ["a syntax error", "SELEC 1"],
    ["a missing table", "SELECT * FROM nowhere"],
    ["a bad cast", "SELECT 'x'::INTEGER"],
    ["text that is no money", "SELECT money('1_000')"],
    ["a division by zero", "SELECT over(1, 0)"],
    ["an overflow", "SELECT times('99999999999999999999'::DECIMAL(38,18), 10)"],
  ])("turns %s into a SqlError with the statement, and stays usable", async (_name, sql) => {
    const error = await engine.query(sql).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SqlError);
    expect(error).toBeInstanceOf(GenOpsError);
    expect(error).toMatchObject({ code: "internal", sql, retryable: false });
    expect((error as SqlError).cause).toBeInstanceOf(Error);
    await expect(engine.run(sql)).rejects.toBeInstanceOf(SqlError);
    expect(await value("1 + 1")).toBe(2);
  });

  it("has no arithmetic on floating point numbers", async () => {
    await expect(engine.query("SELECT times(0.1::DOUBLE, 2)")).rejects.toBeInstanceOf(SqlError);
  });

  it("passes nulls through its functions", async () => {
    expect(await value("[money(NULL), over(1, NULL), over(NULL, 0), times(NULL, 1), times_over(1, NULL, 0)]")).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
  });

  it("answers queries that run at the same time, each with its own rows", async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        engine.query(
          `SELECT ${index} AS i, sum(times(x::DECIMAL(38,18), 0.5)) AS total FROM range(${1000 + index}) t(x)`,
        ),
      ),
    );
    for (const [index, rows] of answers.entries()) {
      const count = 1000 + index;
      expect(rows).toEqual([{ i: index, total: expect.any(String) }]);
      expect(parseDecimal(String(rows[0]?.["total"]))).toBe(divide(fromInteger(count * (count - 1)), fromInteger(4)));
    }
  });

  it("keeps a failing query to itself when others run at the same time", async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) =>
        engine.query(index % 2 === 0 ? "SELECT money('1.5') AS v" : "SELECT money('one')"),
      ),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(
      Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? "fulfilled" : "rejected")),
    );
  });

  it("keeps names and texts with quotes in them what they are", async () => {
    const name = `a "b" 'c'; --`;
    await engine.run(
      `CREATE OR REPLACE TEMP TABLE ${sqlName(name)} AS SELECT ${sqlText("it's \\ 'x'")} AS ${sqlName('x"y')}`,
    );
    expect(await engine.query(`SELECT * FROM ${sqlName(name)}`)).toEqual([{ 'x"y': "it's \\ 'x'" }]);
  });

  it("removes its folder when closed, and answers no more", async () => {
    const tempDir = path.join(await folders.make(), "spill");
    const short = await createDuckDbEngine({ tempDir });
    expect(existsSync(tempDir)).toBe(true);
    await short.close();
    expect(existsSync(tempDir)).toBe(false);
    await expect(short.query("SELECT 1")).rejects.toBeInstanceOf(SqlError);
  });

  it("refuses settings that the engine does not know as a SqlError", async () => {
    const tempDir = await folders.make();
    await expect(createDuckDbEngine({ tempDir, memoryLimit: "a lot" })).rejects.toBeInstanceOf(SqlError);
  });
});

describe("money() of text that is hardly a number", () => {
  it.each([
    "+ ",
    "- ",
    "+\t",
    "+\n",
    "+",
    "-",
    ".",
    "+.",
    "-.",
    "+ 5",
    "-\t5",
    "--5",
    "5 5",
    "1_000",
    "0x1",
    "nan",
    "inf",
    "",
    " ",
  ])("refuses %j", async (text) => {
    await expect(value("money($1)", [text])).rejects.toThrow(SqlError);
  });

  it.each([
    [" 5", 5],
    ["5 ", 5],
    ["\t5\n", 5],
    ["5.", 5],
    ["+5", 5],
    ["-0", 0],
  ])("reads %j", async (text, number) => {
    expect(Number(await value("money($1)", [text]))).toBe(number);
  });
});
