import { describe, expect, it } from "vitest";
import { matchingLines, readText, textFilesBelow } from "./repository-files.ts";
import { stringsOnly, withoutSqlComments } from "./source-text.ts";

/** Expressions that may be binary floats, because what comes out is not money. (L1: money is DECIMAL(38,18).) */
const ALLOWED = [
  {
    path: "shared/governance/budgets/history-query.ts",
    expression: "list((day - ${start})::DOUBLE)",
    why: "places of days in a list, for forecasts",
  },
  {
    path: "shared/governance/anomalies/series/read-leaves.ts",
    expression: "(date - DATE ${sqlText(start)})::DOUBLE AS day, sum(effective)::DOUBLE AS cost",
    why: "series for statistics, each number summed as a decimal; what a finding says in money is read again as a decimal",
  },
  {
    path: "shared/governance/anomalies/attribution/read-parts.ts",
    expression: "list((date - first)::DOUBLE) AS days, list(cost::DOUBLE) AS costs",
    why: "what a part of the cost usually is, for statistics; what it is now comes beside it as a decimal",
  },
  {
    path: "shared/governance/anomalies/series/read-hours.ts",
    expression: "date_diff('hour', ${hour(0)}, hour)::DOUBLE AS place, cost",
    why: "places of hours in a list, for statistics",
  },
  {
    path: "shared/governance/anomalies/rules/over-yesterday-hours.ts",
    expression: "SELECT epoch_ms(h.hour)::DOUBLE AS began",
    why: "an instant",
  },
  {
    path: "shared/ledger/hourly-costs.ts",
    expression: "sum(EffectiveCost) AS effective, sum(EffectiveCost)::DOUBLE AS cost, count(*) AS rows",
    why: "series for statistics, beside the same sum as a decimal, which is what people are told",
  },
  {
    path: "shared/ledger/hourly-costs.ts",
    expression: "NULL::DECIMAL(38,18) AS effective, NULL::DOUBLE AS cost",
    why: "the same columns where nothing is known by the hour",
  },
];

const FLOAT_TYPE = /\b(DOUBLE|FLOAT|FLOAT4|FLOAT8|REAL)\b/;
const FLOAT_FUNCTION = /\b(avg|mean|fsum|favg|kahan_sum|sumkahan|stddev|stddev_pop|stddev_samp|pow|power|sqrt)\s*\(/i;

const sqlFiles = textFilesBelow("shared").filter((path) => path.endsWith(".sql"));
const codeFiles = textFilesBelow("shared").filter((path) => path.endsWith(".ts"));

describe("money in SQL", () => {
  it("is never a binary float in a mapping", () => {
    const type = new RegExp(FLOAT_TYPE, "i");
    expect(sqlFiles.flatMap((path) => offences(path, withoutSqlComments(readText(path)), type))).toEqual([]);
  });

  it("is never a binary float in a statement inside the code", () => {
    expect(codeFiles.length).toBeGreaterThan(10);
    expect(codeFiles.flatMap((path) => offences(path, stringsOnly(readText(path)), FLOAT_TYPE))).toEqual([]);
  });

  it("is divided by over() and times_over(), never by the engine's slash", () => {
    expect(sqlFiles.flatMap((path) => offences(path, withoutSqlComments(readText(path)), /\//))).toEqual([]);
  });

  it("is not given to functions that answer with DOUBLE", () => {
    expect(sqlFiles.flatMap((path) => offences(path, withoutSqlComments(readText(path)), FLOAT_FUNCTION))).toEqual([]);
    const statements = (path: string) => stringsOnly(readText(path));
    expect(codeFiles.flatMap((path) => offences(path, statements(path), FLOAT_FUNCTION))).toEqual([]);
  });

  it.each(ALLOWED)("makes an exception in $path only while it is needed", ({ path, expression, why }) => {
    expect(readText(path)).toContain(expression);
    expect(why).not.toBe("");
  });
});

describe("the check itself", () => {
  it.each([
    ["const a = `SELECT x::DOUBLE FROM t`;", 1],
    ["const a = 'CAST(x AS REAL)'; // fine: DOUBLE", 1],
    ["// x::DOUBLE\n/* FLOAT */ const kind = DOUBLE;", 0],
    ["const a = `line\n  avg(cost)`;", 1],
  ])("finds %j", (source, count) => {
    const text = stringsOnly(source);
    expect([...matchingLines("a.ts", text, FLOAT_TYPE), ...matchingLines("a.ts", text, FLOAT_FUNCTION)]).toHaveLength(
      count,
    );
  });

  it("does not take comments and text literals of SQL for expressions", () => {
    const sql = "SELECT 'a/b' -- DOUBLE / 2\n/* REAL */ FROM t";
    expect(withoutSqlComments(sql).replace(/\s+/g, " ")).toBe("SELECT FROM t");
  });
});

function offences(path: string, text: string, pattern: RegExp): string[] {
  const exceptions = ALLOWED.filter((each) => each.path === path).map(({ expression }) => expression);
  const rest = exceptions.reduce((left, expression) => left.replaceAll(expression, ""), text);
  return matchingLines(path, rest, pattern);
}
