import * as z from "zod";
import { findBudgetProblems, type TreeBudgetInput } from "./expand-budgets.ts";
import {
  closed,
  currency,
  day,
  decimalOf,
  expected,
  listOf,
  mapOf,
  oneOf,
  positive,
  scope,
  text,
  textOf,
} from "./scalars.ts";
import type { BudgetPeriod, CostBasis } from "./types.ts";

const percent = decimalOf("a percentage of the limit such as 80", (value) => value > 0n);
const CHARGE_CATEGORIES = ["Usage", "Purchase", "Tax", "Credit", "Adjustment"] as const;
const COSTS = ["billed", "effective", "list", "contracted"] as const satisfies readonly CostBasis[];
const EVERY = ["day", "week", "month", "quarter", "year"] as const;

/** One alert of a budget. The guide writes threshold, action and recipients. */
const Alert = closed({
  threshold: percent,
  basis: z.exactOptional(oneOf(["actual", "forecast"])),
  action: z.exactOptional(oneOf(["notify", "throttle", "block"])),
  recipients: z.exactOptional(listOf(text, "recipients")),
});

const alerts = z.exactOptional(listOf(Alert, "alerts"));

/** The guide's form of one budget. */
const GuideBudget = closed({ monthly_limit: positive, currency: z.exactOptional(currency), alerts });

const customPeriod = closed({ start: day, end: day }).refine(
  ({ start, end }) => start < end,
  expected("an end after the start"),
);
const period = z.union(
  [
    oneOf(EVERY).transform((every): BudgetPeriod => ({ every })),
    customPeriod.transform((days): BudgetPeriod => ({ every: "custom", ...days })),
  ],
  expected(`one of ${EVERY.join(", ")}, or a mapping with start and end`),
);

const categories = closed({
  include: z.exactOptional(listOf(oneOf(CHARGE_CATEGORIES), "charge categories")),
  exclude: z.exactOptional(listOf(oneOf(CHARGE_CATEGORIES), "charge categories")),
});

const common = {
  limit: positive,
  scope: z.exactOptional(scope),
  period: z.exactOptional(period),
  currency: z.exactOptional(currency),
  cost: z.exactOptional(oneOf(COSTS)),
  categories: z.exactOptional(categories),
  alerts,
};

const ListBudget = closed({ name: text, ...common });

const nodeName = textOf("a name without /").refine((name) => !name.includes("/"), expected("a name without /"));
const TreeBudget: z.ZodType<TreeBudgetInput> = closed({
  name: nodeName,
  ...common,
  children: z.exactOptional(
    listOf(
      z.lazy(() => TreeBudget),
      "budgets",
    ),
  ),
});

const cloud = z.exactOptional(GuideBudget);

/** `budgets:` as it stands in the file: the guide's block, a list and trees. */
export const Budgets = closed({
  global: cloud,
  aws: cloud,
  azure: cloud,
  gcp: cloud,
  oracle: cloud,
  by_team: z.exactOptional(mapOf(text, GuideBudget, "team to budget")),
  list: z.exactOptional(listOf(ListBudget, "budgets")),
  tree: z.exactOptional(listOf(TreeBudget, "budgets")),
}).superRefine((budgets, context) => {
  for (const { path, message } of findBudgetProblems(budgets))
    context.addIssue({ code: "custom", path: [...path], message });
});
