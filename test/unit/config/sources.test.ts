import { describe, expect, it } from "vitest";
import { SOURCE_TYPES } from "../../../shared/config/sources.ts";
import { parseDecimal } from "../../../shared/core/decimal.ts";
import { errorOf, parse } from "./parse.ts";

const EVERY_TYPE = `
sources:
  - { id: aws, type: aws-data-export, location: "s3://bill/prefix" }
  - { id: aws-ce, type: aws-cost-explorer, maxDailyCost: 0.50, metrics: [UnblendedCost], groupBy: [SERVICE] }
  - { id: azure, type: azure-cost-export, actual: "a/*.csv", amortized: "b/*.csv" }
  - { id: azure-q, type: azure-cost-query, scope: "subscriptions/1" }
  - { id: gcp, type: gcp-billing-export, table: "project.dataset.gcp_billing_export_resource_v1_X" }
  - { id: gcp-file, type: gcp-billing-export, location: rows.ndjson }
  - { id: any, type: focus-export, location: focus, version: 1.0, credits: included }
  - { id: own, type: custom, location: own.csv, sql: "SELECT 1" }
  - { id: k8s, type: opencost, url: "http://opencost:9003", cluster: prod, match: { account: "111122223333" } }
  - { id: spans, type: otlp }
  - { id: openai, type: openai-usage, key: "\${secret:OPENAI}" }
  - { id: anthropic, type: anthropic-usage, key: k, url: "https://api.example.com" }
`;

describe("sources", () => {
  it("knows every type of source", () => {
    const { sources } = parse(EVERY_TYPE, { "secret:OPENAI": "sk" });
    expect(new Set(sources.map(({ type }) => type))).toEqual(new Set(SOURCE_TYPES));
    expect(sources[1]).toMatchObject({ maxDailyCost: parseDecimal("0.5") });
    expect(sources[6]).toEqual({
      id: "any",
      type: "focus-export",
      location: "focus",
      version: "1.0",
      credits: "included",
    });
    expect(sources[10]).toEqual({ id: "openai", type: "openai-usage", key: "sk" });
  });

  it("takes amounts as numbers and as text", () => {
    const ce = (amount: string) =>
      parse(`sources: [{ id: a, type: aws-cost-explorer, maxDailyCost: ${amount} }]`).sources[0];
    expect(ce("0.50")).toEqual(ce("'0.5'"));
  });

  it("takes what APIs are grouped by, and how often they are asked", () => {
    const of = (text: string) => parse(`sources: [{ id: a, ${text} }]`).sources[0];
    expect(
      of(
        "type: aws-cost-explorer, maxDailyCost: 1, groupBy: [LINKED_ACCOUNT, TAG:team, COST_CATEGORY:Unit], refreshHours: 12",
      ),
    ).toMatchObject({ groupBy: ["LINKED_ACCOUNT", "TAG:team", "COST_CATEGORY:Unit"], refreshHours: 12 });
    expect(
      of(
        "type: azure-cost-query, scope: providers/Microsoft.Billing/billingAccounts/1:2_3, groupBy: [ServiceName, TAG:team]",
      ),
    ).toMatchObject({ groupBy: ["ServiceName", "TAG:team"] });
    expect(of("type: azure-cost-query, scope: /subscriptions/1/resourceGroups/rg/")).toMatchObject({
      type: "azure-cost-query",
    });
  });

  it("takes tables of BigQuery and Athena, and what reading them may cost", () => {
    const of = (text: string) => parse(`sources: [{ id: a, ${text} }]`).sources[0];
    expect(
      of(
        "type: gcp-billing-export, table: example.com:billing.export.gcp_v1, queryProject: finops, maximumBytesBilled: 10 GiB",
      ),
    ).toEqual({
      id: "a",
      type: "gcp-billing-export",
      table: "example.com:billing.export.gcp_v1",
      queryProject: "finops",
      maximumBytesBilled: 10 * 1024 ** 3,
    });
    const athena = {
      database: "finops",
      table: "focus",
      workgroup: "genops",
      output: "s3://results/x",
      region: "eu-west-1",
    };
    expect(of(`type: focus-export, mode: in-place, athena: ${JSON.stringify(athena)}`)).toMatchObject({ athena });
    expect(of("type: focus-export, mode: in-place, table: p1.d.t")).toMatchObject({ table: "p1.d.t" });
  });

  it("takes what every source takes", () => {
    const common = `billingAccountId: 0123456, currency: EUR, schedule: "0 */6 * * *", periods: [2024-09], allowShrink: true, dateFormat: DMY`;
    expect(parse(`sources: [{ id: a, type: otlp, ${common} }]`).sources[0]).toEqual({
      id: "a",
      type: "otlp",
      billingAccountId: "0123456",
      currency: "EUR",
      schedule: "0 */6 * * *",
      periods: ["2024-09"],
      allowShrink: true,
      dateFormat: "DMY",
    });
  });

  it.each([
    ["{ id: a }", /^missing: expected one of aws-data-export/],
    [
      "{ id: a, type: aws-data-exprt }",
      /found "aws-data-exprt"; did you mean "aws-data-export"\? .*field sources\[0\].type\)$/,
    ],
    ["{ id: a, type: otlp, location: x }", /^unknown key "location"/],
    ["{ id: a, type: custom, location: x }", /^missing: expected a SELECT into FOCUS columns/],
    ["{ id: My Bill, type: otlp }", /^expected a name in kebab-case such as aws-main, found "My Bill"/],
    ["{ id: a, type: otlp }, { id: a, type: otlp }", /^this id is taken by sources\[0\].*field sources\[1\].id\)$/],
    ["{ id: a, type: azure-cost-export }", /^expected actual, amortized or both/],
    ["{ id: a, type: gcp-billing-export }", /^expected either table or location/],
    ["{ id: a, type: gcp-billing-export, table: p1.d.t, location: y }", /^expected either table or location/],
    ['{ id: a, type: gcp-billing-export, table: "`x`" }', /^expected a table such as my-project\.billing\./],
    ["{ id: a, type: focus-export }", /^expected one of location, table and athena/],
    ["{ id: a, type: focus-export, location: x, table: p1.d.t }", /^expected one of location, table and athena/],
    ["{ id: a, type: focus-export, location: x, mode: in-place }", /^expected table or athena with mode: in-place/],
    [
      "{ id: a, type: focus-export, athena: { database: d, table: t } }",
      /^expected mode: in-place with athena; to copy its rows/,
    ],
    [
      "{ id: a, type: focus-export, mode: in-place, athena: { database: d, table: t, output: bucket } }",
      /^expected s3:\/\/bucket\/prefix, found "bucket"/,
    ],
    [
      "{ id: a, type: aws-cost-explorer, maxDailyCost: $5 }",
      /^expected an amount of at least 0.01, the price of one call of Cost Explorer, found "\$5"/,
    ],
    [
      "{ id: a, type: aws-cost-explorer, maxDailyCost: 1, groupBy: [A, B, C, D] }",
      /^expected different keys, at most three beside RECORD_TYPE/,
    ],
    [
      "{ id: a, type: aws-cost-explorer, maxDailyCost: 1, groupBy: [service] }",
      /^expected a dimension such as SERVICE/,
    ],
    [
      '{ id: a, type: opencost, cluster: c, match: { account: 1 }, url: "http://me:hidden@opencost:9003" }',
      /^expected a URL without user name and password \(/,
    ],
    ["{ id: a, type: aws-cost-explorer, maxDailyCost: 1, groupBy: [AZ, AZ] }", /^expected different keys/],
    ["{ id: a, type: aws-cost-explorer, maxDailyCost: 1, metrics: [Cost] }", /^expected one of UnblendedCost/],
    [
      "{ id: a, type: aws-cost-explorer, maxDailyCost: 1, metrics: [AmortizedCost] }",
      /^expected UnblendedCost or NetUnblendedCost among the metrics/,
    ],
    ["{ id: a, type: aws-cost-explorer, maxDailyCost: 1, refreshHours: 0 }", /^expected a whole number from 1 to 168/],
    ["{ id: a, type: azure-cost-query, scope: /etc }", /^expected a scope such as subscriptions\/ID/],
    [
      '{ id: a, type: azure-cost-query, scope: subscriptions/1, groupBy: ["TAG:a", "TAG:b"] }',
      /^expected at most one TAG:/,
    ],
    [
      '{ id: a, type: azure-cost-query, scope: subscriptions/1, groupBy: ["a b"] }',
      /^expected a dimension such as ServiceName/,
    ],
    [
      "{ id: a, type: focus-export, location: x, version: 2.0 }",
      /^expected one of 1.0, 1.1, 1.2, 1.3, 1.4, found "2.0"/,
    ],
    ["{ id: a, type: otlp, schedule: hourly }", /^expected a cron expression/],
    ["{ id: a, type: otlp, periods: [2024-13] }", /^expected a month such as 2024-09, found "2024-13"/],
    ["{ id: a, type: otlp, allowShrink: maybe }", /^expected true or false, found "maybe"/],
    [
      '{ id: a, type: custom, sql: x, location: "" }',
      /^expected a path, a glob, a folder or a bucket URL, found nothing/,
    ],
  ])("refuses %s", (source, message) => {
    expect(errorOf(`sources: [${source}]`).message).toMatch(message);
  });
});
