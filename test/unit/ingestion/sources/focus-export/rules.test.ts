import { describe, expect, it } from "vitest";
import type { SourceConfigOf } from "../../../../../shared/config/types.ts";
import { mandatoryColumns } from "../../../../../shared/ingestion/focus/versions.ts";
import { focusExportSource } from "../../../../../shared/ingestion/sources/focus-export/index.ts";
import type { SqlRow } from "../../../../../shared/ports/sql-engine.ts";
import { mapFiles, type TestFile } from "../support.ts";

type Cells = Readonly<Record<string, string | undefined>>;

const CONFIG: SourceConfigOf<"focus-export"> = { id: "any", type: "focus-export", location: "." };

/** The mandatory columns of 1.0 with a plausible row. */
const BASE: Cells = {
  BilledCost: "1.5",
  BillingAccountId: "012345678901",
  BillingAccountName: "",
  BillingCurrency: "USD",
  BillingPeriodEnd: "2024-10-01T00:00:00Z",
  BillingPeriodStart: "2024-09-01T00:00:00Z",
  ChargeCategory: "Usage",
  ChargeClass: "",
  ChargeDescription: "",
  ChargePeriodEnd: "2024-09-03 01:00:00",
  ChargePeriodStart: "2024-09-03 00:00:00",
  ContractedCost: "1.5",
  EffectiveCost: "1.25",
  InvoiceIssuerName: "Acme",
  ListCost: "2",
  PricingQuantity: "4",
  PricingUnit: "Hours",
  ProviderName: "Acme",
  PublisherName: "Acme",
  ServiceCategory: "Compute",
  ServiceName: "Queue",
};

function csv(name: string, ...rows: Cells[]): TestFile {
  const headers = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((header) =>
    rows.some((row) => row[header] !== undefined),
  );
  const line = (cells: readonly string[]) => cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(",");
  return {
    name,
    content: [line(headers), ...rows.map((row) => line(headers.map((header) => row[header] ?? "")))].join("\n"),
  };
}

async function mapped(change: Cells, config: Partial<SourceConfigOf<"focus-export">> = {}): Promise<SqlRow> {
  const { rows } = await mapFiles(focusExportSource, { ...CONFIG, ...config }, [csv("a.csv", { ...BASE, ...change })]);
  return rows[0] ?? {};
}

/** What FOCUS 1.3 and 1.4 have instead of ProviderName and PublisherName. */
const NO_PROVIDER = { ProviderName: undefined, PublisherName: undefined };

describe("focus-export up-conversion", () => {
  it.each([
    ["AWS", "Amazon Web Services, Inc.", "AWS"],
    ["AWS", "AWS Marketplace", "AWS"],
    ["AWS", "Red Hat", "Red Hat"],
    ["AWS", "", "AWS"],
    ["Microsoft", "microsoft corporation", "Microsoft"],
    ["Microsoft", "Canonical", "Canonical"],
    ["Google Cloud", "Google LLC", "Google Cloud"],
    ["Oracle", "Oracle America", "Oracle"],
    ["Acme", "ACME Publishing", "Acme"],
    ["Acme", "Other", "Other"],
  ])("UP-2: provider %s and publisher %j are sold by %s", async (provider, publisher, seller) => {
    const row = await mapped({ ProviderName: provider, PublisherName: publisher });
    expect(row).toMatchObject({
      HostProviderName: provider,
      ServiceProviderName: seller,
      x_SourceProviderName: provider,
      x_SourcePublisherName: publisher === "" ? null : publisher,
    });
  });

  it.each([
    [{ ContractedCost: "", ContractedUnitPrice: "0.3" }, "1.2", "2", "ContractedCost"],
    [{ ContractedCost: "" }, "2", "2", "ContractedCost"],
    [{ ContractedCost: "", ListCost: "" }, "1.5", "1.5", "ListCost,ContractedCost"],
    [{ ListCost: "", ListUnitPrice: "0.4" }, "1.5", "1.6", "ListCost"],
    [{ ListCost: "NULL" }, "1.5", "1.5", "ListCost"],
    [{}, "1.5", "2", null],
  ])("UP-3: fills the costs of %j", async (change, contracted, list, filled) => {
    const row = await mapped(change);
    expect([Number(row["ContractedCost"]), Number(row["ListCost"]), row["x_CostFilled"]]).toEqual([
      Number(contracted),
      Number(list),
      filled,
    ]);
  });

  it("UP-4: fills the columns that 1.4 wants filled", async () => {
    expect(
      await mapped({ InvoiceIssuerName: "", ServiceName: "", PublisherName: "Acme", SubAccountId: "7" }),
    ).toMatchObject({
      BillingAccountType: "Billing Account",
      PricingCurrency: "USD",
      PricingCurrencyEffectiveCost: "1.250000000000000000",
      ChargeFrequency: "Usage-Based",
      InvoiceIssuerName: "Acme",
      ServiceName: "Acme",
      SubAccountType: "Sub Account",
      ServiceSubcategory: "Other (Compute)",
      x_Filled: "InvoiceIssuerName,ServiceName,ChargeFrequency",
    });
    expect(await mapped({ ServiceName: "", PublisherName: "", x_SkuMeterSubcategory: "Meter" })).toMatchObject({
      ServiceName: "Meter",
    });
  });

  it("UP-4: takes the pricing currency and the exchange rate of Azure's x_ columns", async () => {
    const row = await mapped({ x_PricingCurrency: "EUR", x_BillingExchangeRate: "1.25" });
    expect(row).toMatchObject({
      PricingCurrency: "EUR",
      PricingCurrencyEffectiveCost: "1.000000000000000000",
      x_PricingCurrency: "EUR",
      x_BillingExchangeRate: "1.25",
    });
    expect(
      (await mapped({ x_PricingCurrency: "EUR", x_BillingExchangeRate: "0" }))["PricingCurrencyEffectiveCost"],
    ).toBeNull();
  });

  it("X-8: a Purchase, Tax or Credit without ChargeFrequency is One-Time", async () => {
    expect((await mapped({ ChargeCategory: "Purchase" }))["ChargeFrequency"]).toBe("One-Time");
    expect((await mapped({ ChargeCategory: "Tax", ChargeFrequency: "Recurring" }))["ChargeFrequency"]).toBe(
      "Recurring",
    );
  });

  it("UP-5: promotes x_ columns and keeps them", async () => {
    const row = await mapped({
      x_InvoiceId: "INV",
      x_SkuMeterName: "Meter",
      x_SkuDetails: '{"ImageType": "Linux", "VCPUs": 2, "x_Own": null}',
    });
    expect(row).toMatchObject({ InvoiceId: "INV", SkuMeter: "Meter", x_InvoiceId: "INV" });
    expect(JSON.parse(String(row["SkuPriceDetails"]))).toEqual({ x_ImageType: "Linux", x_VCPUs: 2, x_Own: null });
    expect((await mapped({ x_SkuDetails: "no JSON" }))["SkuPriceDetails"]).toBeNull();
  });

  it("UP-6: gives allowed values the spelling of the specification, and remembers theirs", async () => {
    const row = await mapped({
      ChargeCategory: "usage",
      PricingCategory: "standard",
      ServiceCategory: "AI AND MACHINE LEARNING",
      ChargeClass: "weird",
    });
    expect(row).toMatchObject({
      ChargeCategory: "Usage",
      PricingCategory: "Standard",
      ServiceCategory: "AI and Machine Learning",
      ChargeClass: "weird",
      x_Respelled: "ChargeCategory=usage|PricingCategory=standard|ServiceCategory=AI AND MACHINE LEARNING",
    });
  });

  it.each([
    ["2024-09-03 00:00:00", "2024-09-03 00:00:00"],
    ["2024-09-03T00:00Z", "2024-09-03 00:00:00"],
    ["2024-09-03T02:00:00.5+02:00", "2024-09-03 00:00:00.5"],
    ["2024-09-03 00:00:00 UTC", "2024-09-03 00:00:00"],
  ])("X-2: reads %s as %s in UTC", async (text, instant) => {
    expect((await mapped({ ChargePeriodStart: text }))["ChargePeriodStart"]).toBe(instant);
  });

  it("X-2: puts billing periods on UTC months and takes a missing one from the charge", async () => {
    const pacific = { BillingPeriodStart: "2024-09-01T07:00:00Z", BillingPeriodEnd: "2024-10-01T07:00:00Z" };
    const month = { BillingPeriodStart: "2024-09-01 00:00:00", BillingPeriodEnd: "2024-10-01 00:00:00" };
    expect(await mapped(pacific)).toMatchObject(month);
    expect(await mapped({ BillingPeriodStart: undefined, BillingPeriodEnd: undefined })).toMatchObject(month);
    expect(await mapped({ BillingPeriodEnd: "2024-09-01" })).toMatchObject({ BillingPeriodEnd: "2024-09-01 00:00:00" });
  });

  it("X-4, X-5: keeps ids, tags and Azure's paths as delivered", async () => {
    const row = await mapped({
      BillingAccountId: "/providers/Microsoft.Billing/billingAccounts/007",
      SubAccountId: "/subscriptions/ABC",
      Tags: '{"Team":"a","team":"b"}',
    });
    expect(row).toMatchObject({
      BillingAccountId: "/providers/Microsoft.Billing/billingAccounts/007",
      SubAccountId: "/subscriptions/ABC",
      Tags: '{"Team":"a","team":"b"}',
    });
  });

  it("X-6: keeps unknown columns, hostile texts and long tags", async () => {
    const tag = `{"k": "${"x".repeat(200_000)}"}`;
    const row = await mapped({ Id: "=cmd()", x_Team: "\u0001", X_team: "b", Tags: tag });
    expect(row).toMatchObject({ x_Id: "=cmd()", x_Team: "\u0001", x_team_2: "b", Tags: tag });
  });

  it("takes 1.3 and 1.4 as they are", async () => {
    const current = { ...NO_PROVIDER, HostProviderName: "AWS", ServiceProviderName: "Acme", InvoiceIssuerName: "Acme" };
    expect(await mapped(current)).toMatchObject({
      HostProviderName: "AWS",
      ServiceProviderName: "Acme",
      x_SourceProviderName: null,
    });
    expect(await mapped({ ...current, HostProviderName: "" })).toMatchObject({ HostProviderName: "Not Applicable" });
    expect(await mapped({ ...current, ProviderName: "Old" })).toMatchObject({
      HostProviderName: "AWS",
      ServiceProviderName: "Acme",
    });
  });

  it("reads files of several versions together and says which", async () => {
    const { rows, bill, accounting } = await mapFiles(focusExportSource, CONFIG, [
      csv("old.csv", BASE),
      csv("new.csv", { ...BASE, ...NO_PROVIDER, HostProviderName: "AWS", ServiceProviderName: "AWS" }),
    ]);
    expect(rows.map((row) => row["HostProviderName"]).sort()).toEqual(["AWS", "Acme"]);
    expect(bill.messages[0]).toBe("FOCUS 1.0 and 1.4");
    expect(accounting).toEqual([{ label: "source", rows: "2" }]);
  });

  it("finds headers in any case, as in the specification's own files", async () => {
    expect(await mapped({ SkuPriceid: "P1" })).toMatchObject({ SkuPriceId: "P1" });
  });

  it("keeps currencies apart in its control totals (INV-1)", async () => {
    const { control } = await mapFiles(focusExportSource, CONFIG, [
      csv("a.csv", BASE, { ...BASE, BillingCurrency: "EUR", BilledCost: "4.1E-7" }, { ...BASE, BilledCost: "-0.5" }),
    ]);
    expect(
      control.map((row) => [row["billing_period"], row["currency"], row["metric"], Number(row["amount"])]).sort(),
    ).toEqual([
      ["2024-09", "EUR", "BilledCost", 4.1e-7],
      ["2024-09", "EUR", "EffectiveCost", 1.25],
      ["2024-09", "USD", "BilledCost", 1],
      ["2024-09", "USD", "EffectiveCost", 2.5],
    ]);
  });
});

describe("focus-export refusals", () => {
  it.each(mandatoryColumns("1.0").filter((name) => !name.startsWith("BillingPeriod")))(
    "refuses a file without %s, naming it",
    async (name) => {
      await expect(mapped({ [name]: undefined })).rejects.toMatchObject({
        code: "refused",
        message: expect.stringContaining(name),
        place: { file: "a.csv", column: name },
      });
    },
  );

  it("names all missing columns", async () => {
    await expect(mapped({ BilledCost: undefined, ServiceName: undefined })).rejects.toThrow(/BilledCost, ServiceName/);
  });

  it("takes currency and billing account from the configuration where the file has none", async () => {
    const row = await mapped(
      { BillingCurrency: undefined, BillingAccountId: undefined },
      { currency: "CHF", billingAccountId: "007" },
    );
    expect(row).toMatchObject({ BillingCurrency: "CHF", PricingCurrency: "CHF", BillingAccountId: "007" });
    await expect(mapped({ BillingCurrency: undefined }, { billingAccountId: "007" })).rejects.toThrow(/`currency`/);
  });

  it.each([
    ["BilledCost", "1.234,56", /not a number: "1.234,56"/],
    ["EffectiveCost", "1,5", /not a number: "1,5"/],
    ["ListCost", "n/a", /not a number/],
    ["ChargePeriodStart", "03/04/2024", /03\/04\/2024/],
    ["ChargePeriodStart", "2024-09-31", /2024-09-31/],
  ])("refuses %s %j", async (name, text, message) => {
    await expect(mapped({ [name]: text })).rejects.toThrow(message);
  });

  it("refuses a FOCUS column that a file has twice, in any case", async () => {
    await expect(mapped({ billedcost: "7" })).rejects.toMatchObject({
      code: "refused",
      message: expect.stringContaining("BilledCost twice"),
      place: { file: "a.csv" },
    });
  });

  it("refuses JSON files", async () => {
    await expect(
      mapFiles(focusExportSource, CONFIG, [{ name: "a.json", content: '{"BilledCost": 1}' }]),
    ).rejects.toMatchObject({
      code: "refused",
      message: expect.stringContaining("neither CSV nor Parquet"),
    });
  });
});
