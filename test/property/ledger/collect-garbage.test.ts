import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDecimal } from "../../../shared/core/decimal.ts";
import { collectGarbage } from "../../../shared/ledger/collect-garbage.ts";
import { confirmQuarantine, discardQuarantine } from "../../../shared/ledger/decide-quarantine.ts";
import { listHeads, readHead, versionAsOf } from "../../../shared/ledger/head.ts";
import { listQuarantines } from "../../../shared/ledger/quarantine.ts";
import { replacePeriod } from "../../../shared/ledger/replace-period.ts";
import type { PeriodVersion } from "../../../shared/ledger/versions.ts";
import type { Lake } from "../../../shared/ports/object-store.ts";
import { createFakeClock, type FakeClock } from "../../support/fake-clock.ts";
import { createFaultyLake } from "../../support/faulty-lake.ts";
import { createMemoryLake, type MemoryLake } from "../../support/memory-lake.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const RETAIN = { retainVersionsDays: 30 };
const limits = { shrinkRows: parseDecimal("0.2"), shrinkCost: parseDecimal("0.1") };
const body = new TextEncoder().encode("rows");

interface World {
  lake: MemoryLake;
  clock: FakeClock;
  /** What the ledger believed, oldest first. */
  known: { at: number; id: string; period: string }[];
  next: number;
}

function createWorld(): World {
  const clock = createFakeClock("2024-01-01T00:00:00.000Z");
  return { lake: createMemoryLake(() => clock.now()), clock, known: [], next: 1 };
}

const depsOf = (world: World, lake: Lake = world.lake) => ({
  lake,
  clock: world.clock,
  events: { publish: () => Promise.resolve() },
});

async function stageRows(world: World, period: string, rows: number): Promise<PeriodVersion> {
  const id = `v${world.next++}`;
  const parts = [0, 1].map((part) => ({
    key: `rows/source=aws/billing_period=${period}/version=${id}/part-${part}.parquet`,
    rows,
    bytes: 4,
  }));
  for (const { key } of parts) await world.lake.put(key, body);
  await world.lake.put(`cube/abc/source=aws/billing_period=${period}/version=${id}.parquet`, body);
  return {
    id,
    source: "aws",
    billingPeriod: period,
    contentHash: `${id}-content-hash`,
    sourceInstant: world.clock.now().toISOString(),
    rows,
    totals: [{ currency: "USD", billed: "1", effective: "1", absoluteBilled: "1" }],
    control: "none",
    parts,
    providers: ["aws"],
    conformance: [],
    messages: [],
  };
}

async function load(world: World, period: string, rows: number): Promise<void> {
  const candidate = await stageRows(world, period, rows);
  const outcome = await replacePeriod(depsOf(world), candidate, world.clock.now(), { limits, allowShrink: false });
  if (outcome.status === "replaced")
    world.known.push({ at: Date.parse(outcome.version.committedAt), id: candidate.id, period });
  world.clock.advance(1);
}

async function decide(world: World, pick: number, yes: boolean): Promise<void> {
  const waiting = (await listQuarantines(world.lake)).filter(({ state }) => state === "waiting");
  const chosen = waiting[pick % Math.max(waiting.length, 1)];
  if (chosen === undefined) return;
  if (!yes) await discardQuarantine(depsOf(world), chosen.id);
  else {
    const { outcome } = await confirmQuarantine(depsOf(world), chosen.id, limits);
    if (outcome.status === "replaced")
      world.known.push({
        at: Date.parse(outcome.version.committedAt),
        id: outcome.version.id,
        period: chosen.billingPeriod,
      });
  }
  world.clock.advance(1);
}

/** Every instant within the retention reads what was believed then, from files that exist. */
async function assertReadable(world: World): Promise<void> {
  const now = world.clock.now().getTime();
  for (const period of new Set(world.known.map((entry) => entry.period))) {
    const head = (await readHead(world.lake, "aws", period))?.value;
    const own = world.known.filter((entry) => entry.period === period);
    const oldest = now - RETAIN.retainVersionsDays * DAY;
    const instants = [now, oldest, ...own.flatMap(({ at }) => [at - 1, at, at + 1])].filter(
      (at) => at >= oldest && at <= now,
    );
    for (const at of instants) {
      const expected = own.findLast((entry) => entry.at <= at);
      const found = head === undefined ? undefined : versionAsOf(head, new Date(at));
      expect(found?.id).toBe(expected?.id);
      for (const { key } of found?.parts ?? []) expect(await world.lake.get(key)).toBeDefined();
    }
  }
  for (const { state, version } of await listQuarantines(world.lake)) {
    if (state === "waiting")
      for (const { key } of version?.parts ?? []) expect(await world.lake.get(key)).toBeDefined();
  }
}

const period = fc.constantFrom("2023-11", "2023-12");
type Step =
  | { do: "load"; period: string; rows: number }
  | { do: "wait"; hours: number }
  | { do: "sweep" }
  | { do: "orphan"; period: string }
  | { do: "decide"; pick: number; yes: boolean };
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("load" as const), period, rows: fc.integer({ min: 5, max: 20 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      hours: fc.constantFrom(1, 5, 7, 23, 25, 24 * 10, 24 * 29, 24 * 31),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("sweep" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("orphan" as const), period }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("decide" as const), pick: fc.nat(3), yes: fc.boolean() }) },
);

async function run(world: World, steps: readonly Step[]): Promise<void> {
  for (const one of steps) {
    if (one.do === "load") await load(world, one.period, one.rows);
    if (one.do === "wait") world.clock.advance(one.hours * HOUR);
    if (one.do === "sweep") await collectGarbage(depsOf(world), RETAIN);
    if (one.do === "orphan") await stageRows(world, one.period, 1);
    if (one.do === "decide") await decide(world, one.pick, one.yes);
  }
}

/** Row files that nothing can lead to any more. */
async function unreachable(world: World): Promise<string[]> {
  const used = new Set<string>();
  for (const head of await listHeads(world.lake)) {
    for (const { parts } of head.versions) for (const { key } of parts) used.add(key);
    for (const { keys } of head.expired) for (const key of keys) used.add(key);
  }
  for (const { state, version } of await listQuarantines(world.lake))
    if (state === "waiting") for (const { key } of version?.parts ?? []) used.add(key);
  return [...world.lake.entries.keys()].filter((key) => key.startsWith("rows/") && !used.has(key));
}

const count = (world: World, prefix: string) =>
  [...world.lake.entries.keys()].filter((key) => key.startsWith(prefix)).length;

describe("collectGarbage", () => {
  it("keeps readable whatever can be asked for within the retention, whatever happens in whatever order", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        const world = createWorld();
        for (const one of steps) {
          await run(world, [one]);
          await assertReadable(world);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("leaves in the end nothing but what can be read", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), async (steps) => {
        const world = createWorld();
        await run(world, steps);
        world.clock.advance(RETAIN.retainVersionsDays * DAY + 1);
        await collectGarbage(depsOf(world), RETAIN);
        world.clock.advance(25 * HOUR);
        await collectGarbage(depsOf(world), RETAIN);
        expect(await unreachable(world)).toEqual([]);
        for (const head of await listHeads(world.lake)) expect([head.versions.length, head.expired]).toEqual([1, []]);
        await assertReadable(world);
        expect(await collectGarbage(depsOf(world), RETAIN)).toEqual({ expired: 0, deleted: 0 });
      }),
      { numRuns: 40 },
    );
  });

  it("keeps that when it is stopped at any write, and completes it the next time", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 3, maxLength: 15 }),
        fc.constantFrom(0, 7, 25),
        async (steps, hours) => {
          const prepare = async () => {
            const world = createWorld();
            await run(world, steps);
            world.clock.advance(RETAIN.retainVersionsDays * DAY);
            await collectGarbage(depsOf(world), RETAIN);
            world.clock.advance(hours * HOUR);
            return world;
          };
          const counted = createFaultyLake((await prepare()).lake);
          const rehearsal = await prepare();
          const faultless = createFaultyLake(rehearsal.lake);
          await collectGarbage(depsOf(rehearsal, faultless), RETAIN);
          expect(counted.writes()).toBe(0);
          for (let at = 1; at <= faultless.writes(); at++) {
            for (const when of ["before", "after"] as const) {
              const world = await prepare();
              const stop = () => {
                throw new Error("stopped");
              };
              await expect(
                collectGarbage(depsOf(world, createFaultyLake(world.lake, { at, when, stop })), RETAIN),
              ).rejects.toThrow("stopped");
              await assertReadable(world);
              await collectGarbage(depsOf(world), RETAIN);
              await assertReadable(world);
              expect([...world.lake.entries.keys()].sort()).toEqual([...rehearsal.lake.entries.keys()].sort());
            }
          }
        },
      ),
      { numRuns: 12 },
    );
  });

  it("deletes files only when no reader can still be using them, and the cubes with them", async () => {
    const world = createWorld();
    await run(world, [
      { do: "load", period: "2023-12", rows: 10 },
      { do: "load", period: "2023-12", rows: 11 },
      { do: "wait", hours: 24 * 31 },
    ]);
    expect(await collectGarbage(depsOf(world), RETAIN)).toEqual({ expired: 1, deleted: 0 });
    world.clock.advance(6 * HOUR - 1);
    expect(await collectGarbage(depsOf(world), RETAIN)).toEqual({ expired: 0, deleted: 0 });
    expect([count(world, "rows/"), count(world, "cube/")]).toEqual([4, 2]);
    world.clock.advance(1);
    expect(await collectGarbage(depsOf(world), RETAIN)).toEqual({ expired: 0, deleted: 3 });
    expect([count(world, "rows/"), count(world, "cube/")]).toEqual([2, 1]);
  });

  it("leaves rows alone that somebody may still be committing", async () => {
    const world = createWorld();
    await run(world, [
      { do: "orphan", period: "2023-12" },
      { do: "wait", hours: 24 },
    ]);
    expect((await collectGarbage(depsOf(world), RETAIN)).deleted).toBe(0);
    world.clock.advance(1);
    expect((await collectGarbage(depsOf(world), RETAIN)).deleted).toBe(2);
  });

  it("says so when somebody asks for more than is kept, instead of giving a number that never was", async () => {
    const world = createWorld();
    await run(world, [
      { do: "load", period: "2023-12", rows: 10 },
      { do: "wait", hours: 1 },
      { do: "load", period: "2023-12", rows: 11 },
      { do: "wait", hours: 24 * 31 },
      { do: "sweep" },
    ]);
    const head = (await readHead(world.lake, "aws", "2023-12"))?.value;
    const [first, second] = world.known;
    if (head === undefined || first === undefined || second === undefined) throw new Error("two versions expected");
    expect(() => versionAsOf(head, new Date(first.at))).toThrow(
      expect.objectContaining({ code: "usage", message: expect.stringMatching(/aws 2023-12.*not kept/) }),
    );
    expect(versionAsOf(head, new Date(second.at))?.id).toBe(second.id);
  });

  it.each([1, 2, 3, 4, 5, 6, 7])(
    "does not take the rows of a quarantine that is confirmed during its listing %i",
    async (nth) => {
      const world = createWorld();
      await run(world, [
        { do: "load", period: "2023-12", rows: 20 },
        { do: "load", period: "2023-12", rows: 5 },
        { do: "wait", hours: 24 * 3 },
      ]);
      let listings = 0;
      const racing: Lake = {
        ...world.lake,
        async *list(prefix) {
          for await (const entry of world.lake.list(prefix)) yield entry;
          if (++listings === nth) await decide(world, 0, true);
        },
      };
      await collectGarbage(depsOf(world, racing), { retainVersionsDays: 400 });
      expect([listings, world.known.length]).toEqual([7, 2]);
      await assertReadable(world);
    },
  );
});
