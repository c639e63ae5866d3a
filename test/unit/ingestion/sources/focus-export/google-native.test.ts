import { describe, expect, it } from "vitest";
import type { SourceConfigOf } from "../../../../../shared/config/types.ts";
import { focusExportSource } from "../../../../../shared/ingestion/sources/focus-export/index.ts";
import { mapFiles } from "../support.ts";

const CONFIG: SourceConfigOf<"focus-export"> = { id: "gcp", type: "focus-export", location: "." };

const HEADER = [
  "BilledCost",
  "BillingAccountId",
  "BillingAccountName",
  "BillingCurrency",
  "BillingPeriodEnd",
  "BillingPeriodStart",
  "ChargeCategory",
  "ChargeClass",
  "ChargeDescription",
  "ChargePeriodEnd",
  "ChargePeriodStart",
  "ContractedCost",
  "EffectiveCost",
  "InvoiceIssuerName",
  "ListCost",
  "PricingQuantity",
  "PricingUnit",
  "ProviderName",
  "PublisherName",
  "ServiceName",
  "SubAccountId",
  "x_Credits",
  "x_Labels",
  "x_ProjectLabels",
  "x_SystemLabels",
  "x_Tags",
  "x_SubscriptionInstanceId",
];

interface GoogleRow {
  cost: string;
  service?: string;
  credits?: string;
  labels?: string;
  projectLabels?: string;
  systemLabels?: string;
  tags?: string;
  subscription?: string;
}

function csv(...rows: GoogleRow[]): { name: string; content: string } {
  const lines = rows.map((row) =>
    [
      row.cost,
      "01ABCD",
      "",
      "USD",
      "2024-10-01T07:00:00Z",
      "2024-09-01T07:00:00Z",
      "usage",
      "",
      "N1 core",
      "2024-09-03T08:00:00Z",
      "2024-09-03T07:00:00Z",
      row.cost,
      row.cost,
      "Google Cloud",
      row.cost,
      "1",
      "hour",
      "Google Cloud",
      "Google Cloud",
      row.service ?? "Compute Engine",
      "genops-ml-prod",
      row.credits ?? "",
      row.labels ?? "",
      row.projectLabels ?? "",
      row.systemLabels ?? "",
      row.tags ?? "",
      row.subscription ?? "",
    ]
      .map((cell) => `"${cell.replaceAll('"', '""')}"`)
      .join(","),
  );
  return { name: "google.csv", content: [HEADER.join(","), ...lines].join("\n") };
}

const CREDITS = JSON.stringify([
  { Name: "CUD", Amount: -0.25, FullName: "", Id: "c1", Type: "COMMITTED_USAGE_DISCOUNT" },
  { Name: "Promo", Amount: -4e-7, FullName: "", Id: "p1", Type: "PROMOTION" },
  { Name: "Promo", Amount: -4e-7, FullName: "", Id: "p1", Type: "PROMOTION" },
]);

describe("focus-export of Google's native export (UP-7)", () => {
  it("nets re-pricing credits and makes rows of the others when they are separate, which is the default", async () => {
    const { rows, control, accounting, bill } = await mapFiles(focusExportSource, CONFIG, [
      csv({ cost: "1.5", credits: CREDITS }, { cost: "2", credits: "[]" }),
    ]);

    expect(
      rows
        .map((row) => [
          row["ChargeCategory"],
          Number(row["BilledCost"]),
          Number(row["EffectiveCost"]),
          row["PricingQuantity"] === null,
        ])
        .sort(),
    ).toEqual([
      ["Credit", -4e-7, -4e-7, true],
      ["Credit", -4e-7, -4e-7, true],
      ["Usage", 1.25, 1.25, false],
      ["Usage", 2, 2, false],
    ]);
    expect(accounting).toEqual([
      { label: "source", rows: "2" },
      { label: "credits as rows of their own", rows: "2" },
    ]);
    expect(control.map((row) => [row["billing_period"], row["metric"], row["amount"]]).sort()).toEqual([
      ["2024-09", "BilledCost", "3.249999200000000000"],
      ["2024-09", "EffectiveCost", "3.249999200000000000"],
    ]);
    expect(bill.messages.join()).toContain("credits: included");
  });

  it("takes the costs as they stand when credits are included", async () => {
    const { rows, control } = await mapFiles(focusExportSource, { ...CONFIG, credits: "included" }, [
      csv({ cost: "1.5", credits: CREDITS }),
    ]);
    expect(rows.map((row) => row["BilledCost"])).toEqual(["1.500000000000000000"]);
    expect(control.map((row) => row["amount"])).toEqual(["1.500000000000000000", "1.500000000000000000"]);
  });

  it("builds Tags: labels before project labels, system labels, tags with their namespace (GCP-6)", async () => {
    const { rows } = await mapFiles(focusExportSource, CONFIG, [
      csv(
        {
          cost: "1",
          labels: '[{"Key":"team","Value":"ai-research"},{"Key":"batch","Value":""},{"Key":"Team","Value":"b"}]',
          projectLabels: '[{"key":"team","value":"platform"},{"key":"env","value":"dev"}]',
          systemLabels: '[{"Key":"compute.googleapis.com/cores","Value":"8"}]',
          tags: '[{"Key":"CostCenter","Value":"42","Inherited":true,"Namespace":"1234"}]',
        },
        { cost: "2" },
      ),
    ]);
    const tags = rows.find((row) => Number(row["BilledCost"]) === 1)?.["Tags"];
    expect(JSON.parse(String(tags))).toEqual({
      team: "ai-research",
      Team: "b",
      batch: true,
      env: "dev",
      "compute.googleapis.com/cores": "8",
      "tag:1234/CostCenter": "42",
    });
    expect(rows.find((row) => Number(row["BilledCost"]) === 2)?.["Tags"]).toBeNull();
  });

  it("finds categories by service (X-7), commitments by subscription, spells `usage` right (UP-6) and uses UTC months (X-2)", async () => {
    const { rows } = await mapFiles(focusExportSource, CONFIG, [
      csv({ cost: "1", service: "Vertex AI", subscription: "sub-1" }, { cost: "2", service: "Nobody Knows" }),
    ]);
    expect(rows.find((row) => row["ServiceName"] === "Vertex AI")).toMatchObject({
      ChargeCategory: "Usage",
      ServiceCategory: "AI and Machine Learning",
      ServiceSubcategory: "Machine Learning",
      CommitmentDiscountId: "sub-1",
      BillingPeriodStart: "2024-09-01 00:00:00",
      SubAccountType: "Project",
    });
    expect(rows.find((row) => row["ServiceName"] === "Nobody Knows")).toMatchObject({
      ServiceCategory: "Other",
      ServiceSubcategory: "Other (Other)",
    });
  });
});
