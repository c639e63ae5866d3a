import { beforeEach, describe, expect, it } from "vitest";
import { openRows } from "../../../../shared/ledger/open-costs.ts";
import { QUERY } from "../../../support/ledger-fixture.ts";
import { withEngine } from "../../../support/with-engine.ts";
import { FOCUS_SAMPLE, focusRowsSql } from "./focus-table.ts";
import { SOURCE, TABLE, useInPlaceFixture } from "./in-place-fixture.ts";

const fixture = useInPlaceFixture();

describe("what every surface says of rows that stay in place", () => {
  beforeEach(async () => {
    await fixture.makeTable(focusRowsSql(FOCUS_SAMPLE));
  });

  it("is said by the run", async () => {
    const [run] = await fixture.collect();
    expect(run?.messages).toContainEqual(
      expect.stringMatching(
        /^read in place: 522 rows stay in BigQuery table finops-prod\.focus\.all_clouds, \d+ daily groups are kept; what was known/,
      ),
    );
  });

  it("is said by a report", async () => {
    await fixture.collect();
    expect((await fixture.report(["provider"])).inPlace).toEqual([{ source: "focus", at: `BigQuery table ${TABLE}` }]);
  });

  it("is the reason why rows cannot be exported", async () => {
    await fixture.collect();
    await expect(withEngine(fixture.deps, (costs) => openRows(costs, QUERY))).rejects.toMatchObject({
      code: "refused",
      message: `the rows of focus stay in BigQuery table ${TABLE} (source focus)`,
    });
  });

  it("is the reason why a report by a column of rows is refused", async () => {
    await fixture.collect();
    await expect(fixture.report(["resource_id"])).rejects.toThrow("which do not keep ResourceId apart");
  });

  it("does not keep a report from columns that the groups have", async () => {
    await fixture.collect();
    const inPlace = (await fixture.report(["service_category", "charge_category"])).rows;
    const copied = (await fixture.report(["service_category", "charge_category"], {}, await fixture.copied())).rows;
    expect(inPlace).toEqual(copied);
  });
});

describe("reading in place", () => {
  it("is capped like every query", async () => {
    await fixture.makeTable(focusRowsSql(FOCUS_SAMPLE));
    fixture.stub.bytesOf = (sql) => (sql.includes("x_Rows") ? 2n ** 40n : 2n ** 20n);
    const [run] = await fixture.collect();
    expect(run?.messages[0]).toContain("groups of 2024-09 would read 1.0 TiB (about 6.2500 USD)");
  });

  it("is not begun when there is no time for it", async () => {
    await fixture.makeTable(focusRowsSql(FOCUS_SAMPLE));
    const on = { ...fixture.deps, deadline: { remainingMs: () => 10_000 } };
    const [run] = await fixture.collect(SOURCE, { on });
    expect(run).toMatchObject({ status: "unchanged", laterMs: 0 });
  });

  it("says that a month has no rows", async () => {
    await fixture.makeTable(focusRowsSql(FOCUS_SAMPLE));
    const [run] = await fixture.collect(SOURCE, { periods: ["2023-01"] });
    expect(run).toMatchObject({ status: "unchanged", messages: [`BigQuery table ${TABLE} has no rows of 2023-01`] });
  });

  it("refuses a table that is not FOCUS", async () => {
    await fixture.makeTable("SELECT 1 AS BilledCost, 'x' AS ChargeCategory");
    const [run] = await fixture.collect();
    expect(run?.messages[0]).toContain(
      "is no FOCUS table: missing EffectiveCost, BillingPeriodStart, ChargePeriodStart",
    );
  });

  it("is what a table without x_ExportTime needs", async () => {
    await fixture.makeTable(focusRowsSql(FOCUS_SAMPLE));
    const [run] = await fixture.collect({ ...SOURCE, mode: "copy" });
    expect(run?.messages[0]).toContain("read it with mode: in-place");
  });

  it("takes the source's currency where the table has none", async () => {
    await fixture.makeTable(`SELECT * EXCLUDE (BillingCurrency) FROM (${focusRowsSql(FOCUS_SAMPLE)})`);
    const [run] = await fixture.collect({ ...SOURCE, currency: "EUR" });
    expect(run).toMatchObject({ status: "replaced", billedCost: [{ currency: "EUR" }] });
  });

  it("keeps texts of any kind", async () => {
    await fixture.makeTable(
      `SELECT * REPLACE ('Rés"umé, ' || chr(10) || 'ü' AS ServiceName) FROM (${focusRowsSql(FOCUS_SAMPLE)})`,
    );
    await fixture.collect();
    const [row] = (await fixture.report(["service"])).rows;
    expect(row?.keys["service"]).toBe('Rés"umé, \nü');
  });
});
