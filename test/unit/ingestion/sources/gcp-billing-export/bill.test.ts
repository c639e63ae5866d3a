import { describe, expect, it } from "vitest";
import { brokenRules, commitmentsOf, controlDifferences, expectedOf, groupsOf, plain, sumsBy } from "../golden.ts";
import { FIXTURE, withFile } from "./gcp-bill.ts";

const FILE = "gcp_detailed_export_synth.ndjson";

describe("gcp-billing-export on a detailed export", () => {
  it.each([
    ["by_charge_category", "ChargeCategory"],
    ["by_billing_period", "strftime(BillingPeriodStart, '%Y-%m')"],
    ["by_charge_class", "ChargeClass"],
    ["by_sub_account", "SubAccountId"],
    ["by_source_service", "ServiceName"],
    ["by_charge_date", "strftime(ChargePeriodStart, '%Y-%m-%d')"],
  ])("reproduces %s of expected.json", async (key, sql) => {
    const found = await withFile({ path: FIXTURE }, (bill, engine) => sumsBy(engine, bill, sql));

    expect(found).toEqual(groupsOf(await expectedOf(FILE), key));
  });

  it("gives every commitment its fee and the same amount as used cost (INV-3)", async () => {
    const found = await withFile({ path: FIXTURE }, (bill, engine) => commitmentsOf(engine, bill));

    expect(found).toEqual((await expectedOf(FILE)).by_commitment);
  });

  it("equals cost plus credits per invoice month to the last digit (INV-1)", async () => {
    const found = await withFile({ path: FIXTURE }, (bill, engine) => controlDifferences(engine, bill));

    expect(found).toEqual({
      "2024-09 USD BilledCost": "0",
      "2024-09 USD EffectiveCost": "0",
      "2024-10 USD BilledCost": "0",
      "2024-10 USD EffectiveCost": "0",
    });
  });

  it("accounts for every row: 395 + 40 twins of fees + 41 credits = 476 (INV-6)", async () => {
    const rows = await withFile({ path: FIXTURE }, (bill, engine) => engine.query(bill.accounting));

    expect(rows.map((row) => Number(row["rows"]))).toEqual([395, 40, 41]);
  });

  it.each([
    ["N1 Predefined Instance Core running in Americas", "2024-09-23 04:00:00", [["Usage", "0.2149548", "0.2149548"]]],
    ["Nvidia Tesla A100 GPU running in Americas", "2024-09-01 07:00:00", [["Usage", "11.735632", "11.735632"]]],
    [
      "Gemini Pro Input Text - Predictions",
      "2024-09-01 07:00:00",
      [
        ["Credit", "-2.3104", "-2.3104"],
        ["Usage", "2.3104", "2.3104"],
      ],
    ],
  ])("reproduces the hand-checked row of %s", async (sku, start, expected) => {
    const rows = await withFile({ path: FIXTURE }, (bill, engine) =>
      engine.query(
        `SELECT DISTINCT ChargeCategory AS c, BilledCost::VARCHAR AS b, EffectiveCost::VARCHAR AS e FROM (${bill.mapping})
         WHERE SkuMeter = $1 AND ChargePeriodStart::VARCHAR = $2 ORDER BY ALL`,
        [sku, start],
      ),
    );

    const found = rows.map((row) => [String(row["c"]), plain(String(row["b"])), plain(String(row["e"]))]);
    expect(found).toEqual(expect.arrayContaining(expected));
  });

  it("breaks no rule of FOCUS 1.4", async () => {
    const broken = await withFile({ path: FIXTURE }, (bill, engine) => brokenRules(engine, bill));

    expect(broken).toEqual([]);
  });
});
