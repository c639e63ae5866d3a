import { describe, expect, it } from "vitest";
import { detectVersion, mandatoryColumns } from "../../../../shared/ingestion/focus/versions.ts";

describe("detectVersion (UP-1)", () => {
  it.each([
    [["BilledCost", "ProviderName"], "1.0"],
    [["BilledCost", "ProviderName", "BillingAccountType"], "1.0"],
    [["BilledCost", "ProviderName", "SkuMeter"], "1.1"],
    [["BilledCost", "ProviderName", "servicesubcategory"], "1.1"],
    [["BilledCost", "ProviderName", "InvoiceId", "SkuMeter"], "1.2"],
    [["BilledCost", "ProviderName", "ServiceProviderName"], "1.3"],
    [["BilledCost", "ServiceProviderName"], "1.4"],
  ] as const)("sees from the columns %j that it is %s", (headers, version) => {
    expect(detectVersion(headers)).toBe(version);
  });

  it.each([
    ["1.0r2", "1.0"],
    ["1.2-preview", "1.2"],
    ["v1.3", "1.3"],
    ["something", "1.4"],
  ] as const)("believes a manifest that says %s", (stated, version) => {
    expect(detectVersion(["ServiceProviderName"], stated)).toBe(version);
  });
});

describe("mandatoryColumns", () => {
  it("are the 21 of 1.4, and 21 with the two providers of before in 1.0", () => {
    expect(mandatoryColumns("1.4").length).toBe(21);
    expect(mandatoryColumns("1.0").length).toBe(21);
    expect(mandatoryColumns("1.0")).toEqual(expect.arrayContaining(["ProviderName", "PublisherName"]));
    expect(mandatoryColumns("1.0")).not.toContain("HostProviderName");
  });
});
