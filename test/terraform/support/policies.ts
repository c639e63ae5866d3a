import * as z from "zod";
import type { Resource } from "./test-runs.ts";

const OneOrMore = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (Array.isArray(value) ? value : [value]));

const Statement = z.object({
  Sid: z.string().default(""),
  Effect: z.enum(["Allow", "Deny"]),
  Action: OneOrMore,
  Resource: OneOrMore.default([]),
  Principal: z.union([z.string(), z.record(z.string(), OneOrMore)]).optional(),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
});

/** A statement of an AWS policy, and whose it is. */
export interface Statement extends z.output<typeof Statement> {
  address: string;
}

const Policy = z.object({ Statement: z.array(Statement) });

/** Statements of all policies of the given kind: `policy` says what may be done, `assume_role_policy` who may do it. */
export function statementsOf(
  resources: readonly Resource[],
  attribute: "policy" | "assume_role_policy",
): readonly Statement[] {
  return resources.flatMap(({ address, type, values }) => {
    const text = values[attribute];
    // Some resources answer with the policy that another one sets; a mock answers with any text.
    if (!type.startsWith("aws_") || typeof text !== "string" || !text.startsWith("{")) return [];
    const policy = Policy.parse(JSON.parse(text));
    return policy.Statement.map((statement) => ({ ...statement, address }));
  });
}

/** Statements that allow everything on anything, for whatever reason. */
export function unlimited(statements: readonly Statement[]): readonly Statement[] {
  return statements.filter(
    ({ Effect, Action, Resource, Principal }) =>
      Effect === "Allow" &&
      (Action.some((action) => action.includes("*")) || Resource.includes("*") || Principal === "*"),
  );
}

/** Values of an attribute, of all resources of a kind: by address. */
export function valuesOf(
  resources: readonly Resource[],
  type: string,
  attribute: string,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    resources.filter((resource) => resource.type === type).map(({ address, values }) => [address, values[attribute]]),
  );
}
