import { describe, expect, it } from "vitest";
import { estimateNode, splitNode } from "../../../../shared/clusters/costs/base-prices.ts";
import { formatDecimal, fromInteger, parseDecimal } from "../../../../shared/core/decimal.ts";

const GIBIBYTE = 1024 ** 3;

function texts(parts: ReturnType<typeof splitNode>) {
  return { cpu: formatDecimal(parts.cpu), memory: formatDecimal(parts.memory), gpu: formatDecimal(parts.gpu) };
}

describe("splitNode", () => {
  it("keeps the ratio of base prices and scales it to the node's price (the specification's example)", () => {
    const base = { core: fromInteger(30), gibibyte: fromInteger(10), gpu: fromInteger(30) };
    const node = { cpu: "1", memory: String(GIBIBYTE), gpu: "1" };
    expect(texts(splitNode(node, fromInteger(35), base))).toEqual({ cpu: "15", memory: "5", gpu: "15" });
  });

  it("gives nothing to what a node does not have, and all of it to the cores of one that tells nothing", () => {
    expect(texts(splitNode({ cpu: "2", memory: "0", gpu: "0" }, fromInteger(3)))).toEqual({
      cpu: "3",
      memory: "0",
      gpu: "0",
    });
    expect(texts(splitNode({ cpu: "0", memory: "0", gpu: "0" }, fromInteger(3)))).toEqual({
      cpu: "3",
      memory: "0",
      gpu: "0",
    });
  });

  it("loses no digit", () => {
    const parts = splitNode({ cpu: "7", memory: "29999999999", gpu: "3" }, parseDecimal("0.100000000000000001"));
    expect(parts.cpu + parts.memory + parts.gpu).toBe(parseDecimal("0.100000000000000001"));
  });
});

describe("estimateNode", () => {
  it("is OpenCost's base price of the machine, cheaper for spot", () => {
    const capacity = { cpu: "4", memory: String(16 * GIBIBYTE), gpu: "0" };
    expect(formatDecimal(estimateNode({ capacity, capacityType: "on-demand" }))).toBe("0.194236");
    expect(formatDecimal(estimateNode({ capacity, capacityType: "spot" }))).toBe("0.040892");
    expect(formatDecimal(estimateNode({ capacity: { ...capacity, gpu: "2" }, capacityType: "reserved" }))).toBe(
      "2.094236",
    );
  });
});
