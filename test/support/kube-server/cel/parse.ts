import { equal, isTree, listOf } from "../tree.ts";
import { CelError, callFunction, celType, compare, indexed, member, truth } from "./values.ts";

/*
 * The part of CEL that admission policies are written in: literals, operators, members, indexes, `has`, the macros over lists and maps,
 * and a few functions. What is not known is an error when the policy is read, never a guess. The conformance suite runs the same policies
 * on real API servers.
 */

export type Scope = Readonly<Record<string, unknown>>;
export type Expression = (scope: Scope) => unknown;

/** An expression, and what it selects from what, for `has`. */
interface Node {
  run: Expression;
  select?: { of: Expression; field: string };
}

const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|([A-Za-z_]\w*)|(&&|\|\||[=!<>]=|[-+*/%<>!?:.,()[\]{}]))/y;
const MACROS = new Set(["all", "exists", "exists_one", "filter", "map"]);

interface Tokens {
  peek(): string | undefined;
  next(): string;
  take(token: string): boolean;
  need(token: string): void;
}

/** The expression, ready to be run; throws for what this part of CEL does not have. */
export function parseCel(text: string): Expression {
  const tokens = tokensOf(text);
  const { run } = ternary(tokens);
  if (tokens.peek() !== undefined) throw new CelError(`unexpected ${tokens.peek()} in ${text}`);
  return run;
}

function tokensOf(text: string): Tokens {
  const found: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw new CelError(`cannot read ${text.slice(at, at + 20)}`);
    found.push(match[0].trim());
  }
  let place = 0;
  const next = () => {
    const token = found[place++];
    if (token === undefined) throw new CelError(`unexpected end of ${text}`);
    return token;
  };
  return {
    peek: () => found[place],
    next,
    take(token) {
      const is = found[place] === token;
      if (is) place += 1;
      return is;
    },
    need(token) {
      const is = next();
      if (is !== token) throw new CelError(`${token} expected, not ${is}, in ${text}`);
    },
  };
}

function ternary(tokens: Tokens): Node {
  const condition = either(tokens);
  if (!tokens.take("?")) return condition;
  const yes = ternary(tokens).run;
  tokens.need(":");
  const no = ternary(tokens).run;
  return { run: (scope) => (truth(condition.run(scope)) ? yes(scope) : no(scope)) };
}

function either(tokens: Tokens): Node {
  return logical(tokens, "||", both, true);
}

function both(tokens: Tokens): Node {
  return logical(tokens, "&&", relation, false);
}

/** One side that decides makes an error of the other unimportant. */
function logical(tokens: Tokens, operator: string, operand: (tokens: Tokens) => Node, decides: boolean): Node {
  let left = operand(tokens);
  while (tokens.take(operator)) {
    const first = left.run;
    const second = operand(tokens).run;
    left = {
      run(scope) {
        try {
          if (truth(first(scope)) === decides) return decides;
        } catch (error) {
          if (error instanceof CelError && truth(second(scope)) === decides) return decides;
          throw error;
        }
        return truth(second(scope));
      },
    };
  }
  return left;
}

type Binary = (left: unknown, right: unknown) => unknown;

const RELATIONS: Readonly<Record<string, Binary>> = {
  "==": equal,
  "!=": (left, right) => !equal(left, right),
  "<": (left, right) => compare(left, right) < 0,
  "<=": (left, right) => compare(left, right) <= 0,
  ">": (left, right) => compare(left, right) > 0,
  ">=": (left, right) => compare(left, right) >= 0,
  in: (left, right) => (isTree(right) ? String(left) in right : listOf(right).some((each) => equal(each, left))),
};
const SUMS: Readonly<Record<string, Binary>> = { "+": plus, "-": (left, right) => number(left) - number(right) };
const PRODUCTS: Readonly<Record<string, Binary>> = {
  "*": (left, right) => number(left) * number(right),
  "/": (left, right) => Math.trunc(number(left) / number(right)),
  "%": (left, right) => number(left) % number(right),
};

function plus(left: unknown, right: unknown): unknown {
  if (typeof left === "string" && typeof right === "string") return left + right;
  if (Array.isArray(left) && Array.isArray(right)) return [...(left as unknown[]), ...(right as unknown[])];
  return number(left) + number(right);
}

function number(value: unknown): number {
  if (typeof value !== "number") throw new CelError(`no such overload: arithmetic on ${celType(value)}`);
  return value;
}

function relation(tokens: Tokens): Node {
  return binary(tokens, RELATIONS, (inner) => binary(inner, SUMS, (innermost) => binary(innermost, PRODUCTS, unary)));
}

function binary(tokens: Tokens, table: Readonly<Record<string, Binary>>, operand: (tokens: Tokens) => Node): Node {
  let left = operand(tokens);
  for (let how = table[tokens.peek() ?? ""]; how !== undefined; how = table[tokens.peek() ?? ""]) {
    tokens.next();
    const [first, second, work] = [left.run, operand(tokens).run, how];
    left = { run: (scope) => work(first(scope), second(scope)) };
  }
  return left;
}

function unary(tokens: Tokens): Node {
  if (tokens.take("!")) {
    const { run } = unary(tokens);
    return { run: (scope) => !truth(run(scope)) };
  }
  if (tokens.take("-")) {
    const { run } = unary(tokens);
    return { run: (scope) => -number(run(scope)) };
  }
  return postfix(tokens, primary(tokens));
}

function postfix(tokens: Tokens, start: Node): Node {
  let node = start;
  for (;;) {
    const { run } = node;
    if (tokens.take("[")) {
      const key = ternary(tokens).run;
      tokens.need("]");
      node = { run: (scope) => indexed(run(scope), key(scope)) };
    } else if (tokens.take(".")) {
      const field = tokens.next();
      node = tokens.take("(")
        ? method(tokens, run, field)
        : { run: (scope) => member(run(scope), field), select: { of: run, field } };
    } else return node;
  }
}

function method(tokens: Tokens, of: Expression, name: string): Node {
  if (MACROS.has(name)) return macro(tokens, of, name);
  const given = list(tokens, ")");
  return { run: (scope) => callFunction(name, [of(scope), ...given.map((each) => each(scope))]) };
}

/** `list.all(x, …)`; over a map, x is each key. */
function macro(tokens: Tokens, of: Expression, name: string): Node {
  const variable = tokens.next();
  tokens.need(",");
  const body = ternary(tokens).run;
  tokens.need(")");
  return {
    run(scope) {
      const value = of(scope);
      const items = isTree(value) ? Object.keys(value) : listOf(value);
      const run = (item: unknown) => body({ ...scope, [variable]: item });
      const holds = (item: unknown) => truth(run(item));
      if (name === "all") return items.every(holds);
      if (name === "exists") return items.some(holds);
      if (name === "exists_one") return items.filter(holds).length === 1;
      return name === "filter" ? items.filter(holds) : items.map(run);
    },
  };
}

const CONSTANTS: Readonly<Record<string, unknown>> = { true: true, false: false, null: null };

function primary(tokens: Tokens): Node {
  const token = tokens.next();
  if (token === "(") {
    const inner = ternary(tokens);
    tokens.need(")");
    return { run: inner.run };
  }
  if (token === "[") {
    const items = list(tokens, "]");
    return { run: (scope) => items.map((each) => each(scope)) };
  }
  if (token === "{") return map(tokens);
  if (/^\d/.test(token)) return { run: () => Number(token) };
  if (/^["']/.test(token)) {
    const text = token.slice(1, -1).replaceAll(/\\(.)/g, (_all, letter: string) => (letter === "n" ? "\n" : letter));
    return { run: () => text };
  }
  if (token in CONSTANTS) return { run: () => CONSTANTS[token] };
  if (!/^[A-Za-z_]/.test(token)) throw new CelError(`unexpected ${token}`);
  return tokens.take("(") ? call(tokens, token) : { run: (scope) => member(scope, token) };
}

function call(tokens: Tokens, name: string): Node {
  if (name !== "has") {
    const given = list(tokens, ")");
    return {
      run: (scope) =>
        callFunction(
          name,
          given.map((each) => each(scope)),
        ),
    };
  }
  const { select } = ternary(tokens);
  tokens.need(")");
  if (select === undefined) throw new CelError("has() takes a field");
  return {
    run(scope) {
      const value = select.of(scope);
      return isTree(value) && value[select.field] !== undefined;
    },
  };
}

function list(tokens: Tokens, end: string): Expression[] {
  const items: Expression[] = [];
  while (!tokens.take(end)) {
    items.push(ternary(tokens).run);
    if (tokens.peek() !== end) tokens.need(",");
  }
  return items;
}

function map(tokens: Tokens): Node {
  const entries: [Expression, Expression][] = [];
  while (!tokens.take("}")) {
    const key = ternary(tokens).run;
    tokens.need(":");
    entries.push([key, ternary(tokens).run]);
    if (tokens.peek() !== "}") tokens.need(",");
  }
  return { run: (scope) => Object.fromEntries(entries.map(([key, value]) => [String(key(scope)), value(scope)])) };
}
