import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDuckDbEngine } from "../../../../../shared/ledger/engines/duckdb/duckdb-engine.ts";
import { sqlText } from "../../../../../shared/ports/sql-engine.ts";
import { controlDifferences, plain, sumsBy } from "../golden.ts";
import { credit, FIXTURE, mapBill, mapText, ndjson, USAGE, withFile } from "./gcp-bill.ts";

const money = (value: unknown) => plain(String(value));

describe("gcp-billing-export rows as JSON", () => {
  it("are read from an array", async () => {
    const { rows } = await mapText(`\n[\n${JSON.stringify(USAGE)},\n${JSON.stringify({ ...USAGE, cost: 4 })}\n]\n`);

    expect(rows.map((row) => money(row["BilledCost"])).sort()).toEqual(["10", "4"]);
  });

  it("are read with every scalar as text, as the query API gives them", async () => {
    const { rows, control } = await mapBill([
      {
        cost: "1.23E-7",
        currency_conversion_rate: "1.0",
        usage: { amount: "7200.0", unit: "seconds", amount_in_pricing_units: "2", pricing_unit: "hour" },
        credits: [credit("DISCOUNT", "-1e-9")],
        usage_start_time: "1.7253468E9",
        usage_end_time: "1725350400000000",
      },
    ]);

    expect(money(rows[0]?.["BilledCost"])).toBe("0.000000122");
    expect([rows[0]?.["ChargePeriodStart"], rows[0]?.["ChargePeriodEnd"]]).toEqual([
      "2024-09-03 07:00:00",
      "2024-09-03 08:00:00",
    ]);
    expect(control.map((row) => money(row["amount"]))).toEqual(["0.000000122", "0.000000122"]);
  });

  it("are read from the standard export, which lacks keys", async () => {
    const { rows } = await mapBill([
      { price: undefined, resource: undefined, tags: undefined, credits: null, system_labels: undefined },
    ]);

    expect([money(rows[0]?.["BilledCost"]), rows[0]?.["ResourceId"], rows[0]?.["SkuPriceId"]]).toEqual([
      "10",
      null,
      null,
    ]);
  });

  it("add up as decimals, not as floats (X-1)", async () => {
    const { control } = await mapBill([{ cost: 0.1 }, { cost: 0.2 }]);

    expect(money(control[0]?.["amount"])).toBe("0.3");
  });

  it("get currency and billing account from the source where they have none", async () => {
    const bare = { currency: undefined, billing_account_id: undefined };
    const { rows, control } = await mapBill([bare], { currency: "EUR", billingAccountId: "0A_1" });

    expect([rows[0]?.["BillingCurrency"], rows[0]?.["BillingAccountId"], control[0]?.["currency"]]).toEqual([
      "EUR",
      "0A-1",
      "EUR",
    ]);
    const empty = { currency: "", billing_account_id: "" };
    const filled = await mapBill([empty], { currency: "EUR", billingAccountId: "0A_1" });
    expect([filled.rows[0]?.["BillingAccountId"], filled.control[0]?.["currency"]]).toEqual(["0A-1", "EUR"]);
    await expect(mapBill([bare])).rejects.toThrow(/missing currency \(or the source's currency\), billing_account_id/);
  });

  it("that lack mandatory keys are refused naming all of them", async () => {
    await expect(mapText('{"cost_type":"regular"}\n')).rejects.toThrow(
      /missing service, sku, usage_start_time, usage_end_time, cost, invoice, .*file rows\.ndjson/,
    );
  });
});

describe("gcp-billing-export rows that are refused", () => {
  it.each([
    ["Python's notation", "{'name': None}", /Python's notation.*line 2/],
    ["broken JSON", '{"cost": 1', /is not JSON.*line 2/],
    ["a row that is no object", "[1]", /is not a JSON object.*line 2/],
    [
      "credits as a text",
      JSON.stringify({ ...USAGE, credits: "[{'name': None}]" }),
      /credits is not a list of records; .*Python-style.*line 2, column credits/,
    ],
    [
      "labels that are no records",
      JSON.stringify({ ...USAGE, labels: ["team"] }),
      /labels is not a list of records.*line 2, column labels/,
    ],
    [
      "a service that is a text",
      JSON.stringify({ ...USAGE, service: "Compute" }),
      /service is not a record.*line 2, column service/,
    ],
    [
      "a credit that is no number",
      JSON.stringify({ ...USAGE, credits: [credit("DISCOUNT", "1.234,56")] }),
      /not a number: "1\.234,56".*line 2/,
    ],
  ])("because of %s", async (_name, line, message) => {
    await expect(mapText(`${JSON.stringify(USAGE)}\n${line}\n`)).rejects.toThrow(message);
  });

  it.each([
    ["broken", `[${JSON.stringify(USAGE)},\n{'a': None}]`, /Python's notation.*file rows\.ndjson/],
    [
      "odd",
      `[${JSON.stringify(USAGE)},${JSON.stringify({ ...USAGE, cost_type: "gift" })}]`,
      /unknown cost_type "gift".*row 2/,
    ],
  ])("in a %s array", async (_name, content, message) => {
    await expect(mapText(content)).rejects.toThrow(message);
  });

  it("because the cost is no number", async () => {
    await expect(mapBill([{ cost: "1.234,56" }])).rejects.toThrow(/not a number: "1\.234,56"/);
  });
});

describe("gcp-billing-export rows as Parquet", () => {
  let folder = "";
  const parquet = async (name: string, select: string) => {
    const engine = await createDuckDbEngine({ tempDir: path.join(folder, `engine-${name}`) });
    const target = path.join(folder, `${name}.parquet`);
    await engine.run(`COPY (${select}) TO ${sqlText(target)} (FORMAT parquet)`);
    await engine.close();
    return { path: target };
  };
  const nested = `SELECT * REPLACE (cost::DOUBLE AS cost) FROM read_json(${sqlText(FIXTURE)}, format = 'newline_delimited')`;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "genops-gcp-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each([
    ["plain lists", nested],
    [
      "lists as BigQuery wraps them",
      `SELECT * REPLACE ({'list': list_transform(credits, lambda c: {'element': c})} AS credits,
        {'list': list_transform(labels, lambda c: {'element': c})} AS labels) FROM (${nested})`,
    ],
  ])("with %s give the same as JSON", async (name, select) => {
    const file = await parquet(name.replaceAll(" ", "-"), select);
    const key =
      "concat_ws('|', ChargeCategory, SubAccountId, ServiceName, ChargePeriodStart, Tags, SkuPriceDetails, PricingCategory)";

    const columnar = await withFile(file, async (bill, engine) => ({
      sums: await sumsBy(engine, bill, key),
      differences: await controlDifferences(engine, bill),
    }));

    expect(columnar.sums).toEqual(await withFile({ path: FIXTURE }, (bill, engine) => sumsBy(engine, bill, key)));
    expect(new Set(Object.values(columnar.differences))).toEqual(new Set(["0"]));
  });

  it("refuse a column of another shape", async () => {
    const file = await parquet("odd", `SELECT * REPLACE (credits::VARCHAR AS credits) FROM (${nested})`);

    await expect(withFile(file, () => Promise.resolve())).rejects.toThrow(
      /credits is not a list .*odd\.parquet, column credits/,
    );
  });

  it("refuse an unknown cost_type by a check (GCP-1)", async () => {
    const file = await parquet("gift", `SELECT * REPLACE ('gift' AS cost_type) FROM (${nested}) LIMIT 1`);
    const found = await withFile(file, async (bill, engine) =>
      Promise.all(bill.checks.map((check) => engine.query(check.sql))),
    );

    expect(found.flat().map((row) => row["value"])).toEqual(["gift"]);
  });
});

describe("gcp-billing-export", () => {
  it("says so where a byte order mark keeps the engine from reading", async () => {
    await expect(mapText(`\uFEFF${ndjson([{}])}`)).rejects.toThrow(/begins with a byte order mark.*file rows\.ndjson/);
  });

  it("refuses CSV", async () => {
    await expect(mapText("a,b\n1,2\n")).rejects.toThrow(/is CSV; .*file rows\.ndjson/);
  });

  it("has its fixture unchanged", async () => {
    const lines = (await readFile(FIXTURE, "utf8")).trim().split("\n");

    expect(lines).toHaveLength(395);
  });
});
