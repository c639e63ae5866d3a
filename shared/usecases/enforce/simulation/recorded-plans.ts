import type { Plan } from "../../../clusters/enforcement/types.ts";
import type { Day } from "../../../core/period.ts";
import type { Runtime } from "../../runtime.ts";
import { listDryRuns } from "../dry-run-log.ts";

/** Plans of dry runs by their day; a plan that stood for several runs of a day counts once. */
export async function recordedPlans(
  { lake }: Runtime,
  since: Day,
  clusters: readonly string[] | undefined,
): Promise<Map<Day, Plan[]>> {
  const logged = await listDryRuns(lake, since);
  const asked = logged.filter(({ plan }) => clusters?.includes(plan.cluster) !== false);
  const days = Map.groupBy(asked, ({ lastSeenAt }) => lastSeenAt.slice(0, 10));
  return new Map([...days].map(([day, entries]) => [day, lastOfEach(entries.map(({ plan }) => plan))]));
}

/** The plans that the last run of a day made for each cluster (one for each kind of consent): earlier ones were of an earlier state. */
function lastOfEach(plans: readonly Plan[]): Plan[] {
  return [...Map.groupBy(plans, ({ cluster }) => cluster).values()].flatMap((all) => {
    const last = all
      .map(({ createdAt }) => createdAt)
      .toSorted()
      .at(-1);
    return all.filter(({ createdAt }) => createdAt === last);
  });
}
