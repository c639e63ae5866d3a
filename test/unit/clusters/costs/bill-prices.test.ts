import { describe, expect, it } from "vitest";
import { billPrices, type MachineDay } from "../../../../shared/clusters/costs/bill-prices.ts";
import { machineOf } from "../../../../shared/clusters/costs/node-ids.ts";
import { buildInventory } from "../../../../shared/clusters/inventory/build-inventory.ts";
import { formatDecimal, parseDecimal } from "../../../../shared/core/decimal.ts";
import { node, sourcesOf } from "../../../support/cluster-objects.ts";

const VMSS = "/subscriptions/s/resourcegroups/g/providers/microsoft.compute/virtualmachinescalesets/aks-p-vmss";

describe("machineOf", () => {
  it.each([
    ["aws:///us-west-2a/i-0ABC", "aws", ["i-0abc"]],
    [
      "azure:///subscriptions/S/resourceGroups/g/providers/Microsoft.Compute/virtualMachineScaleSets/aks-p-vmss/virtualMachines/7",
      "azure",
      [`${VMSS}/virtualmachines/7`, VMSS],
    ],
    [
      "azure:///subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm",
      "azure",
      ["/subscriptions/s/resourcegroups/g/providers/microsoft.compute/virtualmachines/vm"],
    ],
    ["gce://project-1/us-central1-a/gke-main-0", "gcp", ["us-central1-a/gke-main-0"]],
  ])("reads %s", (providerId, provider, keys) => {
    expect(machineOf(providerId)).toEqual({ provider, keys });
  });

  it("does not know other clouds", () => {
    expect(["", "kind://docker/x", "aws://", "i-0abc"].map(machineOf)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

function nodesOf(
  ...machines: { name: string; providerID?: string; type?: string; created?: string; spot?: boolean }[]
) {
  const objects = machines.map(({ name, providerID, type, created, spot }) =>
    node({
      name,
      labels: {
        ...(type === undefined ? {} : { "node.kubernetes.io/instance-type": type }),
        ...(spot === true ? { "karpenter.sh/capacity-type": "spot" } : {}),
      },
      spec: providerID === undefined ? {} : { providerID },
      ...(created === undefined ? {} : { metadata: { creationTimestamp: created } }),
    }),
  );
  return buildInventory(sourcesOf(objects)).nodes;
}

function day(
  key: string,
  date: string,
  effective: string,
  more: { committed?: string; hours?: string } = {},
): MachineDay {
  const hours = more.hours === undefined ? undefined : parseDecimal(more.hours);
  return { key, day: date, effective: parseDecimal(effective), committed: parseDecimal(more.committed ?? "0"), hours };
}

function texts(prices: ReturnType<typeof billPrices>) {
  return Object.fromEntries(
    [...prices].map(([name, { perHour, committedPerHour, source }]) => [
      name,
      [formatDecimal(perHour), formatDecimal(committedPerHour), source],
    ]),
  );
}

describe("billPrices", () => {
  it("are cost per hour that the bill says a machine ran, and of it what is committed", () => {
    const nodes = nodesOf({ name: "a", providerID: "aws:///z/i-1" });
    const days = [
      day("i-1", "2026-11-01", "2.4", { hours: "24" }),
      day("i-1", "2026-11-02", "0.6", { hours: "6", committed: "0.3" }),
    ];
    expect(texts(billPrices(nodes, days))).toEqual({ a: ["0.1", "0.01", "bill"] });
  });

  it("count a machine's hours at most once, also when two products are billed by the hour", () => {
    const nodes = nodesOf({ name: "a", providerID: "aws:///z/i-1" });
    expect(texts(billPrices(nodes, [day("i-1", "2026-11-01", "4.8", { hours: "48" })]))).toEqual({
      a: ["0.2", "0", "bill"],
    });
  });

  it("count from the node's making where the bill counts by cores", () => {
    const nodes = nodesOf({ name: "g", providerID: "gce://p/z/g", created: "2026-11-01T18:00:00Z" });
    const days = [day("z/g", "2026-11-01", "0.6"), day("z/g", "2026-11-02", "2.4")];
    expect(texts(billPrices(nodes, days))).toEqual({ g: ["0.1", "0", "bill"] });
    expect(billPrices(nodes, [day("z/g", "2026-10-01", "1")]).size).toBe(0);
  });

  it("are of a scale set its cost per machine hour", () => {
    const providerID = `azure://${VMSS}/virtualMachines/0`;
    const nodes = nodesOf({ name: "a", providerID }, { name: "b", providerID: providerID.replace(/0$/, "1") });
    const days = [day(VMSS, "2026-11-01", "9.6", { hours: "48" })];
    expect(texts(billPrices(nodes, days))).toEqual({ a: ["0.2", "0", "bill"], b: ["0.2", "0", "bill"] });
    expect(billPrices(nodes, [day(VMSS, "2026-11-01", "9.6")]).size).toBe(0);
  });

  it("are for a young node what its equals cost; spot is not the equal of on-demand", () => {
    const nodes = nodesOf(
      { name: "a", providerID: "aws:///z/i-1", type: "m5.large" },
      { name: "b", providerID: "aws:///z/i-2", type: "m5.large" },
      { name: "new", providerID: "aws:///z/i-3", type: "m5.large" },
      { name: "spot", providerID: "aws:///z/i-4", type: "m5.large", spot: true },
      { name: "other", providerID: "aws:///z/i-5" },
    );
    const days = [
      day("i-1", "2026-11-01", "2.4", { hours: "24" }),
      day("i-2", "2026-11-01", "4.8", { hours: "24", committed: "2.4" }),
    ];
    expect(texts(billPrices(nodes, days))).toEqual({
      a: ["0.1", "0", "bill"],
      b: ["0.2", "0.1", "bill"],
      new: ["0.15", "0.05", "bill"],
    });
  });

  it("are never negative, whatever credits there are", () => {
    const nodes = nodesOf({ name: "a", providerID: "aws:///z/i-1" });
    const days = [day("i-1", "2026-11-01", "-5", { hours: "24", committed: "3" })];
    expect(texts(billPrices(nodes, days))).toEqual({ a: ["0", "0", "bill"] });
  });
});
