import { isTree, listOf, textAt, treeOf } from "../tree.ts";
import type { KubeObject, Tree } from "../types.ts";
import { type Expression, parseCel, type Scope } from "./parse.ts";
import { CelError, truth } from "./values.ts";

export interface Denial {
  message: string;
  /** `Invalid` unless the validation says another. */
  reason: string;
}

const parsed = new Map<string, Expression>();

function expression(text: string): Expression {
  const known = parsed.get(text) ?? parseCel(text);
  parsed.set(text, known);
  return known;
}

/** What a policy says to a request: match conditions, variables, validations, and what an error in them means. */
export function judgeByCel(policy: KubeObject, request: Scope): Denial | undefined {
  const spec = treeOf(policy.spec);
  const scope = { ...request, variables: variablesOf(spec, request) };
  const ignores = spec["failurePolicy"] === "Ignore";
  const failed = (text: string, error: unknown): Denial | undefined => {
    if (!(error instanceof CelError)) throw error;
    return ignores
      ? undefined
      : { message: `expression '${text}' resulted in error: ${error.message}`, reason: "Invalid" };
  };
  for (const condition of listOf(spec["matchConditions"])) {
    const text = textAt(condition, "expression") ?? "";
    try {
      if (!truth(expression(text)(scope))) return undefined;
    } catch (error) {
      return failed(text, error);
    }
  }
  for (const validation of listOf(spec["validations"]).filter(isTree)) {
    const text = textAt(validation, "expression") ?? "";
    try {
      if (!truth(expression(text)(scope))) return denialOf(validation, text, scope);
    } catch (error) {
      const denial = failed(text, error);
      if (denial !== undefined) return denial;
    }
  }
  return undefined;
}

function denialOf(validation: Tree, text: string, scope: Scope): Denial {
  const made = textAt(validation, "messageExpression");
  const message = made === undefined ? textAt(validation, "message") : String(expression(made)(scope));
  return { message: message ?? `failed expression: ${text}`, reason: textAt(validation, "reason") ?? "Invalid" };
}

/** Each is worked out when it is first asked for. */
function variablesOf(spec: Tree, request: Scope): Tree {
  const variables: Tree = {};
  for (const variable of listOf(spec["variables"])) {
    const name = textAt(variable, "name") ?? "";
    const run = expression(textAt(variable, "expression") ?? "");
    let value: unknown;
    let isKnown = false;
    Object.defineProperty(variables, name, {
      enumerable: true,
      get() {
        if (!isKnown) value = run({ ...request, variables });
        isKnown = true;
        return value;
      },
    });
  }
  return variables;
}
