import { describe, expect, it } from "vitest";
import { keepUntilExpiry } from "../../../shared/core/expiring.ts";

const START = Date.parse("2026-11-22T06:00:00Z");

/** Values that last a minute, renewed ten seconds early; `fail` makes the next fetch fail. */
function setUp() {
  const state = { now: START, fetched: 0, fail: false };
  const next = keepUntilExpiry(
    async () => {
      state.fetched += 1;
      if (state.fail) throw new Error("not now");
      return { value: state.fetched, expiresAt: new Date(state.now + 60_000) };
    },
    { now: () => new Date(state.now), earlyMs: 10_000 },
  );
  return { state, next: async () => (await next()).value };
}

describe("a value that expires", () => {
  it("is kept until shortly before its end", async () => {
    const { state, next } = setUp();
    expect(await next()).toBe(1);
    state.now += 49_999;
    expect(await next()).toBe(1);
    state.now += 1;
    expect(await next()).toBe(2);
  });

  it("is fetched once for all who ask at the same time", async () => {
    const { state, next } = setUp();
    expect(await Promise.all([next(), next(), next()])).toEqual([1, 1, 1]);
    expect(state.fetched).toBe(1);
  });

  it("serves until it really expires when the renewal fails", async () => {
    const { state, next } = setUp();
    await next();
    state.fail = true;
    state.now += 59_999;
    expect(await next()).toBe(1);
    state.now += 1;
    await expect(next()).rejects.toThrow("not now");
    state.fail = false;
    expect(await next()).toBe(4);
  });
});
