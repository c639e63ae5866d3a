import { type Decimal, sum } from "../../../core/decimal.ts";
import type { Observation, Scope } from "../../../core/finding.ts";
import { contains } from "./sensitivity.ts";

/** Amount of the contributors whose keys, with those of the series, say that they lie in this scope. */
export function amountInside(scope: Scope, { scope: own, evidence }: Pick<Observation, "scope" | "evidence">): Decimal {
  const inside = evidence.contributors.filter(({ keys }) => {
    const part = Object.fromEntries(Object.entries(keys).map(([name, value]) => [name, [value]]));
    return contains(scope, { ...own, ...part });
  });
  return sum(inside.map(({ amount }) => amount));
}
