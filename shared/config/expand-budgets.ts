import type { Decimal } from "../core/decimal.ts";
import type { Scope } from "../core/finding.ts";
import type { Budget, BudgetAlert } from "./types.ts";

/** The keys of the guide's block that name a cloud; each is the slug of `provider`. */
export const CLOUDS = ["aws", "azure", "gcp", "oracle"] as const;

type Cloud = (typeof CLOUDS)[number];

/** An alert as written; what is left out is `actual`, `notify` and nobody beside the defaults. */
export type AlertInput = Pick<BudgetAlert, "threshold"> & Partial<BudgetAlert>;

/** The guide's form of one budget. */
export interface GuideBudgetInput {
  monthly_limit: Decimal;
  currency?: string;
  alerts?: readonly AlertInput[];
}

/** The long form of one budget. */
export interface ListBudgetInput
  extends Pick<Budget, "name" | "limit">,
    Partial<Pick<Budget, "scope" | "period" | "currency" | "cost">> {
  categories?: { include?: readonly string[]; exclude?: readonly string[] };
  alerts?: readonly AlertInput[];
}

export interface TreeBudgetInput extends ListBudgetInput {
  children?: TreeBudgetInput[];
}

/** `budgets:` after its schema (`budgets.ts`). */
export interface BudgetsInput extends Partial<Record<"global" | Cloud, GuideBudgetInput>> {
  by_team?: Readonly<Record<string, GuideBudgetInput>>;
  list?: readonly ListBudgetInput[];
  tree?: readonly TreeBudgetInput[];
}

/** A budget with the place it was written at, below `budgets`. */
interface Placed {
  path: readonly (string | number)[];
  budget: Budget;
}

/**
 * Turns every form of `budgets:` into budgets of one shape.
 * - The guide's budgets are monthly and count billed cost; their currency is their own, else `global`'s, else `reportCurrency`.
 * - `by_team` budgets without `alerts` take over the thresholds and recipients of `global`, as `notify` only; `alerts: []` means none.
 * - A child in `tree` takes over period, currency, cost and categories of its parent where it says nothing, its scope narrows its
 *   parent's, and without `alerts` it takes over its parent's, as `notify` only.
 */
export function expandBudgets(input: BudgetsInput, reportCurrency: string): Budget[] {
  return place(input, reportCurrency).map(({ budget }) => budget);
}

/** What single budgets cannot tell: names that stand twice, children that can match nothing. */
export function findBudgetProblems(input: BudgetsInput): { path: (string | number)[]; message: string }[] {
  const placed = place(input, "USD");
  const names = new Set<string>();
  return placed.flatMap(({ path, budget }) => {
    const taken = names.has(budget.name);
    names.add(budget.name);
    const empty = Object.keys(budget.scope).find((name) => budget.scope[name]?.length === 0);
    return [
      ...(taken ? [{ path: [...path, "name"], message: "this name stands twice" }] : []),
      ...(empty === undefined
        ? []
        : [
            {
              path: [...path, "scope", empty],
              message: "expected values that the scope of the parent has; no cost can match",
            },
          ]),
    ];
  });
}

function place(input: BudgetsInput, reportCurrency: string): Placed[] {
  const currency = input.global?.currency ?? reportCurrency;
  const inherited = notifyOnly(input.global?.alerts?.map(toAlert) ?? []);
  const clouds = CLOUDS.flatMap((cloud) => {
    const budget = input[cloud];
    return budget === undefined ? [] : [placeGuide([cloud], cloud, { provider: [cloud] }, budget, currency, [])];
  });
  const teams = Object.entries(input.by_team ?? {}).map(([team, budget]) =>
    placeGuide(["by_team", team], `team/${team}`, { team: [team] }, budget, currency, inherited),
  );
  return [
    ...(input.global === undefined ? [] : [placeGuide(["global"], "global", {}, input.global, currency, [])]),
    ...clouds,
    ...teams,
    ...(input.list ?? []).map((budget, index) => ({ path: ["list", index], budget: rootBudget(budget, currency) })),
    ...(input.tree ?? []).flatMap((root, index) => placeTree(["tree", index], root, rootBudget(root, currency))),
  ];
}

function placeGuide(
  path: readonly string[],
  name: string,
  scope: Scope,
  input: GuideBudgetInput,
  currency: string,
  inherited: readonly BudgetAlert[],
): Placed {
  const budget: Budget = {
    name,
    scope,
    period: { every: "month" },
    limit: input.monthly_limit,
    currency: input.currency ?? currency,
    cost: "billed",
    includeCategories: [],
    excludeCategories: [],
    alerts: input.alerts?.map(toAlert) ?? inherited,
  };
  return { path, budget };
}

function rootBudget(input: ListBudgetInput, currency: string): Budget {
  return {
    name: input.name,
    scope: input.scope ?? {},
    period: input.period ?? { every: "month" },
    limit: input.limit,
    currency: input.currency ?? currency,
    cost: input.cost ?? "billed",
    includeCategories: input.categories?.include ?? [],
    excludeCategories: input.categories?.exclude ?? [],
    alerts: input.alerts?.map(toAlert) ?? [],
  };
}

function placeTree(path: readonly (string | number)[], input: TreeBudgetInput, budget: Budget): Placed[] {
  const children = (input.children ?? []).flatMap((child, index) =>
    placeTree([...path, "children", index], child, childBudget(child, budget)),
  );
  return [{ path, budget }, ...children];
}

function childBudget(input: ListBudgetInput, parent: Budget): Budget {
  return {
    name: `${parent.name}/${input.name}`,
    scope: narrow(parent.scope, input.scope ?? {}),
    period: input.period ?? parent.period,
    limit: input.limit,
    currency: input.currency ?? parent.currency,
    cost: input.cost ?? parent.cost,
    includeCategories: input.categories === undefined ? parent.includeCategories : (input.categories.include ?? []),
    excludeCategories: input.categories === undefined ? parent.excludeCategories : (input.categories.exclude ?? []),
    alerts: input.alerts?.map(toAlert) ?? notifyOnly(parent.alerts),
    parent: parent.name,
  };
}

/** Values that both allow; an empty list is a contradiction. */
function narrow(outer: Scope, inner: Scope): Scope {
  const narrowed: Record<string, readonly string[]> = { ...outer };
  for (const [name, values] of Object.entries(inner)) {
    const allowed = outer[name];
    narrowed[name] = allowed === undefined ? values : values.filter((value) => allowed.includes(value));
  }
  return narrowed;
}

function toAlert(input: AlertInput): BudgetAlert {
  return {
    threshold: input.threshold,
    basis: input.basis ?? "actual",
    action: input.action ?? "notify",
    recipients: input.recipients ?? [],
  };
}

function notifyOnly(alerts: readonly BudgetAlert[]): BudgetAlert[] {
  return alerts.map((alert) => ({ ...alert, action: "notify" }));
}
