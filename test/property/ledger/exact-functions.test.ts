import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Decimal,
  divide,
  formatDecimal,
  fromScaled,
  multiply,
  multiplyDivide,
  parseDecimal,
  tryParseDecimal,
} from "../../../shared/core/decimal.ts";
import { createDuckDbEngine } from "../../../shared/ledger/engines/duckdb/duckdb-engine.ts";
import { type SqlEngine, sqlText } from "../../../shared/ports/sql-engine.ts";
import { createFolders } from "../../support/collect-deps.ts";

const folders = createFolders();
let engine: SqlEngine;
beforeAll(async () => {
  engine = await createDuckDbEngine({ tempDir: await folders.make() });
});
afterAll(async () => {
  await engine.close();
  await folders.clean();
});

const digits = (max: number) => fc.stringMatching(new RegExp(`^\\d{0,${max}}$`));
const numeric = fc
  .tuple(
    fc.constantFrom("", "-", "+", " ", "\t-", "\n"),
    digits(22),
    fc.option(digits(24), { nil: undefined }),
    fc.option(fc.integer({ min: -25, max: 20 }), { nil: undefined }),
    fc.constantFrom("", " ", "\r\n", "x", "_0", ",5", ".", "-"),
    fc.nat(12),
  )
  .map(
    ([sign, whole, fraction, exponent, tail, chance]) =>
      `${sign}${whole}${fraction === undefined ? "" : `.${fraction}`}${exponent === undefined ? "" : `e${exponent}`}${chance === 0 ? tail : ""}`,
  );
const hostile = fc.oneof(
  fc.string().map((text) => text.replaceAll("\0", "")),
  fc.stringMatching(/^[-+0-9.eE_,' ]{0,24}$/),
  fc.constantFrom("", "1_000", "1,000", "NaN", "inf", "-inf", "1e99", "0x10", "１２", "1'; DROP TABLE x; --"),
);
const amount = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }).map(fromScaled);

function outcome(compute: () => Decimal): Decimal | "error" {
  try {
    return compute();
  } catch {
    return "error";
  }
}

async function inSql(expression: string): Promise<Decimal | "error"> {
  return engine.query(`SELECT ${expression} AS v`).then(
    ([row]) => parseDecimal(String(row?.["v"])),
    () => "error" as const,
  );
}

describe("money() in SQL", () => {
  it("reads and refuses exactly what the decimal type reads and refuses", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(numeric, hostile), async (text) => {
        const found = await engine.query("SELECT money($1)::VARCHAR AS v", [text]).then(
          ([row]) => formatDecimal(parseDecimal(String(row?.["v"]))),
          () => "error",
        );
        const expected = tryParseDecimal(text);
        expect(found).toBe(expected === undefined ? "error" : formatDecimal(expected));
      }),
      { numRuns: 600 },
    );
  });

  it("reads a column as it reads each value, nulls staying nulls", async () => {
    const readable = numeric.filter((text) => tryParseDecimal(text) !== undefined);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(readable, { nil: null }), { minLength: 1, maxLength: 60 }), async (texts) => {
        const values = texts.map((text, index) => `(${index}, ${text === null ? "NULL" : sqlText(text)})`).join(", ");
        const rows = await engine.query(`SELECT money(t) AS v FROM (VALUES ${values}) x(i, t) ORDER BY i`);
        expect(rows.map(({ v }) => (v === null ? null : parseDecimal(String(v))))).toEqual(
          texts.map((text) => (text === null ? null : parseDecimal(text))),
        );
      }),
      { numRuns: 60 },
    );
  });
});

describe("times, over and times_over in SQL", () => {
  const sql = (value: Decimal) => `'${formatDecimal(value)}'::DECIMAL(38,18)`;

  it("round as the decimal type does, and fail where it does", async () => {
    const small = fc.bigInt({ min: -1000n, max: 1000n }).map((value) => fromScaled(value * 10n ** 17n));
    const any = fc.oneof(amount, small);
    await fc.assert(
      fc.asyncProperty(any, any, any, async (a, b, c) => {
        expect(await inSql(`times(${sql(a)}, ${sql(b)})`)).toBe(outcome(() => multiply(a, b)));
        expect(await inSql(`over(${sql(a)}, ${sql(b)})`)).toBe(outcome(() => divide(a, b)));
        expect(await inSql(`times_over(${sql(a)}, ${sql(b)}, ${sql(c)})`)).toBe(outcome(() => multiplyDivide(a, b, c)));
      }),
      { numRuns: 100 },
    );
  });
});
