import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type EstimateTree, reconcile } from "../../../../shared/governance/anomalies/hierarchy/reconcile.ts";
import { judgeSeries } from "../../../../shared/governance/anomalies/observe/judge-series.ts";
import type { AnomalyMemory } from "../../../../shared/governance/anomalies/observe/memory.ts";
import { seriesNodes } from "../../../../shared/governance/anomalies/series/series-nodes.ts";
import type { LeafTable, SeriesNode } from "../../../../shared/governance/anomalies/series/types.ts";
import type { Sensitivity } from "../../../../shared/governance/anomalies/types.ts";
import { simpleWatch } from "../../../unit/governance/anomalies/observe/simple-watch.ts";

const estimate = fc.record({
  value: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  variance: fc.oneof(fc.constant(0), fc.double({ min: 1e-3, max: 1e6, noNaN: true })),
});
const trees = fc.letrec<{ tree: EstimateTree<symbol> }>((tie) => ({
  tree: fc.record(
    {
      key: fc.constant(null).map(() => Symbol()),
      estimate,
      children: fc.oneof({ depthSize: "small" }, fc.constant([]), fc.array(tie("tree"), { maxLength: 4 })),
    },
    { requiredKeys: ["key", "children"] },
  ),
})).tree;

describe("reconcile", () => {
  it("makes every parent exactly the sum of its children", () => {
    fc.assert(
      fc.property(trees, (tree) => {
        const values = reconcile(tree);
        const check = ({ key, children }: EstimateTree<symbol>): void => {
          if (children.length === 0) return;
          expect(values.get(key)).toBe(children.reduce((sum, child) => sum + (values.get(child.key) ?? Number.NaN), 0));
          for (const child of children) check(child);
        };
        check(tree);
        expect([...values.values()].every(Number.isFinite)).toBe(true);
      }),
    );
  });

  it("leaves estimates alone that add up already", () => {
    fc.assert(
      fc.property(
        fc.array(estimate, { minLength: 1, maxLength: 9 }),
        fc.double({ min: 0.1, max: 1e6, noNaN: true }),
        (children, variance) => {
          const value = children.reduce((sum, child) => sum + child.value, 0);
          const values = reconcile<number>({
            key: -1,
            estimate: { value, variance },
            children: children.map((one, key) => ({ key, estimate: one, children: [] })),
          });
          for (const [key, one] of children.entries()) expect(values.get(key)).toBeCloseTo(one.value, 4);
        },
      ),
    );
  });
});

const DAYS = 60;
const ONSET = 56;
const BY = ["provider", "account", "service"];
const sensitivity: Sensitivity = { falseAlertsPer90Days: 1, floor: 1, planned: [], newLevels: [], caution: 1 };

interface Organisation {
  providers: number;
  accounts: number;
  services: number;
  seed: number;
}

const organisations: fc.Arbitrary<Organisation> = fc.record({
  providers: fc.integer({ min: 1, max: 3 }),
  accounts: fc.integer({ min: 2, max: 5 }),
  services: fc.integer({ min: 2, max: 5 }),
  seed: fc.nat(),
});

/** Leaves of levels within a factor of 30, with 2 % of noise. */
function tableOf({ providers, accounts, services, seed }: Organisation): LeafTable {
  const random = seeded(seed);
  const leaves = Array.from({ length: providers * accounts * services }, (_none, i) => {
    const provider = `p${i % providers}`;
    const account = `${provider}-a${Math.floor(i / providers) % accounts}`;
    const level = 20 * 30 ** random();
    return {
      provider,
      currency: "USD",
      values: [provider, account, `s${Math.floor(i / providers / accounts)}`],
      costs: Float64Array.from({ length: DAYS }, () => level * (1 + 0.02 * normal(random))),
    };
  });
  return { by: BY, start: "2026-01-01", days: DAYS, leaves };
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Sum of twelve uniform numbers less six. */
function normal(random: () => number): number {
  return Array.from({ length: 12 }, random).reduce((sum, each) => sum + each, -6);
}

/** Every leaf of a series costs `times` as much from the onset on. */
function inject(table: LeafTable, node: SeriesNode, times: number): void {
  for (const leaf of node.leaves) {
    const { costs } = table.leaves[leaf] ?? { costs: new Float64Array() };
    for (let day = ONSET; day < DAYS; day += 1) costs[day] = (costs[day] ?? 0) * times;
  }
}

/** Evening after evening, as the product does. */
function replay(table: LeafTable) {
  let memory: AnomalyMemory = { through: "2026-02-24", series: {}, told: [] };
  for (let days = ONSET; days <= DAYS; days += 1) {
    const known = {
      ...table,
      days,
      leaves: table.leaves.map((leaf) => ({ ...leaf, costs: leaf.costs.slice(0, days) })),
    };
    memory = judgeSeries({
      table: known,
      completenessOf: () => [],
      createWatch: simpleWatch,
      sensitivityOf: () => sensitivity,
      memory,
    }).memory;
  }
  return memory.told;
}

describe("one alert per cause", () => {
  it("tells a cause once, at the level where it lives", () => {
    fc.assert(
      fc.property(
        organisations,
        fc.nat(),
        fc.double({ min: 1.6, max: 4, noNaN: true }),
        (organisation, place, times) => {
          const table = tableOf(organisation);
          const nodes = seriesNodes(table);
          const node = nodes[place % nodes.length];
          if (node !== undefined) inject(table, node, times);
          expect(replay(table).map(({ series }) => series)).toEqual([seriesNodes(table)[place % nodes.length]?.id]);
        },
      ),
      { numRuns: 60 },
    );
  });
});
