import { describe, expect, it } from "vitest";
import { COVERED, mapRows, pick, RI_FEE, USAGE } from "./bill-text.ts";

describe("AWS tags", () => {
  const tagsOf = async (text: string): Promise<unknown> => {
    const { rows } = await mapRows([{ resource_tags: text }]);
    return JSON.parse(String(rows[0]?.["Tags"]));
  };

  it("lose `user_`, and `aws_` becomes `aws:` (AWS-9)", async () => {
    expect(await tagsOf('{"user_team": "ml", "aws_created_by": "x", "other": "user_y"}')).toEqual({
      team: "ml",
      "aws:created_by": "x",
      other: "user_y",
    });
  });

  it("keep keys that differ by case, values as delivered, and empty values as true (X-5)", async () => {
    const { rows } = await mapRows([
      {
        resource_tags:
          '{"user_Team": "A \\"b\\"", "user_team": "=cmd()", "user_flag": "", "user_n": 5, "user_z": null}',
      },
    ]);
    expect(rows[0]?.["Tags"]).toBe('{"Team": "A \\"b\\"", "team": "=cmd()", "flag": true, "n": 5, "z": null}');
  });

  it("are null when there are none (X-3)", async () => {
    const { rows } = await mapRows([{ resource_tags: "{}" }, { resource_tags: "" }]);
    expect(pick(rows, "Tags", "x_TagsRaw")).toEqual([
      [null, null],
      [null, null],
    ]);
  });

  it("are kept beside the row when they cannot be read", async () => {
    const { rows } = await mapRows([{ resource_tags: '{"broken' }]);
    expect(pick(rows, "Tags", "x_TagsRaw")).toEqual([[null, '{"broken']]);
  });
});

describe("AWS dimensions", () => {
  it.each([
    ["AmazonBedrock", "", "AI and Machine Learning", "Generative AI"],
    ["AmazonSageMaker", "", "AI and Machine Learning", "Machine Learning"],
    ["AmazonS3", "", "Storage", "Other (Storage)"],
    ["abc123", '{"product_name": "Claude (Amazon Bedrock Edition)"}', "AI and Machine Learning", "Generative AI"],
    ["abc123", '{"product_name": "Vector DB"}', "Other", "Other (Other)"],
  ])("puts %s %s into %s, %s (X-7)", async (code, product, category, subcategory) => {
    const { rows } = await mapRows([{ line_item_product_code: code, product }]);
    expect(pick(rows, "ServiceCategory", "ServiceSubcategory")).toEqual([[category, subcategory]]);
  });

  it("counts products without a category (X-7)", async () => {
    const { bill } = await mapRows([{ line_item_product_code: "abc123" }, {}]);
    expect(bill.messages).toEqual(["1 rows of products without a known category: abc123"]);
  });

  it.each([
    [{ line_item_line_item_type: "Usage" }, "Usage-Based", "Standard"],
    [{ line_item_usage_type: "SpotUsage:m5.large" }, "Usage-Based", "Dynamic"],
    [{ ...COVERED }, "Usage-Based", "Committed"],
    [{ line_item_line_item_type: "Fee", bill_bill_type: "Purchase" }, "One-Time", "Standard"],
    [{ line_item_line_item_type: "Fee", bill_bill_type: "Anniversary" }, "Recurring", "Standard"],
    [{ line_item_line_item_type: "SavingsPlanUpfrontFee" }, "One-Time", "Standard"],
    [{ line_item_line_item_type: "RIFee" }, "Recurring", "Standard"],
    [{ line_item_line_item_type: "Tax" }, "One-Time", null],
    [{ line_item_line_item_type: "Credit" }, "One-Time", null],
  ])("gives %j frequency %s and pricing category %s (X-8, X-9)", async (row, frequency, pricing) => {
    const { rows } = await mapRows([row]);
    expect(pick(rows, "ChargeFrequency", "PricingCategory")).toEqual([[frequency, pricing]]);
  });

  it("measures only what was used, in one unit (X-10)", async () => {
    const { rows } = await mapRows([
      { identity_line_item_id: "a" },
      { identity_line_item_id: "b", pricing_unit: "" },
      { identity_line_item_id: "c", line_item_line_item_type: "Tax" },
      { ...RI_FEE, identity_line_item_id: "d", reservation_unused_quantity: "9" },
    ]);
    expect(
      pick(
        rows,
        "x_LineItemId",
        "ChargeCategory",
        "ConsumedQuantity",
        "ConsumedUnit",
        "PricingQuantity",
        "PricingUnit",
      ).sort(),
    ).toEqual([
      ["a", "Usage", "2", "Hrs", "2", "Hrs"],
      ["b", "Usage", null, null, null, null],
      ["c", "Tax", null, null, null, null],
      ["d", "Purchase", null, null, "2", "Hrs"],
      ["d", "Usage", null, null, "9", "Hrs"],
    ]);
  });

  it("prices lists by cost, else rate times quantity, else what was billed (column table)", async () => {
    const { rows } = await mapRows([
      { pricing_public_on_demand_cost: "5", pricing_public_on_demand_rate: "9" },
      { pricing_public_on_demand_rate: "2.5" },
      {},
      { ...COVERED, pricing_public_on_demand_cost: "4.5" },
    ]);
    expect(pick(rows, "ListCost", "ContractedCost", "EffectiveCost").sort()).toEqual([
      ["4", "4", "4"],
      ["4.5", "4.5", "3"],
      ["5", "4", "4"],
      ["5", "4", "4"],
    ]);
  });

  it("names providers: the seller on the marketplace, AWS as host", async () => {
    const { rows } = await mapRows([
      {
        bill_billing_entity: "AWS Marketplace",
        line_item_legal_entity: "Example, Inc.",
        bill_invoicing_entity: "AWS EMEA",
      },
    ]);
    expect(pick(rows, "ServiceProviderName", "HostProviderName", "InvoiceIssuerName")).toEqual([
      ["Example, Inc.", "AWS", "AWS EMEA"],
    ]);
  });

  it("takes an ARN apart and leaves a global region out", async () => {
    const { rows } = await mapRows([
      { line_item_resource_id: "arn:aws:rds:us-east-1:1:db:orders", product_region_code: "us-east-1" },
      { line_item_resource_id: "arn:aws:eks:us-east-1:1:cluster/main", product_region: "global" },
      { line_item_resource_id: "arn:aws:s3:::bucket" },
      { line_item_resource_id: "i-1" },
    ]);
    expect(pick(rows, "ResourceType", "ResourceName", "RegionId").sort()).toEqual([
      ["ec2:instance", null, null],
      ["eks:cluster", "main", null],
      ["rds:db", "orders", "us-east-1"],
      ["s3", "bucket", null],
    ]);
  });

  it("takes a capacity reservation for what it is, not for a commitment", async () => {
    const id = "arn:aws:ec2:us-east-1:1:capacity-reservation/cr-1";
    const { rows } = await mapRows([
      { reservation_reservation_a_r_n: id },
      { reservation_reservation_a_r_n: id, line_item_usage_type: "UnusedBox:m5.large" },
    ]);
    expect(
      pick(
        rows,
        "CapacityReservationId",
        "CapacityReservationStatus",
        "CommitmentDiscountId",
        "PricingCategory",
      ).sort(),
    ).toEqual([
      [id, "Unused", null, "Standard"],
      [id, "Used", null, "Standard"],
    ]);
  });

  it("keeps ids as texts (X-4) and accepts exponents (X-1)", async () => {
    const { rows } = await mapRows([{ line_item_unblended_cost: "4.1E-7" }]);
    expect(pick(rows, "SubAccountId", "BilledCost")).toEqual([[USAGE["line_item_usage_account_id"], "0.00000041"]]);
  });

  it("describes a SKU by its product's attributes", async () => {
    const { rows } = await mapRows([
      { product: '{"product_name": "EC2", "instance_type": "m5.large", "vcpu": "2", "note": ""}' },
    ]);
    expect(pick(rows, "ServiceName", "SkuPriceDetails")).toEqual([
      ["EC2", '{"x_InstanceType": "m5.large", "x_Vcpu": "2"}'],
    ]);
  });
});
