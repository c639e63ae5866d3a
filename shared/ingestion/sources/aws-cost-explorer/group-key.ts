import type { CostCondition, CostGroup } from "../../../ports/billing-apis.ts";

/** The key that tells usage from taxes, credits and fees; without it a fee looks like usage (`reference/focus.md` §7). */
const CATEGORY_KEY = "RECORD_TYPE";
/** One call per look at a month. */
const DEFAULT_KEYS = ["SERVICE"];

/** What is grouped by: the configured keys, the charge category's first. */
export function groupKeys(configured: readonly string[] = DEFAULT_KEYS): string[] {
  return [CATEGORY_KEY, ...configured.filter((key) => key !== CATEGORY_KEY)];
}

/** `SERVICE`, `TAG:team`, `COST_CATEGORY:Unit` as Cost Explorer takes them. */
export function costGroup(key: string): CostGroup {
  const colon = key.indexOf(":");
  const type = key.slice(0, Math.max(colon, 0));
  if (type === "TAG" || type === "COST_CATEGORY") return { type, key: key.slice(colon + 1) };
  return { type: "DIMENSION", key };
}

/** The costs whose `key` has the value that Cost Explorer answered with; null and empty: those without it. */
export function costCondition(key: string, value: string | null): CostCondition {
  return { ...costGroup(key), value: value === "" ? null : value };
}

/** Cost Explorer has no condition for "without this dimension". */
export function canAskFor(key: string, value: string | null): boolean {
  return costGroup(key).type !== "DIMENSION" || (value !== null && value !== "");
}

/** A value as delivered: tags and cost categories come as `key$value` and are split at the first `$`; nothing after it is none. */
export function keyValue(key: string, delivered: string | null): string | null {
  if (delivered === null) return null;
  const { type } = costGroup(key);
  const cut = type === "DIMENSION" ? -1 : delivered.indexOf("$");
  const value = delivered.slice(cut + 1);
  return value === "" ? null : value;
}
