import { describe, expect, it } from "vitest";
import { createQuantityReader, parseQuantity } from "../../../../shared/clusters/inventory/quantities.ts";
import { formatDecimal } from "../../../../shared/core/decimal.ts";

describe("parseQuantity", () => {
  it.each([
    ["100m", "0.1"],
    ["1", "1"],
    ["1.5Gi", "1610612736"],
    ["2k", "2000"],
    ["1e3", "1000"],
    ["1E", "1000000000000000000"],
    ["1E2", "100"],
    ["250000n", "0.00025"],
    ["12u", "0.000012"],
    ["1Ki", "1024"],
    ["-1", "-1"],
  ])("reads %s as %s", (text, value) => {
    const read = parseQuantity(text);
    expect(read === undefined ? undefined : formatDecimal(read)).toBe(value);
  });

  it.each(["", "Gi", "1 Gi", "1e3Ki", "ten", "1KB", "9999999999999999999Ei", "1e999"])("refuses %s", (text) => {
    expect(parseQuantity(text)).toBeUndefined();
  });
});

describe("createQuantityReader", () => {
  it("counts what is no quantity as nothing", () => {
    const { read, text } = createQuantityReader();
    expect([undefined, null, {}, "x", 2, "500m"].map((value) => text(read(value)))).toEqual([
      "0",
      "0",
      "0",
      "0",
      "2",
      "0.5",
    ]);
  });
});
