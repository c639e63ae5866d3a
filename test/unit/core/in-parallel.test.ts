import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inParallel } from "../../../shared/core/in-parallel.ts";

describe("inParallel", () => {
  it("keeps the order and never has more at work than allowed", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 5 })), fc.integer({ min: 1, max: 8 }), async (items, atOnce) => {
        let working = 0;
        let most = 0;
        const results = await inParallel(items, atOnce, async (turns) => {
          most = Math.max(most, ++working);
          for (let turn = 0; turn < turns; turn++) await Promise.resolve();
          working--;
          return turns * 2;
        });
        expect(results).toEqual(items.map((item) => item * 2));
        expect(most).toBeLessThanOrEqual(atOnce);
      }),
    );
  });

  it("fails as the first failure does", async () => {
    const work = (item: number) => (item === 3 ? Promise.reject(new Error("three")) : Promise.resolve(item));
    await expect(inParallel([1, 2, 3, 4], 2, work)).rejects.toThrow("three");
  });
});
