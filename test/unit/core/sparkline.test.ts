import { describe, expect, it } from "vitest";
import { sparkline } from "../../../shared/core/sparkline.ts";

describe("sparkline", () => {
  it("draws from zero to the largest", () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7])).toBe("▁▂▃▄▅▆▇█");
  });

  it("raises the bottom where all values lie in the upper half, so that a small move is seen", () => {
    expect(sparkline([100, 100, 110, 100])).toBe("▅▅█▅");
    expect(sparkline([100, 100, 200, 100])).toBe("▅▅█▅");
  });

  it("lowers it for negative values", () => {
    expect(sparkline([-7, 0])).toBe("▁█");
  });

  it("puts brackets around runs of marked values", () => {
    expect(sparkline([0, 7, 7, 0, 7], (index) => index !== 0 && index !== 3)).toBe("▁[██]▁[█]");
  });

  it("shows what is not known as a dot, and nothing as nothing", () => {
    expect(sparkline([Number.NaN, 1])).toBe("·▅");
    expect(sparkline([0, 0])).toBe("▁▁");
    expect(sparkline([])).toBe("");
  });
});
