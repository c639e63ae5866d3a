import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { applyPlan } from "../../shared/clusters/enforcement/transaction/apply-plan.ts";
import type { TransactionDeps } from "../../shared/clusters/enforcement/transaction/types.ts";
import { createSystemClock } from "../../shared/platforms/local/system.ts";
import { fieldStep, planOf } from "../support/enforcement/plans.ts";
import { createEnforcer } from "../support/enforcement/world.ts";
import type { ClusterPlace } from "./cluster-server.ts";

const REPETITIONS = 5;

/** Prints what a whole plan of as many steps on fields takes: read, dry run, write and second look of each object, and the holds in the lake. */
export async function printApplyBench(print: (line: string) => void, steps: number, floorMs: number): Promise<void> {
  const times: number[] = [];
  let each = 0;
  for (let repetition = 0; repetition <= REPETITIONS; repetition++) {
    const server = fork(fileURLToPath(new URL("cluster-server.ts", import.meta.url)), [String(steps)]);
    try {
      const [place] = (await once(server, "message")) as [ClusterPlace];
      const { deps } = createEnforcer(place, {
        clock: createSystemClock(),
        caps: { objectsPerRun: steps, restoresPerRun: steps },
      });
      const plan = await planOn(deps, steps);
      const before = await requestsOf(server);
      const started = performance.now();
      const report = await applyPlan(deps, plan);
      const ms = performance.now() - started;
      const active = report.steps.filter(({ outcome }) => outcome === "active").length;
      if (active !== steps) throw new Error(`${active} of ${steps} steps are active`);
      each = ((await requestsOf(server)) - before) / steps;
      if (repetition > 0) times.push(ms); // the first warms up the compiler
    } finally {
      server.disconnect();
    }
  }
  const sorted = times.toSorted((a, b) => a - b);
  const [low = 0, middle = 0, high = 0] = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)];
  const floor = each * floorMs;
  print(`a plan of ${steps} steps on fields, carried out on the fake API server of the same latency`);
  print(`  ${each.toFixed(2)} requests per object; floor of so many rounds ${floor.toFixed(0)} ms`);
  print(
    `  ${"applyPlan".padEnd(48)} ${middle.toFixed(0)} ms (${(middle / floor).toFixed(2)} ×), ${low.toFixed(0)} – ${high.toFixed(0)} ms`,
  );
}

async function planOn({ client }: TransactionDeps, steps: number) {
  const objects = await client.list("apps/v1", "Deployment", { namespace: "ml" });
  const identity = await client.get({ apiVersion: "v1", kind: "Namespace", name: "kube-system" });
  if (objects.length !== steps) throw new Error(`${objects.length} Deployments instead of ${steps}`);
  const made = objects.map((live) => fieldStep(client.cluster, live, { "/spec/replicas": 0 }));
  return planOf(client.cluster, identity?.metadata.uid ?? "", made);
}

async function requestsOf(server: ChildProcess): Promise<number> {
  const answer = once(server, "message");
  server.send("count");
  const [count] = (await answer) as [number];
  return count;
}
