import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { collectGarbage } from "../../../shared/ledger/collect-garbage.ts";
import { createFolders } from "../../support/collect-deps.ts";
import {
  CALM,
  type CollectWorld,
  createCollectWorld,
  deliver,
  letTimePass,
  manifestWritten,
  stateOf,
  strayRows,
} from "../../support/collect-world.ts";
import type { Storm } from "../../support/event-storm.ts";
import type { BillLine } from "../../support/focus-bill.ts";

const folders = createFolders();
afterAll(() => folders.clean());

const BEFORE: BillLine[][] = [
  [{ billed: "1.25" }, { billed: "3" }],
  [{ billed: "2" }, { billed: "7", day: "2024-08-02" }],
];
const GROWN: BillLine[][] = [...BEFORE, [{ billed: "0.000000000000000001" }, { billed: "-4", currency: "EUR" }]];
const SHRUNK: BillLine[][] = [[{ billed: "1" }], [{ billed: "0.5" }]];
const BROKEN: BillLine[][] = [[{ billed: "1" }], [{ billed: "twelve" }]];

/** What lies in the bucket: at first, and what it becomes while events are under way. */
interface Story {
  name: string;
  /** Collected in peace before the storm. */
  base?: BillLine[][];
  now: BillLine[][];
  /** Takes the place of `now` before one of the deliveries. */
  later?: BillLine[][];
}

const STORIES: readonly Story[] = [
  { name: "a first export", now: GROWN },
  { name: "an export that is not believed", base: BEFORE, now: SHRUNK },
  { name: "an export that cannot be read", base: BEFORE, now: BROKEN },
  { name: "an export that is superseded", now: BEFORE, later: GROWN },
];

interface Weather extends Storm {
  fanOut: boolean;
  changeAt: number;
  /** The export that supersedes has a folder of its own. */
  newFolder: boolean;
}

const CLEAN: Weather = { ...CALM, fanOut: false, changeAt: 0, newFolder: false };

const crash = fc.record({
  at: fc.integer({ min: 1, max: 8 }),
  when: fc.constantFrom("before" as const, "after" as const),
});
const weathers: fc.Arbitrary<Weather> = fc.record({
  order: fc.array(fc.nat(20), { minLength: 1, maxLength: 12 }),
  repeats: fc.array(fc.boolean(), { maxLength: 10 }),
  crashes: fc.array(fc.option(crash, { nil: undefined }), { maxLength: 8 }),
  atOnce: fc.integer({ min: 1, max: 3 }),
  changeAt: fc.integer({ min: 1, max: 6 }),
  fanOut: fc.constantFrom(true, true, true, false),
  newFolder: fc.boolean(),
});

async function play({ base, now, later }: Story, storm: Weather): Promise<CollectWorld> {
  const world = createCollectWorld(await folders.make());
  if (base !== undefined) {
    world.put(base);
    await deliver(world, [manifestWritten()], CLEAN);
  }
  world.put(now);
  let next = later;
  const change = () => {
    if (next === undefined) return [];
    world.put(next, storm.newFolder ? "20240921T000000Z" : undefined);
    next = undefined;
    return [manifestWritten()];
  };
  await deliver(world, [manifestWritten()], storm, (delivery) => (delivery < storm.changeAt ? [] : change()));
  await deliver(world, change(), { ...CALM, fanOut: storm.fanOut });
  await letTimePass(world, storm.fanOut);
  return world;
}

describe("a duplicate, reordered, half-failed stream of events", () => {
  it.each(STORIES)("ends in the same ledger as the clean one: $name", { timeout: 300_000 }, async (story) => {
    const clean = await stateOf(await play(story.later === undefined ? story : { name: "", now: story.later }, CLEAN));
    await fc.assert(
      fc.asyncProperty(weathers, async (storm) => {
        const world = await play(story, storm);
        expect(await stateOf(world)).toEqual(clean);
        world.clock.advance(30 * 3_600_000);
        await collectGarbage(world.deps, world.deps.limits);
        expect(await strayRows(world)).toEqual([]);
      }),
      { numRuns: 3 },
    );
  });
});
