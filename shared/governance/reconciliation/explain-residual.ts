import { hasCents } from "../../core/currency.ts";
import { abs, type Decimal, negate, parseDecimal, subtract, sum, ZERO } from "../../core/decimal.ts";
import type { LedgerLine } from "./ledger-line.ts";

/**
 * - `unread-period`: the ledger never read this period. - `not-in-total`: the account is in the bill, not in the independent total.
 * - `not-in-bill`: the other way round. - `tax`, `credit`, `purchase`, `adjustment`, `correction`: the bill's lines of that kind, which
 *   the independent total leaves out. - `missing-tag`: lines of the bill without an account. - `rounding`: a cent or less.
 * - `timing`: one side is newer; the period is open or the provider says "estimated". - `unexplained`.
 */
export type ResidualReason =
  | "unread-period"
  | "not-in-total"
  | "not-in-bill"
  | "tax"
  | "credit"
  | "purchase"
  | "adjustment"
  | "correction"
  | "missing-tag"
  | "rounding"
  | "timing"
  | "unexplained";

export interface ResidualPart {
  reason: ResidualReason;
  amount: Decimal;
}

export interface ResidualContext {
  lines: readonly LedgerLine[];
  currency: string;
  unread: boolean;
  /** The independent total knows this account. */
  hasIndependent: boolean;
  open: boolean;
  /** Residual of the ledger's lines without an account, in this currency. */
  unassigned: Decimal;
}

/** Providers round invoices to the cent, or to the whole unit of money that has none. */
const CENT = parseDecimal("0.01");
const UNIT = parseDecimal("1");

const CATEGORY_REASONS = [
  ["Tax", "tax"],
  ["Credit", "credit"],
  ["Purchase", "purchase"],
  ["Adjustment", "adjustment"],
] as const;

/**
 * Says what a residual consists of. Kinds of lines that totals often leave out are tried in every combination; one is believed only if it
 * leaves a cent or less. The parts always add up to the residual.
 */
export function explainResidual(residual: Decimal, context: ResidualContext): ResidualPart[] {
  if (residual === ZERO) return [];
  if (context.unread) return [{ reason: "unread-period", amount: residual }];
  if (!context.hasIndependent && context.lines.some(({ account }) => account !== ""))
    return [{ reason: "not-in-total", amount: residual }];
  return (
    bestCombination(residual, candidatesOf(context), roundingOf(context)) ?? [
      { reason: reasonOfWhole(residual, context), amount: residual },
    ]
  );
}

/** What a residual is that no kind of lines adds up to. */
function reasonOfWhole(residual: Decimal, context: ResidualContext): ResidualReason {
  const { lines, hasIndependent, open } = context;
  if (lines.length > 0 && abs(residual) <= roundingOf(context)) return "rounding";
  // Those with an account were told apart before.
  if (lines.length > 0 && !hasIndependent) return "missing-tag";
  if (open) return "timing";
  return lines.length === 0 ? "not-in-bill" : "unexplained";
}

function roundingOf({ currency }: ResidualContext): Decimal {
  return hasCents(currency) ? CENT : UNIT;
}

function candidatesOf({ lines, unassigned }: ResidualContext): ResidualPart[] {
  const total = (own: readonly LedgerLine[]) => sum(own.map(({ amount }) => amount));
  const regular = lines.filter(({ correction }) => !correction);
  const parts: ResidualPart[] = CATEGORY_REASONS.map(([category, reason]) => ({
    reason,
    amount: total(regular.filter((line) => line.category === category)),
  }));
  parts.push({ reason: "correction", amount: total(lines.filter(({ correction }) => correction)) });
  parts.push({ reason: "missing-tag", amount: negate(unassigned) });
  return parts.filter(({ amount }) => amount !== ZERO);
}

/** The smallest combination that explains all but a cent; what it leaves is rounding. */
function bestCombination(
  residual: Decimal,
  candidates: readonly ResidualPart[],
  rounding: Decimal,
): ResidualPart[] | undefined {
  const fitting = combinations(candidates)
    .map((parts) => ({ parts, rest: subtract(residual, sum(parts.map(({ amount }) => amount))) }))
    .filter(({ parts, rest }) => parts.length > 0 && abs(rest) <= rounding)
    .sort((a, b) => a.parts.length - b.parts.length || Number(abs(a.rest) - abs(b.rest)));
  const best = fitting[0];
  if (best === undefined) return undefined;
  return best.rest === ZERO ? best.parts : [...best.parts, { reason: "rounding", amount: best.rest }];
}

/** At most six candidates, so at most 64 subsets. */
function combinations(parts: readonly ResidualPart[]): ResidualPart[][] {
  let all: ResidualPart[][] = [[]];
  for (const part of parts) all = all.concat(all.map((chosen) => [...chosen, part]));
  return all;
}
