import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../../shared/clusters/connections/types.ts";
import { priceInventory } from "../../../shared/clusters/costs/price-inventory.ts";
import type { NodePrice } from "../../../shared/clusters/costs/types.ts";
import { buildInventory } from "../../../shared/clusters/inventory/build-inventory.ts";
import type { Inventory } from "../../../shared/clusters/inventory/types.ts";
import { fromScaled, sum, ZERO } from "../../../shared/core/decimal.ts";
import { deployed, namespace, node, object, sourcesOf } from "../../support/cluster-objects.ts";

const NODES = ["n1", "n2", "n3"];
const NAMESPACES = ["a", "b", "c"];

interface Part {
  namespace: string;
  name: string;
  cpu: number;
  memory: number;
  gpu: number;
  nodes: readonly string[];
  used: number;
  scaled: boolean;
  guarded: boolean;
}

/** Few names, so that the same ones stand in several namespaces. */
const part: fc.Arbitrary<Part> = fc.record({
  namespace: fc.constantFrom(...NAMESPACES),
  name: fc.constantFrom("web", "worker"),
  cpu: fc.integer({ min: 0, max: 3_000 }),
  memory: fc.integer({ min: 0, max: 8_000 }),
  gpu: fc.integer({ min: 0, max: 2 }),
  nodes: fc.array(fc.constantFrom(...NODES), { maxLength: 4 }),
  used: fc.integer({ min: 0, max: 4_000_000_000 }),
  scaled: fc.boolean(),
  guarded: fc.boolean(),
});
const parts = fc.uniqueArray(part, { maxLength: 6, selector: ({ namespace: home, name }) => `${home}/${name}` });

function objectsOf(each: Part): KubeObject[] {
  const { namespace: home, name } = each;
  const made = deployed({
    namespace: home,
    name,
    cpu: `${each.cpu}m`,
    memory: `${each.memory}Mi`,
    ...(each.gpu === 0 ? {} : { gpu: String(each.gpu) }),
    nodes: each.nodes,
  });
  const metrics = made
    .filter(({ kind }) => kind === "Pod")
    .map(({ metadata }) => ({
      ...object("metrics.k8s.io/v1beta1", "PodMetrics", { namespace: home, name: metadata.name }),
      containers: [{ name: "main", usage: { cpu: `${each.used}n`, memory: `${each.used}` } }],
    }));
  const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name };
  const hpa = object(
    "autoscaling/v2",
    "HorizontalPodAutoscaler",
    { namespace: home, name },
    { spec: { scaleTargetRef } },
  );
  const spec = { minAvailable: 1, selector: { matchLabels: { app: name } } };
  const budget = object("policy/v1", "PodDisruptionBudget", { namespace: home, name }, { spec });
  return [...made, ...metrics, ...(each.scaled ? [hpa] : []), ...(each.guarded ? [budget] : [])];
}

function inventoryOf(all: readonly Part[], order: <T>(items: T[]) => T[] = (items) => items): Inventory {
  const machines = NODES.map((name, index) => node({ name, ...(index === 0 ? { gpu: "4" } : {}) }));
  const spaces = NAMESPACES.map((name) => namespace(name, { labels: { team: name } }));
  return buildInventory(sourcesOf(order([...spaces, ...machines, ...all.flatMap(objectsOf)])));
}

const price = fc.bigInt({ min: 0n, max: 10n ** 20n }).map(fromScaled);

describe("an inventory", () => {
  it("never mixes workloads of one name in two namespaces, whatever the order of the lists", () => {
    fc.assert(
      fc.property(parts, fc.boolean(), (all, reversed) => {
        const { workloads, loosePods } = inventoryOf(all, (items) => (reversed ? items.reverse() : items));
        expect(loosePods).toEqual([]);
        expect(workloads).toHaveLength(all.length);
        for (const each of all) {
          const [found, ...more] = workloads.filter(
            ({ ref }) => ref.namespace === each.namespace && ref.name === each.name,
          );
          expect(more).toEqual([]);
          expect(found?.governance.team).toBe(each.namespace);
          expect(found?.pods).toHaveLength(each.nodes.length);
          expect(found?.pods.every((pod) => pod.namespace === each.namespace)).toBe(true);
          expect(found?.replicaOwner.kind).toBe(each.scaled ? "hpa" : "nobody");
          expect(found?.disruptionBudgets).toHaveLength(each.guarded ? 1 : 0);
        }
      }),
    );
  });
});

describe("its prices", () => {
  it("add up: workloads and idle are the nodes, to the last digit; pods are their workload", () => {
    fc.assert(
      fc.property(parts, fc.tuple(price, price, price), (all, perHour) => {
        const inventory = inventoryOf(all);
        const prices = NODES.map((name, index): [string, NodePrice] => [
          name,
          { node: name, perHour: perHour[index] ?? ZERO, committedPerHour: ZERO, source: "bill" },
        ]);
        const priced = priceInventory(inventory, { currency: "USD", prices: new Map(prices) });
        const workloads = [...priced.workloads.values()];
        const idle = [...priced.idle.values()].flatMap(({ cpu, memory, gpu }) => [cpu, memory, gpu]);
        expect(sum([...workloads.map((each) => each.perHour), ...idle])).toBe(sum(perHour));
        expect(priced.perHour).toBe(sum(perHour));
        expect([...workloads.map((each) => each.perHour), ...idle].every((each) => each >= 0n)).toBe(true);
        for (const { ref, pods } of inventory.workloads) {
          const own = priced.workloads.get(ref.uid);
          expect(own?.perHour).toBe(sum(pods.map(({ uid }) => priced.pods.get(uid) ?? ZERO)));
        }
      }),
    );
  });

  it("are within 1 % of what OpenCost's formula gives for the same input", () => {
    fc.assert(
      fc.property(parts, fc.integer({ min: 1, max: 5_000 }), (all, cents) => {
        const inventory = inventoryOf(all);
        const prices = NODES.map((name): [string, NodePrice] => [
          name,
          { node: name, perHour: fromScaled(BigInt(cents) * 10n ** 16n), committedPerHour: ZERO, source: "bill" },
        ]);
        const priced = priceInventory(inventory, { currency: "USD", prices: new Map(prices) });
        for (const each of all) {
          const crowded = each.nodes.some((name) => isOvercommitted(all, name));
          const ours = inventory.workloads.find(
            ({ ref }) => ref.namespace === each.namespace && ref.name === each.name,
          );
          const cost = Number(priced.workloads.get(ours?.ref.uid ?? "")?.perHour ?? 0) / 1e18;
          const theirs = each.nodes.reduce((total, name) => total + openCostPod(each, name, cents / 100), 0);
          // Where pods want more than a node has, OpenCost's idle is negative and ours is none: then ours is less.
          if (crowded) expect(cost).toBeLessThanOrEqual(theirs * 1.01 + 1e-9);
          else expect(Math.abs(cost - theirs)).toBeLessThanOrEqual(theirs * 0.01 + 1e-9);
        }
      }),
    );
  });
});

/*
 * OpenCost's own way (`GetNodeCost`, `ComputeAllocation`), in floats and one pod at a time: the node's price over `ramMultiple` is the price of
 * a GiB, the others follow by the ratio of its default prices; a pod pays max(request, usage) of cores and bytes, and the GPUs it asked for.
 */
const DEFAULTS = { cpu: 0.031611, ram: 0.004237, gpu: 0.95 };

function openCostPod(each: Part, name: string, nodePrice: number): number {
  const gpus = name === NODES[0] ? 4 : 0;
  const cpuToRam = DEFAULTS.cpu / DEFAULTS.ram;
  const gpuToRam = DEFAULTS.gpu / DEFAULTS.ram;
  const ramPrice = nodePrice / (gpus * gpuToRam + 4 * cpuToRam + 16);
  const cores = Math.max(each.cpu / 1000, each.used / 1e9);
  const gibibytes = Math.max(each.memory / 1024, each.used / 1024 ** 3);
  return cores * ramPrice * cpuToRam + gibibytes * ramPrice + (gpus > 0 ? each.gpu * ramPrice * gpuToRam : 0);
}

function isOvercommitted(all: readonly Part[], name: string): boolean {
  const on = all.flatMap((each) => each.nodes.filter((other) => other === name).map(() => each));
  const cores = on.reduce((total, each) => total + Math.max(each.cpu / 1000, each.used / 1e9), 0);
  const gibibytes = on.reduce((total, each) => total + Math.max(each.memory / 1024, each.used / 1024 ** 3), 0);
  return cores > 4 || gibibytes > 16 || (name === NODES[0] && on.reduce((total, { gpu }) => total + gpu, 0) > 4);
}
