import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Decimal, formatDecimal, parseDecimal, sum } from "../../../../../shared/core/decimal.ts";
import { awsDataExportSource } from "../../../../../shared/ingestion/sources/aws-data-export/index.ts";
import type { SqlRow } from "../../../../../shared/ports/sql-engine.ts";
import { FIXTURES, type MappedBill, mapFiles } from "../support.ts";
import { CONFIG } from "./bill-text.ts";
import { conformanceFaults } from "./conformance.ts";

interface Sums {
  rows: number;
  BilledCost: string;
  EffectiveCost: string;
}
interface Expected {
  focus_rows: number;
  source_rows: number;
  total: Sums;
  [grouping: string]: unknown;
}

const expected = (JSON.parse(readFileSync(`${FIXTURES}/expected.json`, "utf8")) as { files: Record<string, Expected> })
  .files;

const GROUPINGS: Readonly<Record<string, (row: SqlRow) => string>> = {
  by_charge_category: (row) => String(row["ChargeCategory"]),
  by_billing_period: (row) => String(row["BillingPeriodStart"]).slice(0, 7),
  by_charge_class: (row) => String(row["ChargeClass"]),
  by_sub_account: (row) => String(row["SubAccountId"]),
  by_source_product_code: (row) => String(row["x_ServiceCode"]),
  by_invoice_id: (row) => String(row["InvoiceId"]),
  by_charge_date: (row) => String(row["ChargePeriodStart"]).slice(0, 10),
};

async function mapFixture(name: string): Promise<MappedBill> {
  return mapFiles(awsDataExportSource, { ...CONFIG, billingAccountId: "999900000001" }, [
    { path: `${FIXTURES}/${name}` },
  ]);
}

function total(rows: readonly SqlRow[], column: string): string {
  return formatDecimal(sum(rows.map((row) => decimal(row[column]))));
}

function decimal(value: unknown): Decimal {
  return parseDecimal(String(value));
}

function grouped(rows: readonly SqlRow[], keyOf: (row: SqlRow) => string): Record<string, Sums> {
  return Object.fromEntries(
    [...Map.groupBy(rows, keyOf)].map(([key, members]) => [
      key,
      {
        rows: members.length,
        BilledCost: total(members, "BilledCost"),
        EffectiveCost: total(members, "EffectiveCost"),
      },
    ]),
  );
}

describe.each(["aws_cur2_synth.csv", "aws_cur_focusconverters_sample.csv", "aws_cur_untagged_synth.csv"])(
  "AWS bill %s",
  (name) => {
    const wanted = expected[name] as Expected;

    it("gives the rows and sums worked out beforehand, in every grouping", async () => {
      const { rows } = await mapFixture(name);
      expect(grouped(rows, () => "all")["all"]).toEqual({ ...wanted.total, rows: wanted.focus_rows });
      const groupings = Object.keys(GROUPINGS).filter((grouping) => wanted[grouping] !== undefined);
      expect(groupings.length).toBeGreaterThanOrEqual(3);
      for (const grouping of groupings) {
        expect(grouped(rows, GROUPINGS[grouping] as (row: SqlRow) => string), grouping).toEqual(wanted[grouping]);
      }
    });

    it("agrees with its control totals to the last digit (INV-1) and accounts for every row (INV-6)", async () => {
      const { rows, control, accounting, checks } = await mapFixture(name);
      for (const { metric, amount } of control) {
        expect(formatDecimal(decimal(amount)), String(metric)).toBe(total(rows, String(metric)));
      }
      expect(control).toHaveLength(2);
      expect(Number(accounting[0]?.["rows"])).toBe(wanted.source_rows);
      expect(accounting.reduce((count, line) => count + Number(line["rows"]), 0)).toBe(rows.length);
      expect(checks).toEqual({});
    });

    it("writes rows that conform to the column list (§5)", async () => {
      const { rows } = await mapFixture(name);
      expect(conformanceFaults(rows)).toEqual([]);
    });
  },
);

describe("AWS bill aws_cur2_synth.csv", () => {
  const wanted = expected["aws_cur2_synth.csv"] as Expected;

  it("keeps the hand-checked rows (AWS-2, AWS-3, AWS-4)", async () => {
    const { rows } = await mapFixture("aws_cur2_synth.csv");
    const checked = wanted["hand_checked"] as { identity_line_item_id: string; focus: unknown[][] }[];
    for (const { identity_line_item_id, focus } of checked) {
      const found = rows
        .filter((row) => row["x_LineItemId"] === identity_line_item_id)
        .map((row) => [
          row["ChargeCategory"],
          row["CommitmentDiscountStatus"],
          formatDecimal(decimal(row["BilledCost"])),
          formatDecimal(decimal(row["EffectiveCost"])),
        ]);
      expect(found, identity_line_item_id).toHaveLength(focus.length);
      expect(found, identity_line_item_id).toEqual(expect.arrayContaining(focus));
    }
  });

  it("balances every commitment (INV-3)", async () => {
    const { rows } = await mapFixture("aws_cur2_synth.csv");
    const commitments = Map.groupBy(
      rows.filter((row) => row["CommitmentDiscountId"] !== null),
      (row) => String(row["CommitmentDiscountId"]),
    );
    const found = [...commitments].map(([id, members]) => {
      const purchases = members.filter((row) => row["ChargeCategory"] === "Purchase");
      const used = members.filter((row) => row["CommitmentDiscountStatus"] === "Used");
      const unused = members.filter((row) => row["CommitmentDiscountStatus"] === "Unused");
      return [
        id,
        {
          purchase_billed: total(purchases, "BilledCost"),
          purchase_effective: total(purchases, "EffectiveCost"),
          used_effective: total(used, "EffectiveCost"),
          unused_effective: total(unused, "EffectiveCost"),
        },
      ];
    });
    expect(Object.fromEntries(found)).toEqual(wanted["by_commitment"]);
  });

  it("accounts for dropped and added rows as foreseen (AWS-5, AWS-7)", async () => {
    const { accounting } = await mapFixture("aws_cur2_synth.csv");
    expect(accounting.map((line) => Number(line["rows"]))).toEqual([113, -8, -10, 8]);
  });

  it("sums Bedrock tokens by kind", async () => {
    const { rows } = await mapFixture("aws_cur2_synth.csv");
    const kinds = (wanted["extra"] as { bedrock_usage_effective_by_token_kind: Record<string, string> })
      .bedrock_usage_effective_by_token_kind;
    for (const [kind, amount] of Object.entries(kinds)) {
      const members = rows.filter((row) => row["x_LineItemType"] === "Usage" && String(row["SkuMeter"]).endsWith(kind));
      expect(total(members, "EffectiveCost"), kind).toBe(amount);
    }
  });
});
