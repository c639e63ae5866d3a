import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatDecimal } from "../../../../../shared/core/decimal.ts";
import { daysBetween } from "../../../../../shared/core/period.ts";
import {
  type ExcessQuestion,
  type ExplainedExcess,
  explainExcess,
} from "../../../../../shared/governance/anomalies/attribution/explain-excess.ts";
import { readLeaves } from "../../../../../shared/governance/anomalies/series/read-leaves.ts";
import type { SqlEngine } from "../../../../../shared/ports/sql-engine.ts";
import { type CubeRow, daily, loadCube, testEngine } from "../../support.ts";

const START = "2024-08-20";
const END = "2024-09-21";

describe("explainExcess", () => {
  let engine: SqlEngine;
  beforeAll(async () => {
    engine = await testEngine();
    await loadCube(engine, calm());
    await engine.run("CREATE TABLE calm AS SELECT * FROM cube");
  });
  afterAll(() => engine.close());

  async function explain(
    rows: readonly CubeRow[],
    questions: readonly Partial<ExcessQuestion>[],
    completeness: readonly { share: number; spread: number }[] = [],
  ): Promise<ExplainedExcess[]> {
    await loadCalm(rows);
    const by = ["provider", "service"];
    const table = await readLeaves(engine, { cubeRelation: "cube", by, start: START, end: END });
    expect(table.days).toBe(daysBetween(START, END));
    const input = { cubeRelation: "cube", table, completenessOf: () => completeness };
    return explainExcess(engine, input, questions.map(question));
  }

  /** The calm cube and these rows. */
  async function loadCalm(rows: readonly CubeRow[]): Promise<void> {
    await loadCube(engine, rows);
    await engine.run("INSERT INTO cube SELECT * FROM calm");
  }

  /** Everything on the last day, 300 above expectation. */
  function question(some: Partial<ExcessQuestion>): ExcessQuestion {
    return {
      currency: "USD",
      keys: {},
      days: { start: "2024-09-20", end: END },
      alert: { direction: "up", impact: 300 },
      ...some,
    };
  }

  /** Two accounts of two services each. */
  function calm(): CubeRow[] {
    return ["a", "b"].flatMap((account) =>
      ["Compute", "Storage"].flatMap((service) =>
        daily(START, END, { account, service, region: "r1", team: `team-${account}`, effective: "100" }),
      ),
    );
  }

  it("names the pair that rose, with the exact money", async () => {
    const rise = { date: "2024-09-20", account: "b", service: "Storage", region: "r1", team: "team-b" };
    const [explained] = await explain([{ ...rise, effective: "300.000000000000000001" }], [{}]);
    expect(explained?.contributors.map(({ keys, amount }) => [keys, formatDecimal(amount)])).toEqual([
      [{ account: "b", service: "Storage" }, "300.000000000000000001"],
    ]);
    expect(explained?.facts["explained"]).toBe("100 %");
    expect(Number(explained?.facts["surprise"])).toBeGreaterThan(0);
  });

  it("names one element rather than a pair that is the same, and what the alert is about not at all", async () => {
    const rise = {
      date: "2024-09-20",
      service: "Storage",
      region: "r1",
      account: "b",
      team: "team-b",
      effective: "300",
    };
    const [explained] = await explain([rise], [{ keys: { provider: "aws", service: "Storage" } }]);
    expect(explained?.contributors.map(({ keys }) => keys)).toEqual([{ account: "b" }]);
  });

  it("answers alerts at several levels and over several days by one query", async () => {
    const rows = [
      ...daily("2024-09-16", END, { account: "a", service: "Compute", region: "r1", team: "team-a", effective: "40" }),
      ...daily(START, END, { account: "x", currency: "EUR", effective: "5" }),
      { date: "2024-09-20", account: "x", currency: "EUR", effective: "50" },
    ];
    const asked = {
      many: { days: { start: "2024-09-16", end: END }, alert: { direction: "up" as const, impact: 200 } },
      euro: { currency: "EUR", keys: { account: "x" }, alert: { direction: "up" as const, impact: 50 } },
    };
    let queries = 0;
    const counting: SqlEngine = {
      ...engine,
      queryLists(sql) {
        queries += 1;
        return engine.queryLists(sql);
      },
    };
    await loadCalm(rows);
    const table = await readLeaves(engine, { cubeRelation: "cube", by: ["provider"], start: START, end: END });
    const input = { cubeRelation: "cube", table, completenessOf: () => [] };
    const [many, euro] = await explainExcess(counting, input, [question(asked.many), question(asked.euro)]);
    expect(queries).toBe(1);
    expect(many?.contributors.map(({ keys, amount }) => [keys, formatDecimal(amount)])).toEqual([
      [{ account: "a", service: "Compute" }, "200"],
    ]);
    expect(euro?.contributors.map(({ amount }) => formatDecimal(amount))).toEqual(["50"]);
  });

  it("tells less in positive amounts, and leaves out what rose meanwhile", async () => {
    const rows = [
      { date: "2024-09-20", account: "a", service: "Storage", region: "r1", team: "team-a", effective: "-100" },
      { date: "2024-09-20", account: "b", service: "Compute", region: "r1", team: "team-b", effective: "20" },
    ];
    const [explained] = await explain(rows, [{ alert: { direction: "down", impact: 80 } }]);
    expect(explained?.contributors.map(({ keys, amount }) => [keys, formatDecimal(amount)])).toEqual([
      [{ account: "a", service: "Storage" }, "100"],
    ]);
    expect(explained?.facts["explained"]).toBe("125 %");
  });

  it("shows cost without a value of a dimension as such", async () => {
    const rows = [
      ...daily(START, END, { account: "a", service: "Compute", region: null, effective: "10" }),
      { date: "2024-09-20", account: "a", service: "Compute", region: null, effective: "300" },
    ];
    const [explained] = await explain(rows, [{ keys: { account: "a", service: "Compute" } }]);
    expect(explained?.contributors.map(({ keys }) => keys)).toEqual([{ region: "" }]);
  });

  it("uses the columns that the configuration adds to the cube", async () => {
    await loadCalm([
      { date: "2024-09-20", account: "b", service: "Storage", region: "r1", team: "team-b", effective: "300" },
    ]);
    await engine.run(
      `CREATE OR REPLACE VIEW wide AS SELECT *, CASE WHEN effective = 300 THEN 'snapshot' ELSE 'disk' END AS sku_meter FROM cube`,
    );
    const table = await readLeaves(engine, { cubeRelation: "wide", by: ["provider"], start: START, end: END });
    const input = { cubeRelation: "wide", table, completenessOf: () => [] };
    const [explained] = await explainExcess(engine, input, [question({ keys: { account: "b" } })]);
    expect(explained?.contributors.map(({ keys }) => keys)).toEqual([{ sku_meter: "snapshot" }]);
  });

  it("does not take a half-delivered day for a fall elsewhere", async () => {
    const rows = [
      ...calm().flatMap((row) => (row.date === "2024-09-20" ? [{ ...row, effective: "-50" }] : [])),
      { date: "2024-09-20", account: "b", service: "Storage", region: "r1", team: "team-b", effective: "100" },
    ];
    const [explained] = await explain(
      rows,
      [{ alert: { direction: "up", impact: 100 } }],
      [{ share: 0.5, spread: 0.02 }],
    );
    expect(explained?.contributors.map(({ keys, amount }) => [keys, formatDecimal(amount)])).toEqual([
      [{ account: "b", service: "Storage" }, "100"],
    ]);
  });

  it("says where the money is when everything rose alike", async () => {
    const rise = calm().flatMap((row) => (row.date === "2024-09-20" ? [{ ...row, effective: "75" }] : []));
    const [explained] = await explain(rise, [{}]);
    expect(explained?.facts).toMatchObject({ explained: "100 %", spread: "even" });
    expect(explained?.contributors.map(({ keys, amount }) => [keys, formatDecimal(amount)])).toEqual([
      [{ account: "a" }, "150"],
      [{ account: "b" }, "150"],
    ]);
  });

  it("says nothing of what is not there", async () => {
    const asked = [{ keys: { provider: "gcp" } }, { currency: "EUR" }];
    expect(await explain([], asked)).toEqual([
      { contributors: [], facts: {} },
      { contributors: [], facts: {} },
    ]);
    expect(await explain([], [])).toEqual([]);
  });
});
