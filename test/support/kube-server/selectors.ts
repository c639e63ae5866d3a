import { badRequest } from "./failure.ts";
import { isTree, listOf, textAt, treeOf } from "./tree.ts";
import type { KubeObject } from "./types.ts";

type Labels = Readonly<Record<string, unknown>>;

/** A `LabelSelector` object; an empty one takes everything, none takes nothing. */
export function matchesSelector(selector: unknown, labels: Labels = {}): boolean {
  if (!isTree(selector)) return false;
  const wanted = Object.entries(treeOf(selector["matchLabels"]));
  return (
    wanted.every(([key, value]) => labels[key] === value) &&
    listOf(selector["matchExpressions"]).every((each) => matchesExpression(each, labels))
  );
}

function matchesExpression(expression: unknown, labels: Labels): boolean {
  const value = labels[textAt(expression, "key") ?? ""];
  const values = listOf(treeOf(expression)["values"]);
  switch (textAt(expression, "operator")) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default:
      throw badRequest("unknown operator in a label selector");
  }
}

/** The text form of a selector, as in Scale: `app=web`. */
export function selectorText(selector: unknown): string {
  return Object.entries(treeOf(treeOf(selector)["matchLabels"]))
    .map(([key, value]) => `${key}=${String(value)}`)
    .sort()
    .join(",");
}

/** `a=b,c!=d,e in (f,g),h notin (i),j,!k` of a query. */
export function labelQuery(text: string): (labels: Labels) => boolean {
  const terms = text.match(/(?:[^,(]|\([^)]*\))+/g) ?? [];
  const tests = terms.map((term) => termTest(term.trim()));
  return (labels) => tests.every((test) => test(labels));
}

function termTest(term: string): (labels: Labels) => boolean {
  const set = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/.exec(term);
  if (set !== null) {
    const [, key = "", operator, list = ""] = set;
    const values = list.split(",").map((value) => value.trim());
    return operator === "in"
      ? (labels) => key in labels && values.includes(String(labels[key]))
      : (labels) => !(key in labels && values.includes(String(labels[key])));
  }
  const pair = /^([^=!\s]+)\s*(==|=|!=)\s*([^=!\s]*)$/.exec(term);
  if (pair !== null) {
    const [, key = "", operator, value = ""] = pair;
    return operator === "!=" ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  }
  const absent = /^!\s*(\S+)$/.exec(term)?.[1];
  if (absent !== undefined) return (labels) => !(absent in labels);
  if (!/^\S+$/.test(term)) throw badRequest(`unable to parse requirement: ${term}`);
  return (labels) => term in labels;
}

const FIELDS: Readonly<Record<string, (object: KubeObject) => string>> = {
  "metadata.name": ({ metadata }) => metadata.name,
  "metadata.namespace": ({ metadata }) => metadata.namespace ?? "",
  "status.phase": (object) => textAt(object, "status", "phase") ?? "",
  "spec.nodeName": (object) => textAt(object, "spec", "nodeName") ?? "",
  "spec.unschedulable": (object) => String(treeOf(object.spec)["unschedulable"] ?? false),
};

/** The field selectors that we use. */
export function fieldQuery(text: string): (object: KubeObject) => boolean {
  const tests = text.split(",").map((term) => {
    const [, field = "", operator, value = ""] = /^([^=!]+)(==|=|!=)(.*)$/.exec(term) ?? [];
    const read = FIELDS[field];
    if (read === undefined) throw badRequest(`field label not supported: ${field === "" ? term : field}`);
    return (object: KubeObject) => (read(object) === value) === (operator !== "!=");
  });
  return (object) => tests.every((test) => test(object));
}
