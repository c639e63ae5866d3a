import { prepareSavings } from "../../clusters/costs/prepare-savings.ts";
import type { PricedInventory } from "../../clusters/costs/types.ts";
import { controlName } from "../../clusters/enforcement/actions/billing/control-name.ts";
import {
  BILLING,
  type BillingStates,
  billingSteps,
  billingTargets,
} from "../../clusters/enforcement/actions/billing/steps.ts";
import { listExemptions } from "../../clusters/enforcement/approvals/exemptions.ts";
import { readHolds } from "../../clusters/enforcement/hold/document.ts";
import { createPlan } from "../../clusters/enforcement/plan/create-plan.ts";
import { splitPlan } from "../../clusters/enforcement/plan/split-plan.ts";
import type { HumanAction } from "../../clusters/enforcement/plan/types.ts";
import { withExemptions } from "../../clusters/enforcement/plan/with-exemptions.ts";
import type { LeftOut, Plan, Step, Want } from "../../clusters/enforcement/types.ts";
import { readInventory } from "../../clusters/inventory/read-inventory.ts";
import type { Inventory } from "../../clusters/inventory/types.ts";
import { type Decimal, divide, fromInteger, max, subtract, sum, ZERO } from "../../core/decimal.ts";
import { messageOf } from "../../core/errors.ts";
import { priceCluster } from "../price-cluster.ts";
import type { Runtime } from "../runtime.ts";
import type { ClusterWork } from "./cluster-work.ts";
import { createConvertAmount } from "./convert-amount.ts";

export interface PlanWishes {
  wants: readonly Want[];
  /** Of the bills that the wants were decided on. */
  dataAgeHours: number | undefined;
  /** `genops`, or who asks. */
  requester: string;
  humanActions?: readonly HumanAction[];
}

/** What would be done in one cluster now: one plan for each kind of consent that its steps need. A plan without steps tells what was left out. */
export async function planCluster(runtime: Runtime, work: ClusterWork, wishes: PlanWishes): Promise<Plan[]> {
  const { config, clock, lake } = runtime;
  const found = work.config === undefined ? emptyInventory(clock.now()) : await inventoryOf(runtime, work, work.config);
  const now = clock.evaluationNow();
  const inventory = withExemptions(found, await listExemptions(lake, clock.now()));
  const priced = await priceCluster(runtime, inventory);
  const billing = await planBilling(runtime, work, { wants: wishes.wants, now, priced });
  const plan = createPlan({
    inventory,
    priced,
    savings: prepareSavings(priced),
    wants: wishes.wants,
    settings: config.enforcement,
    holds: await readHolds(lake, inventory.cluster, inventory.clusterUid),
    now,
    requester: wishes.requester,
    billingSteps: billing.steps,
    convert: createConvertAmount(runtime),
    ...(work.config?.match === undefined ? {} : { match: work.config.match }),
    ...(work.config?.rights === undefined ? {} : { rights: work.config.rights }),
    ...(wishes.dataAgeHours === undefined ? {} : { dataAgeHours: wishes.dataAgeHours }),
    ...(wishes.humanActions === undefined ? {} : { humanActions: wishes.humanActions }),
  });
  const leftOut = work.config === undefined ? billing.leftOut : [...plan.leftOut, ...billing.leftOut];
  return splitPlan({ ...plan, leftOut }, config.enforcement);
}

export async function inventoryOf(
  { config, clock }: Runtime,
  { client }: ClusterWork,
  cluster: NonNullable<ClusterWork["config"]>,
): Promise<Inventory> {
  return readInventory(client, {
    provider: cluster.provider,
    ...("region" in cluster ? { region: cluster.region } : {}),
    protectedNamespaces: config.enforcement.protectedNamespaces,
    allocation: config.allocation,
    clock,
  });
}

/** Its own steps: pools of this cluster, or what belongs to none. What cannot be read is left out with the cloud's words. */
async function planBilling(
  { config }: Runtime,
  { name, controls }: ClusterWork,
  { wants, now, priced }: { wants: readonly Want[]; now: Date; priced: PricedInventory },
): Promise<{ steps: Step[]; leftOut: LeftOut[] }> {
  const billing = onlyOurs(config.enforcement.billing, name);
  const budgets = new Set(wants.map(({ budget }) => budget));
  const states: Record<string, BillingStates[string]> = {};
  for (const { budget, target } of billingTargets(billing)) {
    if (budgets.has(budget))
      states[controlName(target)] = await controls.read(target).catch((error: unknown) => messageOf(error));
  }
  const pricePerNode = (_cluster: string, pool: string) => poolNodePrice(priced, pool);
  return billingSteps(wants, billing, states, { clusters: config.clusters, now, pricePerNode });
}

/** What a node of a pool costs per hour without what is paid anyway, the mean of its nodes; undefined: no price of them is known. */
function poolNodePrice({ inventory, nodes }: PricedInventory, pool: string): Decimal | undefined {
  const members = inventory.nodePools.find(({ name }) => name === pool)?.nodes ?? [];
  const prices = members.flatMap((node) => nodes.get(node) ?? []);
  if (prices.length === 0) return undefined;
  const net = prices.map(({ perHour, committedPerHour }) => max(ZERO, subtract(perHour, committedPerHour)));
  return divide(sum(net), fromInteger(net.length));
}

/** The settings without what is another cluster's. */
function onlyOurs(billing: Runtime["config"]["enforcement"]["billing"], name: string): typeof billing {
  const isBilling = name === BILLING;
  return {
    ...billing,
    awsBudgetActions: isBilling ? billing.awsBudgetActions : [],
    gcpDetachBilling: isBilling ? billing.gcpDetachBilling : [],
    nodePools: billing.nodePools.filter(({ cluster }) => cluster === name),
  };
}

function emptyInventory(now: Date): Inventory {
  return {
    cluster: BILLING,
    provider: "snapshot",
    clusterUid: BILLING,
    version: "",
    readAt: now.toISOString(),
    features: { admissionPolicies: false, keda: false, karpenter: false, rollouts: false, metrics: false },
    namespaces: [],
    workloads: [],
    nodes: [],
    nodePools: [],
    loosePods: [],
    problems: [],
  };
}
