import type { KubeObject } from "../../shared/clusters/connections/types.ts";
import { prepareSavings } from "../../shared/clusters/costs/prepare-savings.ts";
import { priceInventory } from "../../shared/clusters/costs/price-inventory.ts";
import { createPlan } from "../../shared/clusters/enforcement/plan/create-plan.ts";
import type { Plan } from "../../shared/clusters/enforcement/types.ts";
import { fromInteger, parseDecimal } from "../../shared/core/decimal.ts";
import { hpa } from "../support/action-subjects.ts";
import { deployed, node, nodePool, workload } from "../support/cluster-objects.ts";
import { blocking, capsOf, enforcementSettings, inventoryOf, NOW, opted, wanted } from "../support/plan-world.ts";

const WORKLOADS = 10_000;
const NAMESPACES = 400;
const NODES = 1_500;
const REPETITIONS = 3;

/** Milliseconds of the processor, of which other programs take nothing. */
interface PlanBench {
  inventory: number;
  price: number;
  savings: number;
  plan: number;
  steps: number;
}

/** Times of a plan over a large cluster: with the shipped caps, and without any. */
export function printPlanBench(print: (line: string) => void): void {
  const objects = largeCluster();
  print(
    `a plan over ${WORKLOADS} workloads on ${NODES} nodes (aim: 3 s or less from the inventory on; processor time)`,
  );
  const cases = {
    "throttle, shipped caps": {
      caps: capsOf({ objectsPerRun: 20, namespaceShare: parseDecimal("0.25") }),
      want: throttle,
    },
    "throttle, no caps": { caps: capsOf(), want: throttle },
    "block, no caps": { caps: capsOf(), want: wanted({ ...blocking, atOnce: true }) },
  };
  for (const [name, { caps, want }] of Object.entries(cases)) {
    const runs = Array.from({ length: REPETITIONS }, () => measure(objects, want, caps));
    const { inventory, price, savings, plan, steps } = medianOf(runs);
    const whole = price + savings + plan;
    const parts = `price ${price.toFixed(0)}, prepare savings ${savings.toFixed(0)}, plan ${plan.toFixed(0)}`;
    print(
      `  ${name.padEnd(22)} ${whole.toFixed(0)} ms (${parts}), ${steps} steps; the inventory before it ${inventory.toFixed(0)} ms`,
    );
  }
}

const throttle = wanted({ atOnce: true, reduceByPerHour: fromInteger(60) });

function measure(objects: readonly KubeObject[], want: typeof throttle, caps: ReturnType<typeof capsOf>): PlanBench {
  const [inventory, inventoryMs] = timed(() => inventoryOf(objects));
  const prices = new Map(
    inventory.nodes.map(({ ref: { name } }) => [
      name,
      { node: name, perHour: parseDecimal("0.768"), committedPerHour: fromInteger(0), source: "list" as const },
    ]),
  );
  const [priced, priceMs] = timed(() => priceInventory(inventory, { prices, currency: "USD" }));
  const [savings, savingsMs] = timed(() => prepareSavings(priced));
  const settings = enforcementSettings({ caps });
  const [plan, planMs] = timed(
    (): Plan =>
      createPlan({
        inventory,
        priced,
        savings,
        wants: [want],
        settings,
        now: NOW,
        requester: "genops",
        dataAgeHours: 1,
      }),
  );
  if (plan.steps.length === 0) throw new Error("the bench plans nothing");
  return { inventory: inventoryMs, price: priceMs, savings: savingsMs, plan: planMs, steps: plan.steps.length };
}

/** A fifth with autoscalers, a tenth CronJobs, three environments; pods of half a core, packed as schedulers do. */
function largeCluster(): KubeObject[] {
  const objects: KubeObject[] = [nodePool("general", { consolidationPolicy: "WhenEmptyOrUnderutilized" })];
  for (let index = 0; index < NODES; index++) objects.push(node({ name: `node-${index}`, cpu: "16", memory: "64Gi" }));
  const places = Array.from({ length: NAMESPACES }, (_, index) => `team-${index}`);
  const environments = ["dev", "staging", "prod"];
  for (const [index, name] of places.entries()) {
    const environment = environments[index % 3] ?? "dev";
    objects.push(opted(name, "block", { "genops.ai/environment": environment, "genops.ai/team": `t${index % 40}` }));
  }
  let pods = 0;
  for (let index = 0; index < WORKLOADS; index++) {
    const namespace = places[index % NAMESPACES] ?? "";
    const name = `w-${index}`;
    if (index % 10 === 9) {
      objects.push(workload("batch/v1", "CronJob", { namespace, name, cpu: "500m" }));
      continue;
    }
    const nodes = Array.from({ length: 1 + (index % 6) }, () => `node-${Math.floor(pods++ / 26) % NODES}`);
    const made = deployed({ namespace, name, nodes, cpu: "500m", memory: "2Gi" });
    objects.push(...made);
    const [top] = made;
    if (index % 5 === 0 && top !== undefined) objects.push(hpa(top, { min: 1, max: 20, current: nodes.length }));
  }
  return objects;
}

function timed<Result>(work: () => Result): [Result, number] {
  const start = process.cpuUsage();
  const result = work();
  return [result, process.cpuUsage(start).user / 1000];
}

function medianOf(runs: readonly PlanBench[]): PlanBench {
  const median = (of: (run: PlanBench) => number) =>
    runs.map(of).sort((a, b) => a - b)[Math.floor(runs.length / 2)] ?? 0;
  return {
    inventory: median((run) => run.inventory),
    price: median((run) => run.price),
    savings: median((run) => run.savings),
    plan: median((run) => run.plan),
    steps: median((run) => run.steps),
  };
}
