import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toAnomalyConfig } from "../../../../../shared/config/anomalies.ts";
import { formatDecimal, formatFixed } from "../../../../../shared/core/decimal.ts";
import type { Finding } from "../../../../../shared/core/finding.ts";
import type { Feedback } from "../../../../../shared/governance/anomalies/feedback/types.ts";
import { observeRules, type RulesInput } from "../../../../../shared/governance/anomalies/rules/observe-rules.ts";
import { findingKey } from "../../../../../shared/governance/findings/finding-key.ts";
import type { SqlEngine } from "../../../../../shared/ports/sql-engine.ts";
import { type CubeRow, daily, loadCube, testEngine } from "../../support.ts";
import { anomaly, said } from "../feedback/support.ts";

const now = new Date("2024-09-20T09:00:00Z");

describe("observeRules", () => {
  let engine: SqlEngine;
  beforeAll(async () => {
    engine = await testEngine();
  });
  afterAll(() => engine.close());

  async function observe(rows: readonly CubeRow[], input: Partial<RulesInput> = {}, at = now) {
    await loadCube(engine, rows);
    const config = toAnomalyConfig({});
    const base = { cubeRelation: "cube", config, settledAfterDays: { default: 1 }, feedback: [], earlier: [] };
    return observeRules(engine, { ...base, ...input }, at);
  }

  const rises = (day: string) => [
    ...daily("2024-08-01", "2024-09-21", { effective: "100" }).filter(({ date }) => date !== day),
    { date: day, effective: "170" },
  ];
  const named = ({ observations }: Awaited<ReturnType<typeof observe>>) =>
    observations.map(({ rule, period }) => [rule, period.start]);
  const found = (day: string): Finding => {
    const seen = anomaly({ period: { start: day, end: day.replace(/..$/, (date) => String(Number(date) + 1)) } });
    return { ...seen, key: findingKey(seen), state: "open", openedAt: "", updatedAt: "", revision: 1 };
  };

  it("tells only what came true in the newest three days, so that a fresh lake is quiet", async () => {
    expect(named(await observe(rises("2024-09-18")))).toEqual([["over-yesterday", "2024-09-18"]]);
    expect(named(await observe(rises("2024-09-17")))).toEqual([]);
  });

  it("goes on seeing what is known for two weeks, and ends what a restatement explains", async () => {
    const earlier = [found("2024-09-10")];
    expect(named(await observe(rises("2024-09-10"), { earlier }))).toEqual([["over-yesterday", "2024-09-10"]]);
    const { observations, covers } = await observe(rises("2024-09-01"), { earlier });
    expect(observations).toEqual([]);
    expect(covers(found("2024-09-10"))).toBe("restated: the day is no longer unusual");
    expect(covers({ ...found("2024-09-10"), rule: "spend-at-zero" })).toBe(
      "there is spend again, or the bill was restated",
    );
  });

  it("ends a finding two weeks after its day, and leaves those of unknown days and of others", async () => {
    const { covers } = await observe(daily("2024-09-01", "2024-09-15", { effective: "100" }));
    expect(covers(found("2024-09-06"))).toBe("over: it was 14 days ago");
    expect(covers(found("2024-09-16"))).toBeUndefined();
    expect(covers({ ...found("2024-09-10"), rule: "unusual-cost" })).toBeUndefined();
    expect(covers({ ...found("2024-09-10"), kind: "budget" })).toBeUndefined();
  });

  it("neither judges planned days nor compares with them", async () => {
    const planned: Feedback = said({ kind: "planned", planned: { start: "2024-09-19", end: "2024-09-20" } });
    expect(named(await observe(rises("2024-09-19"), { feedback: [planned] }))).toEqual([]);
    const after = [...rises("2024-09-19"), { date: "2024-09-20", effective: "200" }];
    expect(named(await observe(after, { feedback: [planned] }))).toEqual([["absolute-jump", "2024-09-20"]]);
  });

  it("wants more of a rise after alerts of the series were called wrong", async () => {
    expect(named(await observe(rises("2024-09-19"), { feedback: [said()] }))).toEqual([]);
    const steep = [...rises("2024-09-19"), { date: "2024-09-19", effective: "10" }];
    expect(named(await observe(steep, { feedback: [said()] }))).toEqual([["over-yesterday", "2024-09-19"]]);
  });

  it("sees spend that stopped and a new region by the same run", async () => {
    const rows = [
      ...daily("2024-08-01", "2024-09-21", { effective: "100" }),
      ...daily("2024-08-01", "2024-09-18", { effective: "50", service: "Storage" }),
      { date: "2024-09-20", effective: "20", region: "ap-9" },
    ];
    const report = await observe(rows, {}, new Date("2024-09-21T09:00:00Z"));
    expect(report.observations.map(({ rule, scope }) => [rule, scope])).toEqual([
      ["spend-at-zero", { provider: ["aws"], service: ["Storage"] }],
      ["first-use", { provider: ["aws"], region: ["ap-9"] }],
    ]);
    expect(report.observations.every((seen) => !("raisedOn" in seen))).toBe(true);
  });

  it("ends no finding while its provider has not delivered the day, though others have", async () => {
    const other = daily("2024-09-01", "2024-09-21", { effective: "100", provider: "gcp", service: "GCE" });
    const { covers } = await observe([...daily("2024-09-01", "2024-09-18", { effective: "100" }), ...other]);
    expect(covers(found("2024-09-18"))).toBeUndefined();
    expect(covers(found("2024-09-17"))).toBe("restated: the day is no longer unusual");
    expect(covers({ ...found("2024-09-18"), scope: { service: ["Compute"] } })).toBeUndefined();
    expect(covers({ ...found("2024-09-17"), scope: { service: ["Compute"] } })).toContain("restated");
    expect(covers({ ...found("2024-09-17"), scope: { provider: ["azure"] } })).toBeUndefined();
  });

  it("tells what a late bill brings, but not what a provider left that has stopped delivering", async () => {
    const late = rises("2024-09-15").filter(({ date }) => date <= "2024-09-15");
    const other = daily("2024-08-01", "2024-09-21", { effective: "100", provider: "gcp" });
    expect(named(await observe([...late, ...other]))).toEqual([["over-yesterday", "2024-09-15"]]);
    expect(named(await observe([...late, ...other], {}, new Date("2024-09-23T09:00:00Z")))).toEqual([]);
    const region = { date: "2024-09-15", effective: "20", region: "ap-9" };
    const even = daily("2024-08-01", "2024-09-16", { effective: "100" });
    expect(named(await observe([...even, region, ...other]))).toEqual([["first-use", "2024-09-15"]]);
  });

  it("takes what has no value and what has an empty one for the same series", async () => {
    const config = toAnomalyConfig({ rulesBy: ["provider", "region"] });
    const rows = [
      ...daily("2024-08-01", "2024-09-21", { effective: "50", region: null }),
      ...daily("2024-08-01", "2024-09-21", { effective: "50", region: "" }),
      { date: "2024-09-20", effective: "40", region: null },
      { date: "2024-09-20", effective: "60", region: "" },
    ];
    const { observations } = await observe(rows, { config });
    expect(observations.map(({ scope, amount }) => [scope, formatDecimal(amount)])).toEqual([
      [{ provider: ["aws"], region: [""] }, "100"],
    ]);
    expect(observations[0]?.evidence.contributors.map(({ amount }) => formatDecimal(amount))).toEqual(["100"]);
    expect(observations[0]?.title).toContain("aws / no region cost 200.00 USD");
  });

  it("says who makes a jump by what the jump is measured with: the mean of the week before", async () => {
    const rows = [
      ...daily("2024-08-01", "2024-09-21", { effective: "100" }),
      ...daily("2024-08-01", "2024-09-20", { effective: "900", account: "222" }),
      { date: "2024-09-19", effective: "240", account: "222" },
      { date: "2024-09-20", effective: "1320", account: "222" },
    ];
    const { observations } = await observe(rows);
    expect(named({ observations, covers: () => undefined })).toEqual([["absolute-jump", "2024-09-20"]]);
    // The week before cost 7,000 + 240; the day 1,420.
    expect(observations.map(({ amount }) => formatFixed(amount, 2))).toEqual(["385.71"]);
    const parts = observations[0]?.evidence.contributors.map(({ keys, amount }) => [
      keys["account"],
      formatFixed(amount, 2),
    ]);
    expect(parts).toEqual([["222", "385.71"]]);
  });

  it("judges a series of several providers by the slowest of them", async () => {
    const rows = ["aws", "gcp"].flatMap((provider) => [
      ...daily("2024-08-01", "2024-09-17", { effective: "50", provider, service: "Shared" }),
      ...daily("2024-08-01", "2024-09-21", { effective: "50", provider }),
    ]);
    const config = toAnomalyConfig({ rulesBy: ["service"] });
    const zero = async (settledAfterDays: Record<string, number>) =>
      (await observe(rows, { config, settledAfterDays })).observations.map(({ rule, scope, title }) => [
        rule,
        scope,
        title,
      ]);
    expect(await zero({ aws: 0, gcp: 1 })).toEqual([]);
    expect(await zero({ aws: 0, default: 0, gcp: 0 })).toEqual([
      [
        "spend-at-zero",
        { service: ["Shared"] },
        "Shared costs nothing since 2024-09-17, against 100.00 USD a day before",
      ],
    ]);
    expect(await zero({ aws: 0, gcp: 9 })).toEqual([]);
    expect(await zero({})).toEqual([]);
  });

  it("does not take a plan of an account for one of its service", async () => {
    const planned = said({
      kind: "planned",
      scope: { account: ["111"] },
      planned: { start: "2024-09-19", end: "2024-09-20" },
    });
    expect(named(await observe(rises("2024-09-19"), { feedback: [planned] }))).toEqual([
      ["over-yesterday", "2024-09-19"],
    ]);
  });

  it("leaves out rules that are switched off, and ends their findings", async () => {
    const off = (...rulesOff: string[]) => ({ config: { ...toAnomalyConfig({}), rulesOff } });
    const steep = [...rises("2024-09-19"), { date: "2024-09-19", effective: "100" }];
    expect(named(await observe(steep, off("over-yesterday")))).toEqual([["absolute-jump", "2024-09-19"]]);
    expect(named(await observe(steep, off("over-yesterday", "absolute-jump")))).toEqual([]);
    const region = { date: "2024-09-20", effective: "20", region: "ap-9" };
    const even = daily("2024-08-01", "2024-09-21", { effective: "100" });
    const { observations, covers } = await observe([...even, region], off("first-use"));
    expect(observations).toEqual([]);
    expect(covers({ ...found("2024-09-19"), rule: "first-use" })).toBe("the rule is switched off");
  });
});
