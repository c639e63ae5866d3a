import { describe, expect, it } from "vitest";
import { formatDecimal, parseDecimal } from "../../../shared/core/decimal.ts";
import { errorOf, parse } from "./parse.ts";

const named = (text: string, name: string) => parse(text).budgets.find((budget) => budget.name === name);

describe("budgets of the guide's form", () => {
  it("take their currency from global, else from the report", () => {
    const budgets =
      "budgets: { global: { monthly_limit: 1, currency: EUR }, aws: { monthly_limit: 1 }, by_team: { ml: { monthly_limit: 1, currency: CHF } } }";
    expect(parse(budgets).budgets.map(({ currency }) => currency)).toEqual(["EUR", "EUR", "CHF"]);
    expect(named("currency: { report: GBP }\nbudgets: { oracle: { monthly_limit: 1 } }", "oracle")?.currency).toBe(
      "GBP",
    );
  });

  it("let a team have its own alerts, or none", () => {
    const text = `
budgets:
  global: { monthly_limit: 10, alerts: [{ threshold: 100, action: block, recipients: [a@example.com] }] }
  by_team:
    own: { monthly_limit: 1, alerts: [{ threshold: 50.5, action: throttle, basis: forecast }] }
    none: { monthly_limit: 1, alerts: [] }
    inherited: { monthly_limit: 1 }
`;
    expect(named(text, "team/own")?.alerts).toEqual([
      { threshold: parseDecimal("50.5"), basis: "forecast", action: "throttle", recipients: [] },
    ]);
    expect(named(text, "team/none")?.alerts).toEqual([]);
    expect(named(text, "team/inherited")?.alerts).toEqual([
      { threshold: parseDecimal("100"), basis: "actual", action: "notify", recipients: ["a@example.com"] },
    ]);
  });
});

describe("budgets.list", () => {
  it("reads every key", () => {
    const text = `
budgets:
  list:
    - name: ml-gpu
      scope: { team: ml, service: [Amazon EC2, Vertex AI], metered: true }
      period: { start: 2024-09-01, end: 2024-12-01 }
      limit: 1234.56
      currency: EUR
      cost: effective
      categories: { include: [Usage], exclude: [Tax] }
      alerts: [{ threshold: 80 }]
`;
    expect(named(text, "ml-gpu")).toEqual({
      name: "ml-gpu",
      scope: { team: ["ml"], service: ["Amazon EC2", "Vertex AI"], metered: ["true"] },
      period: { every: "custom", start: "2024-09-01", end: "2024-12-01" },
      limit: parseDecimal("1234.56"),
      currency: "EUR",
      cost: "effective",
      includeCategories: ["Usage"],
      excludeCategories: ["Tax"],
      alerts: [{ threshold: parseDecimal("80"), basis: "actual", action: "notify", recipients: [] }],
    });
  });

  it.each(["day", "week", "month", "quarter", "year"])("knows the period %s", (every) => {
    expect(named(`budgets: { list: [{ name: x, limit: 1, period: ${every} }] }`, "x")?.period).toEqual({ every });
  });

  it.each([
    ["{ name: x, limit: 0 }", /^expected an amount above zero such as 1234.56, found "0"/],
    [
      "{ name: x }",
      /^missing: expected an amount above zero such as 1234.56 \(file genops.yaml, line 1, field budgets.list\[0\].limit/,
    ],
    [
      "{ name: x, limit: 1, scope: { Team: ml } }",
      /^expected a dimension in snake_case such as team or service_category as key/,
    ],
    ["{ name: x, limit: 1, scope: { team: [] } }", /^expected a list of values with at least one/],
    [
      "{ name: x, limit: 1, period: fortnight }",
      /^expected one of day, week, month, quarter, year, or a mapping with start and end/,
    ],
    ["{ name: x, limit: 1, period: { start: 2024-09-02, end: 2024-09-02 } }", /^expected an end after the start/],
    [
      "{ name: x, limit: 1, period: { start: 2024-02-30, end: 2024-09-02 } }",
      /^expected a day such as 2024-09-01, found "2024-02-30"/,
    ],
    [
      "{ name: x, limit: 1, categories: { include: [Usge] } }",
      /^expected one of Usage, .*, found "Usge"; did you mean "Usage"\?/,
    ],
    ["{ name: x, limit: 1, alerts: [{ threshold: 80, action: notfy }] }", /found "notfy"; did you mean "notify"\?/],
    ["{ name: x, limit: 1 }, { name: x, limit: 2 }", /^this name stands twice.*field budgets.list\[1\].name/],
  ])("refuses %s", (budgets, message) => {
    expect(errorOf(`budgets: { list: [${budgets}] }`).message).toMatch(message);
  });

  it("shares one space of names with the other forms", () => {
    const text = "budgets: { aws: { monthly_limit: 1 }, list: [{ name: aws, limit: 1 }] }";
    expect(errorOf(text).message).toMatch(/^this name stands twice/);
  });
});

describe("budgets.tree", () => {
  const TREE = `
budgets:
  tree:
    - name: company
      limit: 100
      period: quarter
      currency: EUR
      cost: effective
      categories: { exclude: [Tax] }
      scope: { provider: [aws, gcp] }
      alerts: [{ threshold: 90, action: block }]
      children:
        - name: platform
          limit: 60
          scope: { team: [infra, ml] }
          children:
            - { name: ml, limit: 20, period: month, cost: billed, currency: USD, scope: { team: ml, provider: aws }, alerts: [] }
        - { name: shop, limit: 40, scope: { team: shop }, categories: { include: [Usage] } }
`;

  it("joins names, narrows scopes and hands down period, currency, cost and categories", () => {
    expect(
      parse(TREE).budgets.map(({ limit, ...budget }) => ({
        ...budget,
        limit: formatDecimal(limit),
        alerts: undefined,
      })),
    ).toEqual(
      [
        { name: "company", limit: "100", scope: { provider: ["aws", "gcp"] } },
        {
          name: "company/platform",
          limit: "60",
          scope: { provider: ["aws", "gcp"], team: ["infra", "ml"] },
          parent: "company",
        },
        {
          name: "company/platform/ml",
          limit: "20",
          scope: { provider: ["aws"], team: ["ml"] },
          parent: "company/platform",
          period: { every: "month" },
          currency: "USD",
          cost: "billed",
        },
        {
          name: "company/shop",
          limit: "40",
          scope: { provider: ["aws", "gcp"], team: ["shop"] },
          parent: "company",
          includeCategories: ["Usage"],
          excludeCategories: [],
        },
      ].map((budget) => ({
        period: { every: "quarter" },
        currency: "EUR",
        cost: "effective",
        includeCategories: [],
        excludeCategories: ["Tax"],
        alerts: undefined,
        ...budget,
      })),
    );
  });

  it("hands down alerts as notify only, unless the child has its own", () => {
    const inherited = [{ threshold: parseDecimal("90"), basis: "actual", action: "notify", recipients: [] }];
    expect(named(TREE, "company/platform")?.alerts).toEqual(inherited);
    expect(named(TREE, "company/platform/ml")?.alerts).toEqual([]);
  });

  it("refuses a child that can match nothing, and a name with a slash", () => {
    const child = TREE.replace("{ team: shop }", "{ team: shop, provider: azure }");
    expect(errorOf(child).message).toMatch(
      /^expected values that the scope of the parent has; no cost can match, .*field budgets.tree\[0\].children\[1\].scope.provider/,
    );
    expect(errorOf("budgets: { tree: [{ name: a/b, limit: 1 }] }").message).toMatch(/^expected a name without \//);
  });
});
