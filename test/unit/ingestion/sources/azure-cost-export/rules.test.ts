import { describe, expect, it } from "vitest";
import { plain } from "../golden.ts";
import { EA_USAGE, MCA_USAGE, mapActual, mapAzure, PLAN, RESERVATION } from "./azure-bill.ts";

const RESERVED = { PricingModel: "Reservation", BenefitId: RESERVATION, BenefitName: "VM_RI" };
const money = (value: unknown) => (value === null ? null : plain(String(value)));

describe("AZ-1 a pair of files", () => {
  const usage = { ...EA_USAGE, BenefitId: "", Cost: "2" };
  const purchase = { ...usage, ...RESERVED, ChargeType: "Purchase", Cost: "72" };

  it("takes all amortized rows and only commitment purchases and refunds of the actual file", async () => {
    const { rows, accounting } = await mapAzure({
      actual: [
        usage,
        purchase,
        { ...purchase, ChargeType: "Refund", PricingModel: "Savings Plan", Cost: "-5" },
        { ...usage, ChargeType: "Purchase", Cost: "9" },
        { ...usage, ChargeType: "Refund", Cost: "-1" },
      ],
      amortized: [
        usage,
        { ...usage, ChargeType: "Purchase", Cost: "9" },
        { ...usage, ChargeType: "Refund", Cost: "-1" },
      ],
    });

    expect(rows.map((row) => money(row["BilledCost"])).sort()).toEqual(["-1", "-5", "2", "72", "9"]);
    expect(accounting.map((row) => Number(row["rows"]))).toEqual([8, -3, 0]);
  });

  it("skips and counts commitment purchases inside the amortized file", async () => {
    const { rows, accounting, bill } = await mapAzure({ actual: [usage, purchase], amortized: [usage, purchase] });

    expect(rows).toHaveLength(2);
    expect(accounting.map((row) => Number(row["rows"]))).toEqual([4, -1, -1]);
    expect(bill.messages).toEqual(["skipped 1 commitment purchases or refunds inside the amortized file (AZ-1)"]);
  });

  it("tells about a billing period that only one file covers", async () => {
    const october = {
      ...usage,
      BillingPeriodStartDate: "10/01/2024",
      BillingPeriodEndDate: "10/31/2024",
      Date: "10/01/2024",
    };
    const { bill } = await mapAzure({ actual: [usage, october], amortized: [usage] });

    expect(bill.messages).toEqual([
      "billing period 2024-10 is only in the actual file; the amortized file has no row of it",
    ]);
  });

  it("reads an actual file alone as the whole bill and says what is missing", async () => {
    const { rows, control, bill } = await mapAzure({ actual: [usage, purchase] });

    expect(
      rows.map((row) => [money(row["BilledCost"]), money(row["EffectiveCost"]), row["x_AmortizationMissing"]]),
    ).toEqual([
      ["2", "2", null],
      ["72", "0", true],
    ]);
    expect(control.map((row) => row["metric"])).toEqual(["BilledCost"]);
    expect(bill.messages[0]).toMatch(/the amortized file is missing: .*EffectiveCost/);
  });

  it("reads an amortized file alone with a control total of the effective cost", async () => {
    const used = { ...usage, ...RESERVED, Cost: "3" };
    const { rows, control, bill } = await mapAzure({ amortized: [usage, used] }, {});

    expect(rows.map((row) => [money(row["BilledCost"]), money(row["EffectiveCost"])])).toEqual([
      ["2", "2"],
      ["0", "3"],
    ]);
    expect(control.map((row) => [row["metric"], money(row["amount"])])).toEqual([["EffectiveCost", "5"]]);
    expect(bill.messages[0]).toMatch(/the actual file is missing: .*BilledCost/);
  });
});

describe("AZ-2 the cost", () => {
  it.each([
    [{ CostInBillingCurrency: "7", Cost: "2" }, "7"],
    [{ Cost: "2" }, "2"],
    [{ Cost: "", PreTaxCost: "1.5E-7" }, "0.00000015"],
  ])("of %j is %s", async (cells, expected) => {
    const [row] = await mapActual([cells]);

    expect(money(row?.["BilledCost"])).toBe(expected);
  });

  it("is rounded half-even to 18 digits and never passes through a float (X-1)", async () => {
    const [row] = await mapActual([{ Cost: "0.4931520000000000005" }]);

    expect(row?.["BilledCost"]).toBe("0.493152000000000000");
  });
});

describe("AZ-3 the charge category", () => {
  it.each([
    ["Usage", "Usage"],
    ["Purchase", "Purchase"],
    ["Credit", "Credit"],
    ["Tax", "Tax"],
    ["UnusedReservation", "Usage"],
    ["UnusedSavingsPlan", "Usage"],
    ["Refund", "Purchase"],
    ["RoundingAdjustment", "Adjustment"],
    ["Something", "Adjustment"],
  ])("of %s is %s", async (ChargeType, category) => {
    const [row] = await mapActual([{ ChargeType }]);

    expect(row?.["ChargeCategory"]).toBe(category);
  });

  it("is Usage, on demand, where the bill has neither ChargeType nor PricingModel", async () => {
    const { ChargeType: _type, PricingModel: _model, ...rest } = EA_USAGE;
    const [row] = await mapActual([{}], rest);

    expect([row?.["ChargeCategory"], row?.["PricingCategory"]]).toEqual(["Usage", "Standard"]);
  });
});

describe("AZ-4 and AZ-5 billed and effective cost", () => {
  it.each([
    ["Usage", "OnDemand", "2", "2", null],
    ["Usage", "Reservation", "0", "2", "Used"],
    ["Usage", "Savings Plan", "0", "2", "Used"],
    ["UnusedReservation", "Reservation", "0", "2", "Unused"],
    ["UnusedSavingsPlan", "SavingsPlan", "0", "2", "Unused"],
    ["Purchase", "Reservation", "2", "0", null],
    ["Refund", "SavingsPlan", "2", "0", null],
    ["Purchase", "OnDemand", "2", "2", null],
  ])("of %s at %s are %s and %s", async (ChargeType, PricingModel, billed, effective, status) => {
    const [row] = await mapActual([{ ChargeType, PricingModel, BenefitId: RESERVATION }]);

    expect([money(row?.["BilledCost"]), money(row?.["EffectiveCost"]), row?.["CommitmentDiscountStatus"]]).toEqual([
      billed,
      effective,
      status,
    ]);
  });
});

describe("AZ-6 the charge class", () => {
  it("is Correction for every refund, and for nothing else however negative", async () => {
    const rows = await mapActual([{ ChargeType: "Refund", Cost: "-1" }, { Cost: "-4" }]);

    expect(rows.map((row) => row["ChargeClass"])).toEqual(["Correction", null]);
  });
});

describe("AZ-7 quantities and prices", () => {
  const operations = {
    UnitOfMeasure: "10K",
    Quantity: "0.5",
    EffectivePrice: "0.1",
    UnitPrice: "0.1",
    PayGPrice: "0.12",
  };

  it("reads the quantity as pricing blocks", async () => {
    const [row] = await mapActual([{ ...operations, Cost: "0.05" }]);

    expect([money(row?.["PricingQuantity"]), row?.["PricingUnit"]]).toEqual(["0.5", "10000 Units"]);
    expect([money(row?.["ConsumedQuantity"]), row?.["ConsumedUnit"]]).toEqual(["5000", "Units"]);
    expect([money(row?.["ContractedCost"]), money(row?.["ListCost"])]).toEqual(["0.05", "0.06"]);
  });

  it("divides by the block where the file's own prices fit only that way", async () => {
    const [row] = await mapActual([{ ...operations, Quantity: "5000", Cost: "0.05" }]);

    expect([money(row?.["PricingQuantity"]), money(row?.["ConsumedQuantity"])]).toEqual(["0.5", "5000"]);
    expect(money(row?.["ContractedCost"])).toBe("0.05");
  });

  it.each([
    ["PayGPrice × Quantity", { PayGPrice: "0.25" }, "2.5"],
    ["the contracted cost", { PayGPrice: "0", UnitPrice: "0.3" }, "3"],
    ["the effective cost of usage", { PayGPrice: "0", UnitPrice: "0" }, "2"],
    ["the billed cost of a purchase", { PayGPrice: "0", UnitPrice: "0", ChargeType: "Purchase", Cost: "7" }, "7"],
  ])("falls back to %s for the list cost", async (_name, cells, expected) => {
    const [row] = await mapActual([{ ...RESERVED, ...cells }]);

    expect(money(row?.["ListCost"])).toBe(expected);
  });

  it("prices MCA rows in the pricing currency", async () => {
    const [row] = await mapActual([{}], MCA_USAGE);

    expect([money(row?.["ListCost"]), money(row?.["ListUnitPrice"])]).toEqual(["2.25", "0.225"]);
    expect([money(row?.["ContractedCost"]), money(row?.["ContractedUnitPrice"])]).toEqual(["1.8", "0.18"]);
    expect([money(row?.["PricingCurrencyListUnitPrice"]), money(row?.["PricingCurrencyContractedUnitPrice"])]).toEqual([
      "0.25",
      "0.2",
    ]);
  });
});

describe("AZ-8 tags and additional info", () => {
  it("wraps tags without braces and keeps keys and values as delivered (X-5)", async () => {
    const rows = await mapActual([{ Tags: '"Team": "ML","team": ""' }, { Tags: '{"a":"b"}' }, { Tags: "" }]);

    expect(rows.map((row) => row["Tags"])).toEqual(['{"Team": "ML","team": ""}', '{"a":"b"}', null]);
  });

  it.each(['"team": "ml', "team=ml", '{"a":{"b":1}}', "[1]"])(
    "keeps unreadable tags %s in x_TagsRaw and warns",
    async (Tags) => {
      const { rows, bill } = await mapAzure({ actual: [{ ...EA_USAGE, Tags }] });

      expect([rows[0]?.["Tags"], rows[0]?.["x_TagsRaw"]]).toEqual([null, Tags]);
      expect(bill.warnings?.map(({ message }) => message)).toContain(
        "tags are no flat JSON object and were kept as x_TagsRaw (AZ-8)",
      );
    },
  );

  it("prefixes the keys of AdditionalInfo", async () => {
    const rows = await mapActual([
      { AdditionalInfo: '{ "ImageType": "a\\"b\\":c", "VCPUs": 2}' },
      { AdditionalInfo: '{"a":[1]}' },
    ]);

    expect(JSON.parse(String(rows[0]?.["SkuPriceDetails"]))).toEqual({ x_ImageType: 'a"b":c', x_VCPUs: 2 });
    expect([rows[1]?.["SkuPriceDetails"], rows[1]?.["x_AdditionalInfo"]]).toEqual([null, '{"a":[1]}']);
  });

  it("finds the capacity reservation of a machine", async () => {
    const [row] = await mapActual([{ AdditionalInfo: '{"VMCapacityReservationId":"f8b4"}' }]);

    expect([row?.["CapacityReservationId"], row?.["CapacityReservationStatus"]]).toEqual(["f8b4", "Used"]);
  });
});

describe("AZ-9 the pricing currency", () => {
  it("has the effective cost as told by MCA, 0 where AZ-5 gives 0", async () => {
    const rows = await mapActual(
      [
        {},
        { chargeType: "Purchase", pricingModel: "Reservation", benefitId: RESERVATION },
        { costInPricingCurrency: "" },
      ],
      MCA_USAGE,
    );

    expect(rows.map((row) => [row["PricingCurrency"], money(row["PricingCurrencyEffectiveCost"])])).toEqual([
      ["USD", "2"],
      ["USD", "0"],
      ["USD", "2"],
    ]);
  });

  it("is the billing currency of an EA bill", async () => {
    const [row] = await mapActual([{}]);

    expect([row?.["PricingCurrency"], money(row?.["PricingCurrencyEffectiveCost"])]).toEqual(["USD", "2"]);
  });
});

describe("the FOCUS columns of an Azure bill", () => {
  it("name account, subscription and invoice by agreement", async () => {
    const names = ["BillingAccountId", "BillingAccountType", "SubAccountType", "InvoiceId", "SkuId"];
    const [ea] = await mapActual([{}]);
    const [mca] = await mapActual([{ SubscriptionId: "" }], MCA_USAGE);

    expect(names.map((name) => ea?.[name])).toEqual(["8611537", "Billing Account", "Subscription", null, null]);
    expect(names.map((name) => mca?.[name])).toEqual(["PROFILE", "Billing Profile", null, "G07", "DZH318Z08MC4"]);
  });

  it("have exclusive ends and calendar months (X-2)", async () => {
    const [row] = await mapActual([{ BillingPeriodStartDate: "", Date: "2024-09-30T00:00:00Z" }]);

    expect([row?.["BillingPeriodStart"], row?.["BillingPeriodEnd"]]).toEqual([
      "2024-09-01 00:00:00",
      "2024-10-01 00:00:00",
    ]);
    expect([row?.["ChargePeriodStart"], row?.["ChargePeriodEnd"]]).toEqual([
      "2024-09-30 00:00:00",
      "2024-10-01 00:00:00",
    ]);
  });

  it("take the commitment from BenefitId, lower-case (X-4)", async () => {
    const names = ["CommitmentDiscountId", "CommitmentDiscountType", "CommitmentDiscountCategory"];
    const rows = await mapActual([
      { ...RESERVED, ReservationId: "other" },
      { PricingModel: "SavingsPlan", BenefitId: PLAN },
      { BenefitId: PLAN },
    ]);

    expect(rows.map((row) => names.map((name) => row[name]))).toEqual([
      [RESERVATION.toLowerCase(), "Reservation", "Usage"],
      [PLAN.toLowerCase(), "Savings Plan", "Spend"],
      [null, null, null],
    ]);
  });

  it("tell how often and at which price a charge comes (X-8, X-9)", async () => {
    const rows = await mapActual([
      {},
      { PricingModel: "Spot" },
      { ...RESERVED },
      { ChargeType: "Purchase", Frequency: "Recurring" },
      { ChargeType: "Purchase", Frequency: "UsageBased" },
      { ChargeType: "Tax" },
    ]);

    expect(rows.map((row) => [row["ChargeFrequency"], row["PricingCategory"]])).toEqual([
      ["Usage-Based", "Standard"],
      ["Usage-Based", "Dynamic"],
      ["Usage-Based", "Committed"],
      ["Recurring", "Standard"],
      ["One-Time", "Standard"],
      ["One-Time", null],
    ]);
  });

  it("have quantities only where units are known (X-10)", async () => {
    const names = ["PricingQuantity", "PricingUnit", "ConsumedQuantity", "ConsumedUnit"];
    const rows = await mapActual([
      { UnitOfMeasure: "" },
      { ChargeType: "Tax" },
      { ChargeType: "UnusedReservation", ...RESERVED },
    ]);

    expect(rows.map((row) => names.map((name) => row[name] === null))).toEqual([
      [true, true, true, true],
      [true, true, true, true],
      [false, false, true, true],
    ]);
  });

  it("look up service, region and resource type (X-7)", async () => {
    const names = [
      "ServiceName",
      "ServiceCategory",
      "ServiceSubcategory",
      "RegionId",
      "RegionName",
      "ResourceName",
      "ResourceType",
    ];
    const [row] = await mapActual([{}]);

    expect(names.map((name) => row?.[name])).toEqual([
      "Virtual Machines",
      "Compute",
      "Virtual Machines",
      "eastus",
      "East US",
      "Web-1",
      "Virtual machine",
    ]);
    expect(row?.["ResourceId"]).toBe(EA_USAGE["ResourceId"]?.toLowerCase());
  });

  it.each([
    [
      "Azure OpenAI",
      { ConsumedService: "Microsoft.CognitiveServices", MeterSubCategory: "Azure OpenAI" },
      "Azure AI Services",
      "Generative AI",
    ],
    [
      "Azure ML",
      { ConsumedService: "Microsoft.MachineLearningServices", MeterCategory: "Storage" },
      "Azure Machine Learning",
      "Machine Learning",
    ],
    ["a model vendor", { PublisherType: "Marketplace", PublisherName: "Anthropic" }, "Anthropic", "Generative AI"],
  ])("put %s under AI and Machine Learning (X-7)", async (_name, cells, service, subcategory) => {
    const [row] = await mapActual([{ ...cells, ResourceId: "" }]);

    expect([row?.["ServiceName"], row?.["ServiceCategory"], row?.["ServiceSubcategory"]]).toEqual([
      service,
      "AI and Machine Learning",
      subcategory,
    ]);
  });

  it("count services that no table knows (X-7)", async () => {
    const { rows, bill } = await mapAzure({
      actual: [{ ...EA_USAGE, MeterCategory: "New", ConsumedService: "New.Service", ResourceId: "" }],
    });

    expect([rows[0]?.["ServiceName"], rows[0]?.["ServiceCategory"]]).toEqual(["New", "Other"]);
    expect(bill.messages).toContain('1 rows of the unknown service "New" have ServiceCategory Other');
  });

  it("name the publisher as provider of marketplace services", async () => {
    const [row] = await mapActual([
      { PublisherType: "Marketplace", PublisherName: "Example, Inc.", PartnerName: "Reseller" },
    ]);

    expect([row?.["ServiceProviderName"], row?.["HostProviderName"], row?.["InvoiceIssuerName"]]).toEqual([
      "Example, Inc.",
      "Microsoft",
      "Reseller",
    ]);
  });
});
