import { describe, expect, it } from "vitest";
import { decodeRow, type Field } from "../../../../shared/platforms/gcp/bigquery-rows.ts";

function decode(field: Field, value: unknown): unknown {
  return decodeRow([{ name: "a", ...field }], { f: [{ v: value }] })["a"];
}

describe("a row of BigQuery's wire", () => {
  it.each([
    [{ type: "NUMERIC" }, "0.000000001", "0.000000001"],
    [{ type: "BIGNUMERIC" }, "12345678901234567890.12345678901234567890", "12345678901234567890.12345678901234567890"],
    [{ type: "INTEGER" }, "9007199254740993", "9007199254740993"],
    [{ type: "FLOAT" }, "0.30000000000000004", 0.30000000000000004],
    [{ type: "FLOAT" }, "4.33E-7", 4.33e-7],
    [{ type: "FLOAT" }, "NaN", "NaN"],
    [{ type: "BOOLEAN" }, "true", true],
    [{ type: "STRING" }, null, null],
    [{ type: "TIMESTAMP" }, "1725174000000000", "2024-09-01 07:00:00 UTC"],
    [{ type: "TIMESTAMP" }, "1725174000000001", "2024-09-01 07:00:00.000001 UTC"],
    [{ type: "TIMESTAMP" }, "-1", "1969-12-31 23:59:59.999999 UTC"],
    [{ type: "STRING", mode: "REPEATED" }, null, []],
    [{ type: "STRING", mode: "REPEATED" }, [{ v: "x" }], ["x"]],
  ])("holds %o %s as %o", (field, wire, value) => {
    expect(decode(field, wire)).toEqual(value);
  });

  it("holds records in records", () => {
    const labels = { type: "RECORD", mode: "REPEATED", fields: [{ name: "key", type: "STRING" }] };
    const wire = [{ v: { f: [{ v: "team" }] } }];
    expect(decode(labels, wire)).toEqual([{ key: "team" }]);
  });

  it.each([
    ["a row that is none", { type: "RECORD", fields: [] }, "text"],
    ["a list that is none", { type: "STRING", mode: "REPEATED" }, "text"],
    ["a number as such", { type: "NUMERIC" }, 1.5],
    ["a timestamp in words", { type: "TIMESTAMP" }, "2024-09-01"],
  ])("is refused when it holds %s", (_what, field, wire) => {
    expect(() => decode(field, wire)).toThrow("cannot be read");
  });

  it("is refused when it has another number of cells than the schema", () => {
    expect(() => decodeRow([{ name: "a", type: "STRING" }], { f: [] })).toThrow("cannot be read");
  });
});
