import { describe, expect, it } from "vitest";
import type { SharedCostRule } from "../../../../shared/config/types.ts";
import { type Decimal, formatDecimal, parseDecimal } from "../../../../shared/core/decimal.ts";
import { type CubeRow, splitShared } from "../../../../shared/ingestion/allocation/split-shared.ts";

function row(team: string | null, effective: string, more: Readonly<Record<string, string>> = {}): CubeRow {
  const dims = { billing_period: "2024-09", currency: "USD", service: "Compute", ...more, team };
  return { dims, measures: { effective: parseDecimal(effective), rows: parseDecimal("3") } };
}

const support = (amount: string, more: Readonly<Record<string, string>> = {}) =>
  row("unallocated", amount, { service: "Support", ...more });

function rule(parts: Partial<SharedCostRule> = {}): SharedCostRule {
  return {
    name: "support",
    match: { service: ["Support"] },
    over: "team",
    method: "spend",
    weights: {},
    among: [],
    ...parts,
  };
}

const decimals = (weights: Readonly<Record<string, string>>): Record<string, Decimal> =>
  Object.fromEntries(Object.entries(weights).map(([value, weight]) => [value, parseDecimal(weight)]));

/** What each team gets of the shared service: `team: effective/rows`. */
function shares(rows: readonly CubeRow[]): string[] {
  return rows
    .filter(({ dims }) => dims["service"] === "Support")
    .map(({ dims, measures }) =>
      [
        dims["team"],
        formatDecimal(measures["effective"] ?? parseDecimal("0")),
        formatDecimal(measures["rows"] ?? parseDecimal("0")),
      ].join(" "),
    );
}

describe("splitShared", () => {
  it("spreads by share of spend, the remainder and the count to the largest", () => {
    const rows = splitShared([row("shop", "1"), row("ml", "2"), support("1")], [rule()]);
    expect(shares(rows)).toEqual(["ml 0.666666666666666667 3", "shop 0.333333333333333333 0"]);
  });

  it("leaves rows that do not match as they are", () => {
    const others = [row("shop", "1"), row("ml", "2"), row(null, "3")];
    expect(splitShared([...others, support("1")], [rule()]).slice(0, 3)).toEqual(others);
  });

  it("spreads evenly, not over unallocated", () => {
    const rows = splitShared(
      [row("b", "9"), row("a", "1"), row("unallocated", "5"), support("1")],
      [rule({ method: "even" })],
    );
    expect(shares(rows)).toEqual(["a 0.5 3", "b 0.5 0"]);
  });

  it("spreads by fixed weights, over values that have no cost of their own too", () => {
    const fixed = rule({ method: "fixed", weights: decimals({ new: "1", ml: "3" }) });
    expect(shares(splitShared([row("ml", "1"), support("10")], [fixed]))).toEqual(["ml 7.5 3", "new 2.5 0"]);
  });

  it("spreads only among the receivers named", () => {
    const among = rule({ among: ["ml", "shop"] });
    expect(shares(splitShared([row("ml", "1"), row("shop", "1"), row("web", "8"), support("4")], [among]))).toEqual([
      "ml 2 3",
      "shop 2 0",
    ]);
  });

  it("counts negative spend as none, and splits evenly when nobody spends", () => {
    expect(shares(splitShared([row("ml", "-5"), row("shop", "1"), support("4")], [rule()]))).toEqual(["shop 4 3"]);
    expect(shares(splitShared([row("ml", "-5"), row("shop", "0"), support("4")], [rule()]))).toEqual([
      "ml 2 3",
      "shop 2 0",
    ]);
  });

  it("spreads credits like charges", () => {
    expect(shares(splitShared([row("ml", "1"), row("shop", "3"), support("-4")], [rule()]))).toEqual([
      "ml -1 0",
      "shop -3 3",
    ]);
  });

  it("makes shares per billing period and currency", () => {
    const rows = [
      row("ml", "1"),
      row("shop", "1", { currency: "EUR" }),
      row("web", "1", { billing_period: "2024-10" }),
      support("4"),
      support("4", { currency: "EUR" }),
      support("4", { billing_period: "2024-10" }),
    ];
    expect(shares(splitShared(rows, [rule()]))).toEqual(["ml 4 3", "shop 4 3", "web 4 3"]);
  });

  it("leaves a pool without receivers alone", () => {
    const rows = [row("ml", "1"), support("4", { currency: "EUR" })];
    expect(splitShared(rows, [rule()])).toEqual(rows);
  });

  it("lets a later rule see what earlier ones made", () => {
    const first = rule({ method: "fixed", weights: decimals({ platform: "1" }) });
    const second = rule({ name: "platform", match: { team: ["platform"] }, method: "even" });
    expect(shares(splitShared([row("ml", "1"), row("shop", "1"), support("4")], [first, second]))).toEqual([
      "ml 2 3",
      "shop 2 0",
    ]);
  });

  it("matches only rows that every dimension selects", () => {
    const both = rule({ match: { service: ["Support", "Tax"], region: ["eu"] }, method: "even" });
    const rows = splitShared([row("ml", "1"), support("4"), support("6", { region: "eu" })], [both]);
    expect(shares(rows)).toEqual(["unallocated 4 3", "ml 6 3"]);
  });
});
