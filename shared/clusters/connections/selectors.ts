import { isTree } from "./objects.ts";
import type { KubeObject } from "./types.ts";

type Labels = Readonly<Record<string, string>>;

/** Label selectors as the API takes them: `a=b`, `a!=b`, `a`, `!a`, `a in (b,c)`, `a notin (b)`; joined by commas. */
export function matchesLabels(labels: Labels, selector: string): boolean {
  return requirementsOf(selector).every((each) => matchesOne(labels, each));
}

/** Commas inside parentheses do not separate. */
function requirementsOf(selector: string): string[] {
  return selector
    .split(/,(?![^()]*\))/)
    .map((each) => each.trim())
    .filter((each) => each !== "");
}

function matchesOne(labels: Labels, requirement: string): boolean {
  const set = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(requirement);
  if (set !== null) {
    const [, key = "", operator, values = ""] = set;
    const wanted = values.split(",").map((each) => each.trim());
    const has = labels[key] !== undefined && wanted.includes(labels[key]);
    return operator === "in" ? has : !has;
  }
  const equality = /^([^=!\s]+)\s*(!=|==?)\s*(.*)$/.exec(requirement);
  if (equality !== null) {
    const [, key = "", operator, value] = equality;
    return operator === "!=" ? labels[key] !== value : labels[key] === value;
  }
  return requirement.startsWith("!") ? labels[requirement.slice(1)] === undefined : labels[requirement] !== undefined;
}

/** Field selectors (`metadata.name=x,status.phase!=Running`). A field that is not there is empty. */
export function matchesFields(object: KubeObject, selector: string): boolean {
  return requirementsOf(selector).every((requirement) => {
    const [, path = "", operator, value] = /^([^=!\s]+)\s*(!=|==?)\s*(.*)$/.exec(requirement) ?? [];
    const found = fieldOf(object, path);
    return operator === "!=" ? found !== value : found === value;
  });
}

function fieldOf(object: KubeObject, path: string): string {
  let value: unknown = object;
  for (const part of path.split(".")) value = isTree(value) ? value[part] : undefined;
  return value === undefined || value === null ? "" : String(value);
}
