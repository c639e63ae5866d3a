import { abs, type Decimal, formatDecimal } from "../../core/decimal.ts";
import type { Observation } from "../../core/finding.ts";
import { type Month, monthDays } from "../../core/period.ts";
import type { Residual } from "./residuals.ts";

/** Residuals above the bound, as findings. What is not explained is louder than what is. */
export function observeResiduals(
  residuals: readonly Residual[],
  { source, period, bound }: { source: string; period: Month; bound: Decimal },
): Observation[] {
  return residuals
    .filter(({ residual }) => abs(residual) > bound)
    .map((found) => {
      const { account, invoice, currency, ledger, independent, residual, parts } = found;
      const who = account === "" ? "lines without an account" : `account ${account}`;
      return {
        kind: "reconciliation",
        rule: "residual",
        level: parts.some(({ reason }) => reason === "unexplained" || reason === "unread-period") ? "warning" : "info",
        scope: { source: [source], ...(account === "" ? {} : { account: [account] }) },
        period: monthDays(period),
        subject: [source, account, invoice ?? "", currency].join("/"),
        title: `${source} ${period}: ${who} differs from the provider's own total by ${formatDecimal(residual)} ${currency}`,
        amount: residual,
        currency,
        wantedActions: [],
        evidence: {
          rows: 0,
          contributors: parts.map(({ reason, amount }) => ({ keys: { reason }, amount })),
          settledShare: "1",
          waitsFor: "",
          facts: {
            ledger: formatDecimal(ledger),
            independent: formatDecimal(independent),
            ...(invoice === undefined ? {} : { invoice }),
          },
        },
        recipients: [],
      };
    });
}
