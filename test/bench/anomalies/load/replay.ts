import { judgeSeries } from "../../../../shared/governance/anomalies/observe/judge-series.ts";
import type { AnomalyMemory, ToldCause } from "../../../../shared/governance/anomalies/observe/memory.ts";
import type { CreateWatch, FalseAlerts } from "../../../../shared/governance/anomalies/types.ts";
import { createLagLearner } from "../../../../shared/ledger/completeness/lag-learner.ts";
import { dayAt, knownOn, type OrganisationLeaf } from "./organisation.ts";

const HISTORY_DAYS = 120;
/** Mornings before the first that counts, so that what had begun by then is told by then. */
const WARM_UP_DAYS = 14;
/** Restatements of so many days are learnt from before the first evaluation. */
const LEARNT_DAYS = 60;

export interface ReplayInput {
  createWatch: CreateWatch;
  falseAlertsPer90Days: FalseAlerts;
  floor: number;
  /** First and last morning. */
  from: number;
  to: number;
}

/** Evaluates every morning as the product does, with the memory of the morning before; returns the causes that people were told from `from` on. */
export function replay(organisation: readonly OrganisationLeaf[], input: ReplayInput): ToldCause[] {
  const { createWatch, falseAlertsPer90Days, floor } = input;
  const begin = input.from - WARM_UP_DAYS;
  const completenessAt = lagsOf(organisation, begin);
  const told = new Map<string, ToldCause>();
  let memory: AnomalyMemory = { through: dayAt(begin - 2), series: {}, told: [] };
  for (let today = begin; today <= input.to; today += 1) {
    memory = judgeSeries({
      table: knownOn(organisation, today, HISTORY_DAYS),
      completenessOf: completenessAt(today),
      createWatch,
      sensitivityOf: () => ({ falseAlertsPer90Days, floor, planned: [], newLevels: [], caution: 1 }),
      memory,
    }).memory;
    if (today < input.from) continue;
    for (const cause of memory.told.filter(({ alert }) => alert.alertedAt === Date.parse(dayAt(today))))
      told.set(`${cause.series} ${cause.alert.alertedAt}`, cause);
  }
  return [...told.values()];
}

/** How late the bills of each service are over all accounts, learnt from what was seen until each morning, as the ledger does. */
function lagsOf(organisation: readonly OrganisationLeaf[], from: number) {
  const services = Map.groupBy(organisation, ({ provider, service }) => `${provider}\n${service}`);
  const learners = new Map(
    [...services].map(([name, leaves]) => [name, { learner: createLagLearner(), sum: sumOf(leaves) }]),
  );
  let next = from - LEARNT_DAYS;
  return (today: number) => {
    for (; next <= today; next += 1) {
      for (const { learner, sum } of learners.values()) {
        for (const [age, view] of sum.entries())
          learner.see(next - 1, next - 1 - age, view[next - 1 - age] ?? Number.NaN);
      }
    }
    return (provider: string, service: string) => learners.get(`${provider}\n${service}`)?.learner.completeness() ?? [];
  };
}

/** First, second and final look of all leaves together. */
function sumOf(leaves: readonly OrganisationLeaf[]): Float64Array[] {
  return (["first", "second", "final"] as const).map((view) => {
    const sum = new Float64Array(leaves[0]?.[view].length ?? 0);
    for (const leaf of leaves)
      for (let day = 0; day < sum.length; day += 1) sum[day] = (sum[day] ?? 0) + (leaf[view][day] ?? 0);
    return sum;
  });
}
