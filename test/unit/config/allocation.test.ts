import { describe, expect, it } from "vitest";
import { parseDecimal } from "../../../shared/core/decimal.ts";
import { errorOf, parse } from "./parse.ts";

describe("allocation", () => {
  it("takes labels in short and in long form", () => {
    const { labels } = parse(`
allocation:
  labels:
    team: [owner, team]
    project: { aliases: { genops: [gen-ops, Gen Ops] }, default: misc }
    environment: { keys: [stage] }
`).allocation;
    expect(labels.team).toEqual({ keys: ["owner", "team"], aliases: {} });
    expect(labels.project).toEqual({
      keys: ["genops.ai/project", "project"],
      aliases: { genops: ["gen-ops", "Gen Ops"] },
      default: "misc",
    });
    expect(labels.environment).toEqual({ keys: ["stage"], aliases: {} });
    expect(labels.cost_center.keys).toEqual(["genops.ai/cost-center", "cost_center", "costcenter"]);
  });

  it("takes tables of accounts and namespaces, and shared costs", () => {
    const allocation = parse(`
allocation:
  accounts: { 123456789012: { team: ml, environment: prod } }
  namespaces: { kube-system: { team: platform } }
  shared:
    - { name: support, match: { service: Support }, over: team, method: fixed, weights: { ml: 2, shop: 0.5 } }
    - { name: rest, match: { team: [unallocated] }, over: team, method: spend, among: [ml, shop] }
`).allocation;
    expect(allocation.accounts).toEqual({ "123456789012": { team: "ml", environment: "prod" } });
    expect(allocation.namespaces).toEqual({ "kube-system": { team: "platform" } });
    expect(allocation.shared).toEqual([
      {
        name: "support",
        match: { service: ["Support"] },
        over: "team",
        method: "fixed",
        weights: { ml: parseDecimal("2"), shop: parseDecimal("0.5") },
        among: [],
      },
      {
        name: "rest",
        match: { team: ["unallocated"] },
        over: "team",
        method: "spend",
        weights: {},
        among: ["ml", "shop"],
      },
    ]);
  });

  it.each([
    ["labels: { team: team }", /^expected a list of tag keys or a mapping with keys, aliases, default, found "team"/],
    ["labels: { team: [] }", /^expected a list of tag keys with at least one/],
    ["labels: { tema: [x] }", /^unknown key "tema"; did you mean "team"\?/],
    ["labels: { team: { kees: [x] } }", /^unknown key "kees"; did you mean "keys"\?/],
    ["labels: { team: { aliases: { a: [x], b: [X] } } }", /^one of these spellings already means "a".*aliases.b\)$/],
    ["accounts: { 1: { tem: x } }", /^unknown key "tem"; did you mean "team"\?/],
    ["shared: [{ name: s, match: {}, over: team, method: even }]", /^expected at least one dimension to match/],
    [
      "shared: [{ name: s, match: { team: x }, over: service, method: even }]",
      /^expected one of team, project, environment, cost_center/,
    ],
    [
      "shared: [{ name: s, match: { team: x }, over: team, method: fixed }]",
      /^missing: expected weights for the method fixed/,
    ],
    [
      "shared: [{ name: s, match: { team: x }, over: team, method: even, weights: { a: 1 } }]",
      /^expected weights only with the method fixed/,
    ],
    [
      "shared: [{ name: s, match: { team: x }, over: team, method: fixed, weights: { a: -1 } }]",
      /^expected an amount above zero/,
    ],
    [
      "shared: [{ name: s, match: { team: x }, over: team, method: fixed, weights: { a: 1 }, among: [b] }]",
      /^expected among only with the methods even and spend/,
    ],
    [
      "shared: [{ name: s, match: { team: x }, over: team, method: even }, { name: s, match: { team: y }, over: team, method: even }]",
      /^this name stands twice/,
    ],
  ])("refuses %s", (allocation, message) => {
    expect(errorOf(`allocation: { ${allocation} }`).message).toMatch(message);
  });
});
