import { add, type Decimal, min, multiply, subtract, ZERO } from "../../core/decimal.ts";

/** From `from` usage units on, each costs `unitPrice`. */
export interface Tier {
  from: Decimal;
  unitPrice: Decimal;
}

/**
 * What so much usage of one month costs: every tier's price for the usage that lies in it, each rounded once. Usage below the first tier
 * is free, as Google's catalog says it.
 */
export function tieredCost(tiers: readonly Tier[], usage: Decimal): Decimal {
  return tiers.reduce<Decimal>((cost, { from, unitPrice }, index) => {
    const end = min(usage, tiers[index + 1]?.from ?? usage);
    return end <= from ? cost : add(cost, multiply(subtract(end, from), unitPrice));
  }, ZERO);
}
