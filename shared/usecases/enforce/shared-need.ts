import type { ClusterHolds, Want } from "../../clusters/enforcement/types.ts";
import { add, type Decimal, max, subtract, ZERO } from "../../core/decimal.ts";
import type { ClusterOutcome } from "./run-cluster.ts";

/** Money per hour that steps save, by what they are for: the wants of one budget count together. */
export type SavedElsewhere = ReadonlyMap<string, Decimal>;

/** What a step of this policy counts for. */
type FamilyOf = (policy: string) => string;

export function familiesOf(wants: readonly Want[]): FamilyOf {
  const budgets = new Map(wants.map(({ policy, budget }) => [policy, budget]));
  return (policy) => budgets.get(policy) ?? policy;
}

/**
 * What is held in these clusters and cannot show in the bills yet, because it is younger than they are. What is older is in the burn that the
 * want was computed from.
 */
export function savedByHolds(clusters: readonly ClusterHolds[], dataAsOf: Date, familyOf: FamilyOf): SavedElsewhere {
  const saved = new Map<string, Decimal>();
  for (const { holds } of clusters)
    for (const { state, layers } of Object.values(holds))
      for (const { policy, appliedAt, savesPerHour, leaving } of layers)
        if (state === "active" && leaving === undefined && Date.parse(appliedAt) > dataAsOf.getTime())
          count(saved, familyOf(policy), savesPerHour);
  return saved;
}

/** What the plans of this run save in the clusters before, whatever has become of them: a plan that waits for people is not doubled elsewhere. */
export function savedByPlans(outcomes: readonly ClusterOutcome[], familyOf: FamilyOf): SavedElsewhere {
  const saved = new Map<string, Decimal>();
  for (const { plans } of outcomes)
    for (const { plan } of plans)
      for (const { policy, savesPerHour } of plan.steps) count(saved, familyOf(policy), savesPerHour);
  return saved;
}

/** The wants for one cluster: what others save already is not asked of it again. `convert` gives an amount of ours in the want's currency. */
export function wantsBeside(
  wants: readonly Want[],
  elsewhere: readonly SavedElsewhere[],
  convert: (amount: Decimal, to: string) => Decimal | undefined,
): Want[] {
  const familyOf = familiesOf(wants);
  return wants.map((want) => {
    if (want.reduceByPerHour === undefined) return want;
    const saved = elsewhere.reduce((total, each) => add(total, each.get(familyOf(want.policy)) ?? ZERO), ZERO);
    // Without a rate the planner leaves the want out, and says so.
    const inCurrency = convert(saved, want.currency) ?? ZERO;
    return { ...want, reduceByPerHour: max(ZERO, subtract(want.reduceByPerHour, inCurrency)) };
  });
}

function count(saved: Map<string, Decimal>, family: string, amount: Decimal): void {
  saved.set(family, add(saved.get(family) ?? ZERO, amount));
}
