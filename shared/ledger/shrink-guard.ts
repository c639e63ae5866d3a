import type { LedgerConfig } from "../config/types.ts";
import { type Decimal, formatDecimal, fromInteger, multiply, parseDecimal, subtract, ZERO } from "../core/decimal.ts";
import type { PeriodVersion } from "./versions.ts";

const ONE = fromInteger(1);

/**
 * L5: why `candidate` is too small to replace `current`, or `undefined` when it is not. Compared per currency by Σ|BilledCost| (credits
 * and refunds cannot hide a loss) and by rows.
 */
export function shrinkReason(
  current: Pick<PeriodVersion, "rows" | "totals">,
  candidate: Pick<PeriodVersion, "rows" | "totals">,
  limits: Pick<LedgerConfig, "shrinkRows" | "shrinkCost">,
): string | undefined {
  if (isBelow(fromInteger(candidate.rows), fromInteger(current.rows), limits.shrinkRows)) {
    return `${candidate.rows} rows instead of ${current.rows}`;
  }
  for (const before of current.totals) {
    const after = candidate.totals.find(({ currency }) => currency === before.currency);
    const amount = after === undefined ? ZERO : parseDecimal(after.absoluteBilled);
    if (isBelow(amount, parseDecimal(before.absoluteBilled), limits.shrinkCost)) {
      return `Σ|BilledCost| ${formatDecimal(amount)} ${before.currency} instead of ${before.absoluteBilled}`;
    }
  }
  return undefined;
}

function isBelow(after: Decimal, before: Decimal, share: Decimal): boolean {
  return after < multiply(before, subtract(ONE, share));
}
