import { describe, expect, it } from "vitest";
import { COMPUTE_ENGINE, listMachinePrice } from "../../../../shared/clusters/costs/list-machine-prices.ts";
import { buildInventory } from "../../../../shared/clusters/inventory/build-inventory.ts";
import { formatDecimal, parseDecimal, ZERO } from "../../../../shared/core/decimal.ts";
import type { ListPrice } from "../../../../shared/prices/list/find-prices.ts";
import { node, sourcesOf } from "../../../support/cluster-objects.ts";

function sku(description: string, price: string, more: Partial<ListPrice> = {}): ListPrice {
  return {
    provider: "gcp",
    service: COMPUTE_ENGINE,
    serviceName: "Compute Engine",
    sku: description,
    description,
    usageType: description.startsWith("Spot") ? "Preemptible" : "OnDemand",
    regions: ["us-central1"],
    currency: "USD",
    effectiveFrom: "2026-01-01T00:00:00Z",
    usageUnit: "h",
    baseUnit: "s",
    baseUnitFactor: "3600",
    tiers: [{ from: ZERO, unitPrice: parseDecimal(price) }],
    ...more,
  };
}

const LIST = [
  sku("N2 Custom Instance Core running in Americas", "9"),
  sku("Commitment v1: N2 Cpu in Americas for 1 Year", "9"),
  sku("N2 Instance Core running in Frankfurt", "9", { regions: ["europe-west3"] }),
  sku("N2 Instance Core running in Americas", "0.03"),
  sku("N2 Instance Ram running in Americas", "0.004"),
  sku("Spot Preemptible N2 Instance Core running in Americas", "0.007"),
  sku("Spot Preemptible N2 Instance Ram running in Americas", "0.001"),
  sku("N2D AMD Instance Core running in Americas", "0.02"),
  sku("N2D AMD Instance Ram running in Americas", "0.003"),
  sku("N1 Predefined Instance Core running in Americas", "0.03"),
  sku("N1 Predefined Instance Ram running in Americas", "0.004"),
  sku("Nvidia Tesla T4 GPU running in Americas", "0.35"),
];

function price(type: string | undefined, more: Partial<Parameters<typeof node>[0]> = {}): string | undefined {
  const labels = {
    ...(type === undefined ? {} : { "node.kubernetes.io/instance-type": type }),
    "topology.kubernetes.io/region": "us-central1",
    ...more.labels,
  };
  const [machine] = buildInventory(sourcesOf([node({ name: "n", memory: "15Gi", ...more, labels })])).nodes;
  const found = machine === undefined ? undefined : listMachinePrice(machine, LIST);
  return found === undefined ? undefined : formatDecimal(found);
}

describe("listMachinePrice", () => {
  it("adds cores and GiB of the family, by the shape's memory, not the node's", () => {
    expect(price("n2-standard-4")).toBe("0.184");
    expect(price("n2-highmem-4")).toBe("0.248");
    expect(price("n2d-standard-4")).toBe("0.128");
    expect(price("n1-standard-4")).toBe("0.18");
    expect(price("n2-weird-4")).toBe("0.18");
  });

  it("takes spot SKUs for spot nodes, and adds GPUs", () => {
    expect(price("n2-standard-4", { labels: { "cloud.google.com/gke-spot": "true" } })).toBe("0.044");
    expect(
      price("n1-standard-4", { gpu: "2", labels: { "cloud.google.com/gke-accelerator": "nvidia-tesla-t4" } }),
    ).toBe("0.88");
  });

  it("knows no price where a part of it is missing", () => {
    expect([price("c9-standard-4"), price("e2-standard-4"), price(undefined), price("custom")]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(price("n1-standard-4", { gpu: "1" })).toBeUndefined();
    expect(price("n2-standard-4", { labels: { "topology.kubernetes.io/region": "mars-1" } })).toBeUndefined();
  });
});
