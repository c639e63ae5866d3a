import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { focusColumn } from "../../../../../shared/ingestion/focus/schema.ts";

const FOLDER = new URL("../../../../../shared/ingestion/sources/azure-cost-export/reference/", import.meta.url);

async function rowsOf(file: string): Promise<string[]> {
  const text = await readFile(new URL(file, FOLDER), "utf8");
  return text.trim().split(/\r?\n/).slice(1);
}

describe("the reference data of Azure", () => {
  it("names only categories and subcategories that FOCUS allows (X-7)", async () => {
    const parents = focusColumn("ServiceSubcategory")?.parentValues ?? {};
    const allowed = Object.entries(parents).flatMap(([parent, names]) => names.map((name) => `,${parent},${name}`));

    const odd = (await rowsOf("services.csv")).filter((row) => !allowed.some((pair) => row.endsWith(pair)));

    expect(odd).toEqual([]);
  });

  it.each(["pricing-units.csv", "regions.csv", "resource-types.csv"])(
    "has every key of %s once, in lower case",
    async (file) => {
      const keys = (await rowsOf(file)).map((row) => row.split(",")[0] ?? "");

      expect(keys).toEqual([...new Set(keys.map((key) => key.toLowerCase()))]);
    },
  );
});
