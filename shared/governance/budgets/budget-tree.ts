import type { Budget } from "../../config/types.ts";
import { add, type Decimal, formatDecimal, formatFixed, subtract, ZERO } from "../../core/decimal.ts";
import type { Observation } from "../../core/finding.ts";
import type { Day } from "../../core/period.ts";
import type { Convert } from "../convert.ts";
import { budgetPeriod } from "./budget-period.ts";

interface Comparison {
  sum: Decimal;
  /** Names of children that alone have more than the parent. */
  larger: string[];
  /** Children that are counted, with their limits in words. */
  counted: string[];
  /** Children that are not counted, with the reason in words. */
  apart: string[];
}

/**
 * A child cannot silently exceed its parent: one warning per parent whose children's limits add up to more than its own. Children of
 * another currency count at today's rate; children without a rate or with another period are named as not comparable.
 */
export function budgetTreeObservations(budgets: readonly Budget[], today: Day, convert?: Convert): Observation[] {
  const children = Map.groupBy(
    budgets.filter((budget) => budget.parent !== undefined),
    (budget) => budget.parent,
  );
  return budgets.flatMap((parent) => {
    const comparison = compare(parent, children.get(parent.name) ?? [], today, convert);
    return comparison.sum > parent.limit ? [treeObservation(parent, comparison, today)] : [];
  });
}

function compare(parent: Budget, children: readonly Budget[], today: Day, convert: Convert | undefined): Comparison {
  const comparison: Comparison = { sum: ZERO, larger: [], counted: [], apart: [] };
  for (const child of children) {
    const limit = limitIn(child, parent, today, convert);
    if (typeof limit === "string") {
      comparison.apart.push(`${child.name} (${limit})`);
      continue;
    }
    comparison.sum = add(comparison.sum, limit);
    comparison.counted.push(`${child.name} ${formatDecimal(limit)}`);
    if (limit > parent.limit) comparison.larger.push(child.name);
  }
  return comparison;
}

/** The child's limit in the parent's currency, or why the two cannot be compared. */
function limitIn(child: Budget, parent: Budget, today: Day, convert: Convert | undefined): Decimal | string {
  if (!samePeriod(child, parent)) return `per ${child.period.every}`;
  if (child.currency === parent.currency) return child.limit;
  const converted = convert?.({ amount: child.limit, currency: child.currency }, parent.currency, today);
  return converted?.amount ?? `in ${child.currency}, no rate`;
}

function samePeriod({ period: a }: Budget, { period: b }: Budget): boolean {
  if (a.every === "custom" && b.every === "custom") return a.start === b.start && a.end === b.end;
  return a.every === b.every;
}

function treeObservation(parent: Budget, { sum, larger, counted, apart }: Comparison, today: Day): Observation {
  const { start, end } = budgetPeriod(parent.period, today);
  const over = subtract(sum, parent.limit);
  const alone =
    larger.length === 0 ? "" : `; ${larger.join(", ")} alone ${larger.length === 1 ? "has" : "have"} more than that`;
  return {
    kind: "budget-tree",
    rule: "children-exceed-parent",
    level: "warning",
    scope: parent.scope,
    period: { start, end },
    subject: parent.name,
    title:
      `Budgets below ${parent.name} add up to ${formatFixed(sum, 2)} ${parent.currency}, ` +
      `${formatFixed(over, 2)} more than its ${formatFixed(parent.limit, 2)}${alone}`,
    amount: over,
    currency: parent.currency,
    wantedActions: [{ action: "notify", targets: [parent.scope] }],
    evidence: {
      rows: 0,
      contributors: [],
      settledShare: "1",
      waitsFor: "",
      facts: {
        limit: formatDecimal(parent.limit),
        children: counted.join(", "),
        childrenTotal: formatDecimal(sum),
        ...(larger.length === 0 ? {} : { largerThanParent: larger.join(", ") }),
        ...(apart.length === 0 ? {} : { notComparable: apart.join(", ") }),
      },
    },
    recipients: [],
  };
}
