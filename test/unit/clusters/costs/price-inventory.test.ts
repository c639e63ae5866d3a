import { describe, expect, it } from "vitest";
import { priceInventory } from "../../../../shared/clusters/costs/price-inventory.ts";
import { buildInventory } from "../../../../shared/clusters/inventory/build-inventory.ts";
import { formatDecimal, ZERO } from "../../../../shared/core/decimal.ts";
import { deployed, namespace, node, object, pod, sourcesOf } from "../../../support/cluster-objects.ts";
import { price, priced } from "./priced.ts";

const usageOf = (name: string, cpu: string, memory: string) => ({
  ...object("metrics.k8s.io/v1beta1", "PodMetrics", { namespace: "apps", name }),
  containers: [{ name: "main", usage: { cpu, memory } }],
});

describe("priceInventory", () => {
  it("charges the greater of request and use, and calls the rest idle", () => {
    const result = priced(
      [
        namespace("apps"),
        node({ name: "n1", cpu: "4", memory: "0" }),
        ...deployed({ namespace: "apps", name: "asks", cpu: "1", nodes: ["n1"] }),
        ...deployed({ namespace: "apps", name: "uses", cpu: "500m", nodes: ["n1"] }),
        usageOf("asks-abc-0", "10m", "0"),
        usageOf("uses-abc-0", "2", "0"),
      ],
      [price("n1", "8")],
    );
    const costs = [...result.workloads.values()].map(({ name, perHour }) => [name, formatDecimal(perHour)]);
    expect(costs).toEqual([
      ["asks", "2"],
      ["uses", "4"],
    ]);
    expect(formatDecimal(result.idle.get("n1")?.cpu ?? ZERO)).toBe("2");
    expect(result.problems).toEqual([]);
  });

  it("takes the maximum per container, not per pod", () => {
    const containers = [
      { name: "a", resources: { requests: { cpu: "1" } } },
      { name: "b", resources: { requests: { cpu: "0" } } },
    ];
    const objects = [
      node({ name: "n1", cpu: "4", memory: "0" }),
      pod({ namespace: "apps", name: "p", node: "n1", spec: { containers } }),
      {
        ...object("metrics.k8s.io/v1beta1", "PodMetrics", { namespace: "apps", name: "p" }),
        containers: [
          { name: "a", usage: { cpu: "0", memory: "0" } },
          { name: "b", usage: { cpu: "1", memory: "0" } },
        ],
      },
    ];
    const result = priced(objects, [price("n1", "4")]);
    expect([...result.workloads.values()].map(({ perHour }) => formatDecimal(perHour))).toEqual(["2"]);
  });

  it("does not charge pods that wait for their image, have ended, or are nowhere", () => {
    const waiting = { containerStatuses: [{ name: "main", state: { waiting: { reason: "ImagePullBackOff" } } }] };
    const result = priced(
      [
        node({ name: "n1", cpu: "4", memory: "0" }),
        pod({ namespace: "apps", name: "waiting", node: "n1", cpu: "1", phase: "Pending", status: waiting }),
        pod({ namespace: "apps", name: "done", node: "n1", cpu: "1", phase: "Succeeded" }),
        pod({ namespace: "apps", name: "pending", cpu: "1", phase: "Pending" }),
      ],
      [price("n1", "4")],
    );
    expect([...result.workloads.values()].map(({ perHour }) => formatDecimal(perHour))).toEqual(["0", "0", "0"]);
    expect(formatDecimal(result.idle.get("n1")?.cpu ?? ZERO)).toBe("4");
  });

  it("shares a node that is overcommitted, and says so", () => {
    const result = priced(
      [
        node({ name: "n1", cpu: "2", memory: "0" }),
        ...deployed({ namespace: "apps", name: "a", cpu: "1", nodes: ["n1"] }),
        ...deployed({ namespace: "apps", name: "b", cpu: "3", nodes: ["n1"] }),
      ],
      [price("n1", "4")],
    );
    expect([...result.workloads.values()].map(({ perHour }) => formatDecimal(perHour))).toEqual(["1", "3"]);
    expect(formatDecimal(result.idle.get("n1")?.cpu ?? ZERO)).toBe("0");
    expect(result.problems).toEqual([expect.stringContaining("1 node (n1) overcommitted")]);
  });

  it("says which nodes have no price, an estimated one, or could not be read", () => {
    const names = ["n1", "n2", "n3", "n4", "n5"];
    const [, billed] = price("n5", "1");
    const inventory = buildInventory(
      sourcesOf([...names.map((name) => node({ name })), pod({ name: "lost", namespace: "apps", node: "gone" })]),
    );
    const prices = new Map([["n5", { ...billed, source: "estimate" as const }]]);
    expect(priceInventory(inventory, { currency: "USD", prices }).problems).toEqual([
      "4 nodes (n1, n2, n3, …) without a price: counted as free",
      "1 node (n5) neither on the bill nor in a price list: the price is an estimate",
      "1 node (gone) with pods that could not be read: these pods cost nothing here",
    ]);
  });
});
