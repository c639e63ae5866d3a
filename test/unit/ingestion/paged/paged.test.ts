import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { BillLine } from "../../../../shared/ingestion/paged/bill-lines.ts";
import { groupPlan, sliceConditions } from "../../../../shared/ingestion/paged/group-plan.ts";
import { backOffMs, pause } from "../../../../shared/ingestion/paged/pause.ts";
import { completeSnapshot, openPages, openSnapshot } from "../../../../shared/ingestion/paged/snapshot.ts";
import { readState, updateState } from "../../../../shared/ingestion/paged/state-document.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import { createMemoryLake } from "../../../support/memory-lake.ts";

const Count = z.object({ n: z.number() });

describe("a state document", () => {
  it("is changed by compare-and-swap: no change of two at once is lost", async () => {
    const store = createMemoryLake();
    const add = () => updateState(store, "a.json", Count, (known) => ({ n: (known?.n ?? 0) + 1 }));
    await Promise.all(Array.from({ length: 10 }, add));
    expect((await readState(store, "a.json", Count))?.value).toEqual({ n: 10 });
  });

  it("is not written when it does not change", async () => {
    const store = createMemoryLake();
    await updateState(store, "a.json", Count, () => ({ n: 1 }));
    const before = store.entries.get("a.json")?.etag;
    await updateState(store, "a.json", Count, (known) => known ?? { n: 2 });
    expect(store.entries.get("a.json")?.etag).toBe(before);
  });

  it.each([" ", "{", '{"n":"1"}'])("that cannot be read (%j) is an error with its name", async (body) => {
    const store = createMemoryLake();
    await store.put("a.json", new TextEncoder().encode(body));
    await expect(readState(store, "a.json", Count)).rejects.toMatchObject({
      code: "internal",
      message: expect.stringContaining("(file a.json)"),
    });
  });

  it("that others change all the time is a conflict", async () => {
    const store = { ...createMemoryLake(), put: () => Promise.resolve({ ok: false as const }) };
    await expect(updateState(store, "a.json", Count, () => ({ n: 1 }))).rejects.toMatchObject({
      code: "conflict",
      retryable: true,
    });
  });
});

describe("a snapshot", () => {
  const fresh = { id: "one", startedAt: "2024-09-20T00:00:00.000Z", end: "2024-09-21", plan: "p" };
  const place = () => ({ store: createMemoryLake(), source: "s", period: "2024-09" });

  it("that two runs begin at once is the same", async () => {
    const at = place();
    const [a, b] = await Promise.all([
      openSnapshot(at, fresh, () => 1),
      openSnapshot(at, { ...fresh, id: "two" }, () => 1),
    ]);
    expect(a).toEqual(b);
  });

  it("that somebody else has replaced is not marked complete, and the pages of the new one stay", async () => {
    const at = place();
    const old = await openSnapshot(at, fresh, () => 0);
    const next = await openSnapshot(at, { ...fresh, id: "two", startedAt: "2024-09-20T01:00:00.000Z" }, () => 0);
    const pages = openPages(at, next, Count);
    await pages.put("q", undefined, { n: 7 });
    await completeSnapshot(at, old, false);
    expect(await pages.get("q", undefined)).toEqual({ n: 7 });
    expect(await openSnapshot(at, { ...fresh, id: "three" }, () => 1)).toMatchObject({ id: "two", complete: false });
  });

  it("keeps the first of two pages of one name", async () => {
    const at = place();
    const pages = openPages(at, await openSnapshot(at, fresh, () => 1), Count);
    await pages.put("q", "token", { n: 1 });
    await pages.put("q", "token", { n: 2 });
    expect(await pages.get("q", "token")).toEqual({ n: 1 });
    expect(await pages.get("q", undefined)).toBeUndefined();
  });
});

describe("a grouping", () => {
  it.each([
    [["a"], ["a"], []],
    [["a", "b"], ["a", "b"], []],
    [["a", "b", "c"], ["a"], ["b", "c"]],
    [
      ["a", "b", "c", "d"],
      ["a", "b"],
      ["c", "d"],
    ],
  ])("by %j has the base %j and slices by %j", (keys, base, slice) => {
    expect(groupPlan(keys)).toEqual({ base, slice });
  });

  it("by five keys cannot be exact", () => {
    expect(() => groupPlan(["a", "b", "c", "d", "e"])).toThrow("at most 4 keys can be told apart exactly");
  });

  it("is asked for in detail where there is a cost and a way to ask", () => {
    const line = (type: string | null, amount: string): BillLine => ({
      level: "base",
      base: { type },
      keys: { type },
      day: "2024-09-01",
      dayEnd: "2024-09-02",
      measure: "ActualCost",
      amount,
      unit: "USD",
    });
    const lines = [
      line("b", "0E-10"),
      line("b", "-0.00"),
      line("c", "-1e-9"),
      line("a", "0"),
      line("a", "0.1"),
      line(null, "5"),
    ];
    expect(sliceConditions(lines, ({ type }) => type !== null)).toEqual([{ type: "a" }, { type: "c" }]);
  });
});

describe("a pause", () => {
  it("is made only where a call after it still fits", async () => {
    const clock = createFakeClock();
    const within = (ms: number, remainingMs: number) =>
      pause(ms, { clock, deadline: { remainingMs: () => remainingMs } });
    const began = clock.now().getTime();
    expect([
      await within(10_000, 40_000),
      await within(10_000, 39_999),
      await within(300_001, Number.POSITIVE_INFINITY),
    ]).toEqual([true, false, false]);
    expect(clock.now().getTime() - began).toBe(10_000);
  });

  it("grows up to its longest, with jitter", () => {
    const random = (fraction: number) => ({ id: () => "", fraction: () => fraction });
    const times = { firstMs: 1_000, longestMs: 6_000 };
    expect([0, 1, 2, 3, 9].map((attempt) => backOffMs(attempt, times, random(0)))).toEqual([
      500, 1_000, 2_000, 3_000, 3_000,
    ]);
    expect(backOffMs(9, times, random(1))).toBe(6_000);
  });
});
