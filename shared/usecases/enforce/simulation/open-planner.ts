import { prepareSavings } from "../../../clusters/costs/prepare-savings.ts";
import { createPlan } from "../../../clusters/enforcement/plan/create-plan.ts";
import type { PlanInput } from "../../../clusters/enforcement/plan/types.ts";
import type { Plan, Want } from "../../../clusters/enforcement/types.ts";
import { fromInteger } from "../../../core/decimal.ts";
import { priceCluster } from "../../price-cluster.ts";
import type { Runtime } from "../../runtime.ts";
import { createConvertAmount } from "../convert-amount.ts";
import { inventoryOf } from "../plan-cluster.ts";
import { nameOf, openTarget, targetsOf } from "../targets.ts";

/** Plans over one cluster as it is now, for days that are past. */
export interface Planner {
  cluster: string;
  plan(wants: readonly Want[], now: Date): Plan[];
}

/** The clusters that can be planned on; each is read when it is opened. The billing side has no past that could be replayed. */
export async function openPlanner(
  runtime: Runtime,
  clusters: readonly string[] | undefined,
): Promise<{ cluster: string; open(): Promise<Planner> }[]> {
  const targets = await targetsOf(runtime, clusters);
  return targets.flatMap((target) =>
    typeof target === "string" ? [] : [{ cluster: nameOf(target), open: () => readPlanner(runtime, target) }],
  );
}

type Cluster = Exclude<Awaited<ReturnType<typeof targetsOf>>[number], string>;

async function readPlanner(runtime: Runtime, cluster: Cluster): Promise<Planner> {
  const work = await openTarget(runtime, cluster);
  const inventory = await inventoryOf(runtime, work, cluster);
  const priced = await priceCluster(runtime, inventory);
  const common = {
    inventory,
    priced,
    savings: prepareSavings(priced),
    settings: unhurried(runtime.config.enforcement),
    requester: "genops",
    convert: createConvertAmount(runtime),
    ...(cluster.match === undefined ? {} : { match: cluster.match }),
    ...(cluster.rights === undefined ? {} : { rights: cluster.rights }),
  } satisfies Partial<PlanInput>;
  return {
    cluster: cluster.name,
    plan: (wants, now) => [createPlan({ ...common, wants: wants.map((want) => ({ ...want, atOnce: true })), now })],
  };
}

/** What many runs of a day would do together: no cap per run, and no time of the week. */
function unhurried(settings: PlanInput["settings"]): PlanInput["settings"] {
  const caps = { ...settings.caps, objectsPerRun: Number.MAX_SAFE_INTEGER, namespaceShare: fromInteger(1) };
  return { ...settings, caps, windows: [] };
}
