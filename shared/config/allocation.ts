import * as z from "zod";
import { closed, expected, listOf, mapOf, nonEmptyListOf, oneOf, positive, scope, text } from "./scalars.ts";
import { ALLOCATION_DIMENSIONS, type AllocationConfig, type AllocationDimension, type LabelRule } from "./types.ts";

/** Tag keys of the guide's governance labels, then the bare words. */
export const DEFAULT_LABEL_KEYS: Readonly<Record<AllocationDimension, readonly string[]>> = {
  team: ["genops.ai/team", "team"],
  project: ["genops.ai/project", "project"],
  environment: ["genops.ai/environment", "environment", "env"],
  cost_center: ["genops.ai/cost-center", "cost_center", "costcenter"],
};

const keys = nonEmptyListOf(text, "tag keys");
const aliases = mapOf(text, nonEmptyListOf(text, "spellings"), "canonical value to spellings").superRefine(
  refuseAmbiguous,
);

function refuseAmbiguous(table: Record<string, readonly string[]>, context: z.RefinementCtx): void {
  const owners = new Map<string, string>();
  for (const [canonical, spellings] of Object.entries(table)) {
    for (const spelling of [canonical, ...spellings]) {
      const owner = owners.get(spelling.toLowerCase());
      owners.set(spelling.toLowerCase(), owner ?? canonical);
      if (owner === undefined || owner === canonical) continue;
      context.addIssue({
        code: "custom",
        message: `one of these spellings already means ${JSON.stringify(owner)}`,
        path: [canonical],
      });
    }
  }
}

/** Tag keys alone, or a mapping with aliases and a default. */
const Labels = z.union(
  [
    keys.transform((list) => ({ keys: list })),
    closed({ keys: z.exactOptional(keys), aliases: z.exactOptional(aliases), default: z.exactOptional(text) }),
  ],
  expected("a list of tag keys or a mapping with keys, aliases, default"),
);

const labels = z.exactOptional(Labels);
const value = z.exactOptional(text);
const Values = closed({ team: value, project: value, environment: value, cost_center: value });

const SharedCost = closed({
  name: text,
  match: scope.refine((match) => Object.keys(match).length > 0, expected("at least one dimension to match")),
  over: oneOf(ALLOCATION_DIMENSIONS),
  method: oneOf(["even", "spend", "fixed"]),
  weights: z.exactOptional(mapOf(text, positive, "value to weight")),
  among: z.exactOptional(nonEmptyListOf(text, "values")),
}).superRefine((rule, context) => {
  const weighted = rule.weights !== undefined && Object.keys(rule.weights).length > 0;
  if (rule.method === "fixed" && !weighted) {
    context.addIssue({ code: "custom", message: "expected weights for the method fixed", path: ["weights"] });
  }
  if (rule.method !== "fixed" && rule.weights !== undefined) {
    context.addIssue({ code: "custom", message: "expected weights only with the method fixed", path: ["weights"] });
  }
  if (rule.method === "fixed" && rule.among !== undefined) {
    context.addIssue({
      code: "custom",
      message: "expected among only with the methods even and spend",
      path: ["among"],
    });
  }
});

/** `allocation:` as it stands in the file. */
export const Allocation = closed({
  labels: z.exactOptional(closed({ team: labels, project: labels, environment: labels, cost_center: labels })),
  accounts: z.exactOptional(mapOf(text, Values, "account id to team, project, environment, cost_center")),
  namespaces: z.exactOptional(mapOf(text, Values, "namespace to team, project, environment, cost_center")),
  shared: z.exactOptional(
    listOf(SharedCost, "shared costs").superRefine((rules, context) => {
      for (const [index, { name }] of rules.entries()) {
        if (rules.findIndex((other) => other.name === name) === index) continue;
        context.addIssue({ code: "custom", message: "this name stands twice", path: [index, "name"] });
      }
    }),
  ),
});

/** Fills in the defaults. */
export function toAllocationConfig(input: z.output<typeof Allocation>): AllocationConfig {
  const rule = (dimension: AllocationDimension): LabelRule => ({
    keys: DEFAULT_LABEL_KEYS[dimension],
    aliases: {},
    ...input.labels?.[dimension],
  });
  return {
    labels: {
      team: rule("team"),
      project: rule("project"),
      environment: rule("environment"),
      cost_center: rule("cost_center"),
    },
    accounts: input.accounts ?? {},
    namespaces: input.namespaces ?? {},
    shared: (input.shared ?? []).map((shared) => ({ weights: {}, among: [], ...shared })),
  };
}
