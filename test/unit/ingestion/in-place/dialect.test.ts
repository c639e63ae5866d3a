import { describe, expect, it } from "vitest";
import { athenaDialect, bigQueryDialect } from "../../../../shared/ingestion/in-place/dialect.ts";

describe("BigQuery's SQL", () => {
  it("keeps a record that is missing missing: TO_JSON_STRING would write the word null", () => {
    expect(bigQueryDialect.text({ name: "x_Project", type: "STRUCT<Id STRING>" })).toBe(
      "CASE WHEN `x_Project` IS NULL THEN NULL ELSE TO_JSON_STRING(`x_Project`) END",
    );
  });

  it.each(["TIMESTAMP", "DATETIME", "DATE"])(
    "takes the day of a %s by a cast: DATE() has no form for a DATE",
    (type) => {
      expect(bigQueryDialect.day({ name: "ChargePeriodStart", type })).toBe(
        "CAST(CAST(`ChargePeriodStart` AS DATE) AS STRING)",
      );
    },
  );

  it("takes floats and texts by their decimal text, and nothing else", () => {
    const types = ["FLOAT64", "STRING", "STRING(20)", "NUMERIC", "NUMERIC(38, 9)", "BIGNUMERIC", "INT64"];
    const byText = types.filter((type) => bigQueryDialect.decimal("c", type).includes("AS STRING"));
    expect(byText).toEqual(["FLOAT64", "STRING", "STRING(20)"]);
  });
});

describe("Athena's SQL", () => {
  it("takes doubles, floats and texts by their decimal text, and nothing else", () => {
    const types = ["double", "real", "float", "varchar", "varchar(20)", "decimal(38,18)", "bigint"];
    const byText = types.filter((type) => athenaDialect.decimal("c", type).includes("AS VARCHAR"));
    expect(byText).toEqual(["double", "real", "float", "varchar", "varchar(20)"]);
  });
});
