import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type MeasuredWeights,
  weightKey,
  withMeasuredWeights,
} from "../../../shared/clusters/costs/measured-weights.ts";
import { priceInventory } from "../../../shared/clusters/costs/price-inventory.ts";
import type { NodePrice } from "../../../shared/clusters/costs/types.ts";
import { buildInventory } from "../../../shared/clusters/inventory/build-inventory.ts";
import { fromScaled, sum, ZERO } from "../../../shared/core/decimal.ts";
import { deployed, namespace, node, sourcesOf } from "../../support/cluster-objects.ts";

const money = fc.bigInt({ min: 0n, max: 10n ** 21n }).map(fromScaled);
const apps = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom("a", "b", "c", "d"),
    cpu: fc.integer({ min: 0, max: 900 }),
    nodes: fc.array(fc.constantFrom("n1", "n2"), { maxLength: 3 }),
    weight: fc.option(money),
  }),
  { selector: ({ name }) => name, maxLength: 4 },
);

describe("withMeasuredWeights", () => {
  it("divides the same nodes: workloads and idle add up to them, pods to their workload, nothing is negative", () => {
    fc.assert(
      fc.property(apps, fc.tuple(money, money), money, money, (all, perHour, idle, stray) => {
        const objects = all.flatMap(({ name, cpu, nodes }) =>
          deployed({ namespace: "x", name, cpu: `${cpu}m`, nodes }),
        );
        const machines = ["n1", "n2"].map((name) => node({ name }));
        const inventory = buildInventory(sourcesOf([namespace("x"), ...machines, ...objects]));
        const prices = machines.map(({ metadata: { name } }, index): [string, NodePrice] => [
          name,
          { node: name, perHour: perHour[index] ?? ZERO, committedPerHour: ZERO, source: "bill" },
        ]);
        const native = priceInventory(inventory, { currency: "USD", prices: new Map(prices) });
        const known = all.flatMap(({ name, weight }) =>
          weight === null ? [] : [[`x/deployment/${name}`, weight] as const],
        );
        const weights: MeasuredWeights = {
          by: "OpenCost",
          workloads: new Map([...known, ["x/job/gone", stray]]),
          idle,
        };
        const measured = withMeasuredWeights(native, weights);
        const workloads = [...measured.workloads.values()];
        const left = [...measured.idle.values()].flatMap(({ cpu, memory, gpu }) => [cpu, memory, gpu]);
        expect(sum([...workloads.map((each) => each.perHour), ...left])).toBe(sum(perHour));
        expect([...workloads.map((each) => each.perHour), ...left].every((each) => each >= 0n)).toBe(true);
        for (const workload of inventory.workloads) {
          const cost = measured.workloads.get(workload.ref.uid);
          expect(cost?.perHour).toBe(sum(Object.values(cost?.parts ?? {})));
          if (workload.pods.length > 0)
            expect(cost?.perHour).toBe(sum(workload.pods.map(({ uid }) => measured.pods.get(uid) ?? ZERO)));
          if (!weights.workloads.has(weightKey(workload)) || workload.pods.length === 0)
            expect(cost).toEqual(native.workloads.get(workload.ref.uid));
        }
      }),
    );
  });
});
