import { describe, expect, it } from "vitest";
import { prepareSavings, type SavingsOf } from "../../../shared/clusters/costs/prepare-savings.ts";
import { priceInventory } from "../../../shared/clusters/costs/price-inventory.ts";
import type { Freed, NodePrice, PricedInventory } from "../../../shared/clusters/costs/types.ts";
import { buildInventory } from "../../../shared/clusters/inventory/build-inventory.ts";
import { type Decimal, fromInteger, fromScaled, multiplyDivide, sum, ZERO } from "../../../shared/core/decimal.ts";
import { sourcesOf } from "../../support/cluster-objects.ts";
import {
  autoscalerStatus,
  chance,
  costOf,
  makeCluster,
  objectsOf,
  type SimCluster,
  settle,
  shrink,
} from "./simulated-cluster.ts";

const SEEDS = Array.from({ length: 60 }, (_each, index) => index + 1);
const FEW = SEEDS.slice(0, 10);

/** What the simulated cluster looks like to us; nodes at their pool's price, of which `committed` percent is paid anyway. */
function pricedOf(cluster: SimCluster, committed: (node: string) => number = () => 0): PricedInventory {
  const inventory = buildInventory(sourcesOf(objectsOf(cluster), { autoscalerStatus: autoscalerStatus(cluster) }));
  const prices = cluster.nodes.map(({ name, pool }): [string, NodePrice] => {
    const perHour = fromInteger(pool.price);
    const committedPerHour = multiplyDivide(perHour, fromInteger(committed(name)), fromInteger(100));
    return [name, { node: name, perHour, committedPerHour, source: "bill" }];
  });
  return priceInventory(inventory, { currency: "USD", prices: new Map(prices) });
}

interface Shrinking {
  workload: SimCluster["workloads"][number];
  pods: number;
}

function someSteps(cluster: SimCluster): Shrinking[] {
  const share = 0.1 + cluster.random() * 0.7;
  const keep = cluster.random() < 0.5 ? 0 : 1;
  const chosen = cluster.workloads.filter(({ pods }) => pods.length > 0 && cluster.random() < share);
  return chosen.map((workload) => ({ workload, pods: Math.max(0, workload.pods.length - keep) }));
}

function freedBy(steps: readonly Shrinking[]): Freed[] {
  return steps.map(({ workload, pods }) => ({ uid: `deployment-apps-w${workload.index}`, pods }));
}

function worlds(seeds: readonly number[]): { cluster: SimCluster; priced: PricedInventory; savings: SavingsOf }[] {
  return seeds.map((seed) => {
    const cluster = makeCluster(seed);
    const priced = pricedOf(cluster);
    return { cluster, priced, savings: prepareSavings(priced) };
  });
}

describe("what is claimed to be saved, against an autoscaler of its own", { timeout: 120_000 }, () => {
  it("is never above 110 % of what is realised, and off by 10 % at most in the median", () => {
    const outcomes = worlds(SEEDS).map(({ cluster, savings }) => {
      const steps = someSteps(cluster);
      const claimed = Number(savings(freedBy(steps)).perHour) / 1e18;
      const before = costOf(cluster);
      for (const { workload, pods } of steps) shrink(workload, pods);
      settle(cluster);
      return { claimed, realised: before - costOf(cluster) };
    });
    const telling = outcomes.filter(({ realised }) => realised > 0);
    const errors = telling.map(({ claimed, realised }) => Math.abs(claimed / realised - 1)).sort((a, b) => a - b);
    const median = errors[Math.floor(errors.length / 2)] ?? 0;
    const most = Math.max(...telling.map(({ claimed, realised }) => claimed / realised));
    const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
    console.info(
      `${outcomes.length} clusters, ${telling.length} with savings: median error ${percent(median)}, claimed at most ${percent(most)} of realised`,
    );
    expect(outcomes.filter(({ claimed, realised }) => claimed > 1.1 * realised)).toEqual([]);
    expect(median).toBeLessThanOrEqual(0.1);
    expect(telling.length).toBeGreaterThan(50);
  });
});

describe("savings", { timeout: 120_000 }, () => {
  it("add up over the steps to the last digit, and are worth no more than the nodes that go", () => {
    for (const { cluster, priced, savings } of worlds(FEW)) {
      const steps = someSteps(cluster);
      const { perHour, byStep, releasedNodes } = savings(freedBy(steps));
      expect(sum(byStep)).toBe(perHour);
      expect(byStep).toHaveLength(steps.length);
      expect(perHour).toBe(sum(releasedNodes.map((name) => priced.nodes.get(name)?.perHour ?? ZERO)));
      expect(byStep.every((part) => part >= 0n)).toBe(true);
    }
  });

  it("never count a node of a pool without an autoscaler, nor more nodes than the pool may lose", () => {
    for (const { cluster, priced, savings } of worlds(FEW)) {
      const all = cluster.workloads.map((workload) => ({ workload, pods: workload.pods.length }));
      const gone = new Set(savings(freedBy(all)).releasedNodes);
      for (const { nodes, autoscaled, minNodes } of priced.inventory.nodePools) {
        const left = nodes.filter((name) => !gone.has(name)).length;
        expect(left).toBeGreaterThanOrEqual(autoscaled ? Math.min(minNodes, nodes.length) : nodes.length);
      }
    }
  });

  it("never count what is committed", () => {
    for (const seed of FEW) {
      const cluster = makeCluster(seed);
      const random = chance(seed + 1000);
      const shares = new Map(cluster.nodes.map(({ name }) => [name, Math.floor(random() * 101)]));
      const priced = pricedOf(cluster, (name) => shares.get(name) ?? 0);
      const { perHour, releasedNodes } = prepareSavings(priced)(freedBy(someSteps(cluster)));
      const net = (name: string): Decimal => {
        const price = priced.nodes.get(name);
        return price === undefined ? ZERO : fromScaled(price.perHour - price.committedPerHour);
      };
      expect(perHour).toBe(sum(releasedNodes.map(net)));
      const paid = prepareSavings(pricedOf(cluster, () => 100));
      expect(paid(freedBy(someSteps(cluster))).perHour).toBe(ZERO);
    }
  });

  it("are nothing for nothing, the same for the same, and the most for everything", () => {
    for (const { cluster, savings } of worlds(FEW)) {
      expect(savings([])).toMatchObject({ perHour: ZERO, byStep: [], releasedNodes: [] });
      const steps = freedBy(someSteps(cluster));
      expect(savings(steps)).toEqual(savings(steps));
      const all = freedBy(cluster.workloads.map((workload) => ({ workload, pods: workload.pods.length })));
      expect(savings(all).perHour).toBeGreaterThanOrEqual(savings(steps).perHour);
    }
  });

  it("grow with the steps, but for what one order of packing makes of it: at most a tenth back", () => {
    let falls = 0;
    let asked = 0;
    for (const { cluster, savings } of worlds(FEW)) {
      const steps = freedBy(someSteps(cluster));
      const all = savings(freedBy(cluster.workloads.map((workload) => ({ workload, pods: workload.pods.length }))));
      let most = 0;
      for (let count = 0; count <= steps.length; count += Math.max(1, Math.floor(steps.length / 6))) {
        const now = Number(savings(steps.slice(0, count)).perHour);
        asked += 1;
        if (now < most) falls += 1;
        expect(most - now).toBeLessThanOrEqual(Number(all.perHour) / 10 + 1);
        most = Math.max(most, now);
      }
    }
    expect(falls).toBeLessThan(asked / 10);
  });
});
