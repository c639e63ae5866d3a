import { isTree } from "../connections/objects.ts";

/** Objects come from outside: every field may be absent or of another type. What is not as expected counts as absent. */
export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const key of path) {
    if (!isTree(found)) return undefined;
    found = found[key];
  }
  return found;
}

export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = valueAt(value, ...path);
  return typeof found === "string" ? found : undefined;
}

export function numberAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = valueAt(value, ...path);
  return typeof found === "number" ? found : undefined;
}

export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** Text by key; other values are left out. */
export function textsAt(value: unknown, ...path: readonly string[]): Readonly<Record<string, string>> {
  const found = valueAt(value, ...path);
  if (!isTree(found)) return NONE;
  const entries = Object.entries(found);
  if (entries.every(([, each]) => typeof each === "string")) return found as Readonly<Record<string, string>>;
  return Object.fromEntries(entries.flatMap(([key, each]) => (typeof each === "string" ? [[key, each]] : [])));
}

const NONE: Readonly<Record<string, string>> = {};
