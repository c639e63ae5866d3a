import { describe, expect, it } from "vitest";
import { surprise } from "../../../../../shared/governance/anomalies/attribution/surprise.ts";

describe("surprise", () => {
  it("is nothing where a share stays", () => {
    expect(surprise(0.3, 0.3)).toBe(0);
    expect(surprise(0, 0)).toBe(0);
  });

  it("is the divergence of the reference: (p ln(2p/(p+q)) + q ln(2q/(p+q))) / 2", () => {
    expect(surprise(0.2, 0.6)).toBeCloseTo((0.2 * Math.log(0.4 / 0.8) + 0.6 * Math.log(1.2 / 0.8)) / 2, 15);
  });

  it("takes what is new or gone, and knows no share below nothing", () => {
    expect(surprise(0, 0.5)).toBeCloseTo(Math.LN2 / 4, 15);
    expect(surprise(-0.1, 0.5)).toBe(surprise(0, 0.5));
  });
});
