import {
  ALLOCATION_DIMENSIONS,
  type AllocationConfig,
  type AllocationDimension,
  type LabelRule,
} from "../../config/types.ts";
import type { Labels } from "../../core/labels.ts";
import { foldCase } from "./fold-case.ts";
import { NAMESPACE_KEYS, spellingsOf, UNALLOCATED } from "./tag-keys.ts";

export interface Allocatable {
  tags: Labels;
  /** Bare account id. */
  account: string | null;
}

/**
 * Team, project, environment and cost center of one row: tags (through the value aliases), else the table of namespaces, else the
 * table of accounts, else the default, else `unallocated`. `allocationSql` does the same for bills.
 */
export function allocate(
  config: AllocationConfig,
  { tags, account }: Allocatable,
): Record<AllocationDimension, string> {
  const namespace = findTag(tags, NAMESPACE_KEYS);
  const byNamespace = lookUp(config.namespaces, namespace);
  const byAccount = lookUp(config.accounts, account ?? undefined);
  const resolve = (dimension: AllocationDimension): string => {
    const rule = config.labels[dimension];
    const tag = findTag(tags, rule.keys);
    const told = tag === undefined ? (byNamespace?.[dimension] ?? byAccount?.[dimension]) : canonical(rule, tag);
    return told ?? rule.default ?? UNALLOCATED;
  };
  const entries = ALLOCATION_DIMENSIONS.map((dimension) => [dimension, resolve(dimension)] as const);
  return Object.fromEntries(entries) as Record<AllocationDimension, string>;
}

/** The first value that is neither null nor empty. */
function findTag(tags: Labels, keys: readonly string[]): string | undefined {
  return spellingsOf(keys, Object.keys(tags))
    .map((spelling) => tagText(tags[spelling] ?? null))
    .find((value) => value !== "");
}

/** A tag's value as the engine shows it: `1e21`, not JavaScript's `1e+21`. */
function tagText(value: string | number | boolean | null): string {
  if (value === null) return "";
  return typeof value === "number" ? String(value).replace("e+", "e") : String(value);
}

function canonical(rule: LabelRule, value: string): string {
  return aliasTable(rule).get(foldCase(value)) ?? value;
}

/** Folded spelling → canonical value. A canonical value is a spelling of itself; the first owner of a spelling keeps it. */
export function aliasTable(rule: LabelRule): Map<string, string> {
  const table = new Map<string, string>();
  for (const [value, spellings] of Object.entries(rule.aliases)) {
    for (const spelling of [value, ...spellings]) {
      const folded = foldCase(spelling);
      if (!table.has(folded)) table.set(folded, value);
    }
  }
  return table;
}

function lookUp<Value>(table: Readonly<Record<string, Value>>, key: string | undefined): Value | undefined {
  return key !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}
