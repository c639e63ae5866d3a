import { describe, expect, it } from "vitest";
import type { SourceConfigOf } from "../../../../shared/config/types.ts";
import { awsDataExportSource } from "../../../../shared/ingestion/sources/aws-data-export/index.ts";
import { customSource } from "../../../../shared/ingestion/sources/custom/index.ts";
import { mapFiles } from "./support.ts";

const SQL = `SELECT money("Amount") AS BilledCost, 'EUR' AS BillingCurrency, 'a' AS BillingAccountId, instant("Day") AS ChargePeriodStart,
  instant("Day") + INTERVAL 1 DAY AS ChargePeriodEnd, 'Usage' AS ChargeCategory, 'Queue' AS ServiceName, 'Acme' AS ServiceProviderName FROM bill`;

function startOf(day: string, dateFormat?: "DMY" | "MDY") {
  const config: SourceConfigOf<"custom"> = {
    id: "acme",
    type: "custom",
    location: ".",
    sql: SQL,
    ...(dateFormat === undefined ? {} : { dateFormat }),
  };
  const bill = { name: "acme.csv", content: `Day,Amount\n${day},1\n` };
  return mapFiles(customSource, config, [bill]).then(({ rows }) => String(rows[0]?.["ChargePeriodStart"]));
}

describe("slash dates", () => {
  it.each([
    ["03/04/2024", "DMY", "2024-04-03 00:00:00"],
    ["03/04/2024", "MDY", "2024-03-04 00:00:00"],
    ["3/4/2024 13:05", "DMY", "2024-04-03 13:05:00"],
    ["03/04/2024 13:05:09", "MDY", "2024-03-04 13:05:09"],
    ["2024-04-03T00:00:00Z", "MDY", "2024-04-03 00:00:00"],
  ] as const)("reads %s as the source's dateFormat %s says", async (text, order, instant) => {
    expect(await startOf(text, order)).toBe(instant);
  });

  it("are refused without dateFormat, and where they are no dates in its order", async () => {
    await expect(startOf("03/04/2024")).rejects.toThrow(/03\/04\/2024/);
    await expect(startOf("13/04/2024", "MDY")).rejects.toThrow(/timestamp: "13\/04\/2024"/);
    await expect(startOf("2024/04/03", "MDY")).rejects.toThrow(/timestamp: "2024\/04\/03"/);
  });

  it("are read in an AWS report, too", async () => {
    const header =
      "bill/PayerAccountId,bill/BillingPeriodStartDate,lineItem/UsageAccountId,lineItem/LineItemType,lineItem/UsageStartDate,lineItem/UsageEndDate,lineItem/ProductCode,lineItem/UnblendedCost,lineItem/CurrencyCode";
    const row = "111,01/09/2024,222,Usage,03/09/2024 00:00:00,04/09/2024 00:00:00,AmazonEC2,1.5,USD";
    const config: SourceConfigOf<"aws-data-export"> = {
      id: "aws",
      type: "aws-data-export",
      location: ".",
      dateFormat: "DMY",
    };
    const { rows } = await mapFiles(awsDataExportSource, config, [{ name: "cur.csv", content: `${header}\n${row}\n` }]);

    expect([rows[0]?.["BillingPeriodStart"], rows[0]?.["ChargePeriodEnd"]].map(String)).toEqual([
      "2024-09-01 00:00:00",
      "2024-09-04 00:00:00",
    ]);
  });
});
