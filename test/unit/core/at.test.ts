import { describe, expect, it } from "vitest";
import { at } from "../../../shared/core/at.ts";

describe("at", () => {
  it("reads typed arrays and lists", () => {
    expect([at(Float64Array.of(1.5, 2.5), 1), at(Int32Array.of(7), 0), at([3, 4], 1)]).toEqual([2.5, 7, 4]);
  });

  it("is 0 beyond the ends", () => {
    expect([at([1], 1), at([1], -1), at(new Uint8Array(), 0)]).toEqual([0, 0, 0]);
  });
});
