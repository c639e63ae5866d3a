import { describe, expect, it } from "vitest";
import { onePerCause, type ToldAlert } from "../../../../../shared/governance/anomalies/hierarchy/one-per-cause.ts";
import { seriesNodes } from "../../../../../shared/governance/anomalies/series/series-nodes.ts";
import type { LeafTable, SeriesNode } from "../../../../../shared/governance/anomalies/series/types.ts";
import { type Alert, DAY_MS } from "../../../../../shared/governance/anomalies/types.ts";

const DAYS = 40;
const START = Date.parse("2026-01-01");

/** 100 a day in each of two services of three accounts; `moved` says by how much a leaf costs more, from which day on. */
function house(moved: Readonly<Record<string, readonly [from: number, by: number]>>) {
  const table: LeafTable = {
    by: ["provider", "account", "service"],
    start: "2026-01-01",
    days: DAYS,
    leaves: ["a", "b", "c"].flatMap((account) =>
      ["EC2", "S3"].map((service) => {
        const [from = DAYS, by = 0] = moved[`${account} ${service}`] ?? [];
        const costs = Float64Array.from({ length: DAYS }, (_none, day) => 100 + (day % 3) + (day >= from ? by : 0));
        return { provider: "aws", currency: "USD", values: ["aws", account, service], costs };
      }),
    ),
  };
  const nodes = new Map(seriesNodes(table).map((node) => [nameOf(node), node]));
  const alertOf = (name: string, since: number, impact: number, more: Partial<Alert> = {}) => {
    const node = nodes.get(name);
    if (node === undefined) throw new Error(`no series ${name}`);
    const alert: Alert = {
      at: START + since * DAY_MS,
      since: START + since * DAY_MS,
      score: 5,
      actual: 100 + impact,
      expected: 100,
      lower: 90,
      upper: 110,
      direction: impact > 0 ? "up" : "down",
      channel: "point",
      impact: Math.abs(impact),
      ...more,
    };
    return { node, alert };
  };
  return {
    alertOf,
    told: (
      name: string,
      since: number,
      impact: number,
      state: ToldAlert["state"],
      more: Partial<Alert> = {},
    ): ToldAlert => ({
      ...alertOf(name, since, impact, more),
      state,
    }),
    causes: (alerts: readonly ReturnType<typeof alertOf>[], told: readonly ToldAlert[] = []) =>
      onePerCause({ table, completeness: [] }, DAYS - 1, alerts, told).map(({ node, others }) => [
        nameOf(node),
        others.map((other) => nameOf(other.node)).sort(),
      ]),
  };
}

function nameOf({ keys }: SeriesNode): string {
  return [keys["account"], keys["service"]].filter((value) => value !== undefined).join(" ") || "aws";
}

describe("onePerCause", () => {
  it("tells the finest series that the money is in", () => {
    const { alertOf, causes } = house({ "a EC2": [39, 300] });
    const alerts = ["aws", "a", "EC2", "a EC2"].map((name) => alertOf(name, 39, 300));
    expect(causes(alerts)).toEqual([["a EC2", ["EC2", "a", "aws"]]]);
  });

  it("tells what parts that rise together share", () => {
    const { alertOf, causes } = house({ "a EC2": [39, 100], "b EC2": [39, 100], "c EC2": [39, 100] });
    const alerts = [
      ...["a", "b", "c", "a EC2", "b EC2", "c EC2"].map((name) => alertOf(name, 39, 100)),
      ...["aws", "EC2"].map((name) => alertOf(name, 39, 300)),
    ];
    expect(causes(alerts)).toEqual([["EC2", ["a", "a EC2", "aws", "b", "b EC2", "c", "c EC2"]]]);
  });

  it("tells two causes that have nothing in common, and what fell apart from what rose", () => {
    const { alertOf, causes } = house({ "a EC2": [39, 300], "b S3": [39, 280], "c EC2": [39, -90] });
    const alerts = [
      alertOf("aws", 39, 490),
      alertOf("a", 39, 300),
      alertOf("a EC2", 39, 300),
      alertOf("b", 39, 280),
      alertOf("b S3", 39, 280),
      alertOf("c EC2", 39, -90),
    ];
    expect(causes(alerts).map(([name]) => name)).toEqual(["a EC2", "b S3", "c EC2"]);
  });

  it("keeps an alert of a sum whose parts are all too small to be seen", () => {
    const { alertOf, causes } = house({ "a EC2": [39, 20], "a S3": [39, 20] });
    expect(causes([alertOf("a", 39, 40)])).toEqual([["a", []]]);
    expect(causes([])).toEqual([]);
  });

  it("does not tell a sum later what was told of its part, nor the part what was told of the sum", () => {
    const { alertOf, told, causes } = house({ "a EC2": [35, 300] });
    const five = { impact: 1500 };
    expect(causes([alertOf("aws", 35, 300, five)], [told("a EC2", 35, 300, "stands")])).toEqual([]);
    expect(causes([alertOf("a EC2", 35, 300, five)], [told("aws", 36, 300, "stands")])).toEqual([]);
  });

  it("tells a new cause within something larger that was told long before", () => {
    const { alertOf, told, causes } = house({ "a EC2": [39, 300] });
    expect(causes([alertOf("a EC2", 39, 300)], [told("aws", 20, 60, "stands")])).toEqual([["a EC2", []]]);
  });

  it("does not repeat a series that has not come back, unless it goes further", () => {
    const { alertOf, told, causes } = house({ "a EC2": [39, 300] });
    const again = [alertOf("a EC2", 39, 300)];
    expect(causes(again, [told("a EC2", 20, 300, "stands")])).toEqual([]);
    expect(causes(again, [told("a EC2", 20, 290, "new-level")])).toEqual([]);
    expect(causes(again, [told("a EC2", 20, 100, "new-level")])).toEqual([["a EC2", []]]);
    expect(causes(again, [told("a EC2", 20, 300, "over")])).toEqual([["a EC2", []]]);
    const down = house({ "a EC2": [39, -90] });
    const fell = [down.alertOf("a EC2", 39, -90)];
    expect(down.causes(fell, [down.told("a EC2", 20, -89, "new-level")])).toEqual([]);
    expect(down.causes(fell, [down.told("a EC2", 20, -30, "new-level")])).toEqual([["a EC2", []]]);
  });
});
