import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, parseAllDocuments } from "yaml";

/** What `deploy/` ships, as objects, without kubectl and helm. */

const DEPLOY = join(dirname(fileURLToPath(import.meta.url)), "../../deploy");

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Record<string, string> };
  rules?: { apiGroups: string[]; resources: string[]; verbs: string[]; resourceNames?: string[] }[];
  subjects?: { apiGroup: string; kind: string; name: string }[];
  spec?: Record<string, unknown>;
  [field: string]: unknown;
}

export type Overlay = "standard" | "scale-only";

export function manifestsIn(text: string): Manifest[] {
  return parseAllDocuments(text).flatMap((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    const value: unknown = document.toJS();
    return value === null ? [] : [value as Manifest];
  });
}

/** The resources of a kustomization and of those that it names. Nothing here is patched. */
export function kustomize(folder: string): Manifest[] {
  const kustomization = parse(readFileSync(join(DEPLOY, folder, "kustomization.yaml"), "utf8")) as {
    resources?: string[];
    components?: string[];
  };
  const { resources = [], components = [] } = kustomization;
  return [...resources, ...components].flatMap((name) => {
    const path = join(folder, name);
    return name.endsWith(".yaml") ? manifestsIn(readFileSync(join(DEPLOY, path), "utf8")) : kustomize(path);
  });
}

export function shipped(overlay: Overlay, options: { human?: boolean } = {}): Manifest[] {
  const human = options.human === true ? kustomize("kubernetes/components/human") : [];
  return [...kustomize(`kubernetes/overlays/${overlay}`), ...human];
}

export interface ChartValues {
  mode: string;
  human: boolean;
  subjects: { groups: string[]; users: string[] };
}

export function chartDefaults(): ChartValues {
  return parse(readFileSync(join(DEPLOY, "helm/genops-enforcer/values.yaml"), "utf8")) as ChartValues;
}

/** The chart with values. Only what its templates use of Helm's language is known here; anything else is an error. */
export function helm(values: ChartValues): Manifest[] {
  const folder = join(DEPLOY, "helm/genops-enforcer/templates");
  return readdirSync(folder)
    .sort()
    .flatMap((name) => manifestsIn(render(readFileSync(join(folder, name), "utf8"), values)));
}

interface Block {
  /** Lines below are wanted. */
  isOn: boolean;
  /** Of a range: its items, and the lines to repeat. */
  items?: string[];
  lines: string[];
}

function render(template: string, values: ChartValues): string {
  const blocks: Block[] = [{ isOn: true, lines: [] }];
  const top = () => blocks.at(-1) ?? { isOn: true, lines: [] };
  for (const line of template.split("\n")) {
    const action = /^\s*\{\{-? (if|range|end)\b ?(.*?) ?-?\}\}\s*$/.exec(line);
    if (action === null) top().lines.push(line);
    else if (action[1] === "range") {
      blocks.push({ isOn: true, items: lookUp(values, action[2] ?? "") as string[], lines: [] });
    } else if (action[1] === "if") blocks.push({ isOn: isTrue(values, action[2] ?? ""), lines: [] });
    else {
      const { isOn, items, lines } = blocks.pop() ?? top();
      const repeated =
        items === undefined ? lines : items.flatMap((item) => lines.map((each) => fill(each, values, item)));
      if (isOn) top().lines.push(...repeated);
    }
  }
  return top()
    .lines.map((line) => fill(line, values))
    .join("\n");
}

function isTrue(values: ChartValues, condition: string): boolean {
  const equal = /^eq (\S+) "(.*)"$/.exec(condition);
  if (equal === null) return lookUp(values, condition) === true;
  return lookUp(values, equal[1] ?? "") === equal[2];
}

function fill(line: string, values: ChartValues, item?: string): string {
  return line.replace(/\{\{ ?(\S+)(?: \| (\S+))? ?\}\}/g, (whole, path: string, filter?: string) => {
    const value = path === "." ? item : lookUp(values, path);
    if (value === undefined) return whole;
    if (filter === "toJson" || filter === "quote") return JSON.stringify(value);
    if (filter === undefined) return String(value);
    throw new Error(`what does ${whole} do?`);
  });
}

function lookUp(values: ChartValues, path: string): unknown {
  const keys = /^\.Values\.([\w.]+)$/.exec(path)?.[1]?.split(".");
  if (keys === undefined) throw new Error(`this is not looked up here: ${path}`);
  return keys.reduce<unknown>((found, key) => Reflect.get(Object(found), key), values);
}
