import { afterAll, describe, expect, it } from "vitest";
import type { CloudEvent } from "../../../../shared/core/events.ts";
import { createCollect } from "../../../../shared/usecases/collect.ts";
import { createFolders } from "../../../support/collect-deps.ts";
import { createInvocation, eventOf, runtimeWith } from "../../../support/collect-function.ts";
import {
  CALM,
  type CollectWorld,
  createCollectWorld,
  deliver,
  letTimePass,
  SOURCE,
  stateOf,
} from "../../../support/collect-world.ts";
import { createFaultyLake } from "../../../support/faulty-lake.ts";
import type { BillLine } from "../../../support/focus-bill.ts";

const folders = createFolders();
afterAll(() => folders.clean());

const EXPORT: BillLine[][] = [[{ billed: "1" }], [{ billed: "2", day: "2024-08-02" }]];
const wanted = () => eventOf("genops.collect.wanted", { source: "aws" });

/** Handles one event in peace; gives back what followed, and how many writes it took. */
async function handle(world: CollectWorld, event: CloudEvent): Promise<{ sent: CloudEvent[]; writes: number }> {
  const lake = createFaultyLake(world.lake);
  const from = world.deps.published.length;
  await createCollect(runtimeWith({ ...world.deps, lake }, [SOURCE], { fanOutBytes: 1 }))(event, createInvocation());
  return { sent: world.deps.published.slice(from), writes: lake.writes() };
}

/** Kills the call at each of its writes, before and after it took effect, and lets everything that is then delivered happen. */
async function killEverywhere(start: CollectWorld, event: CloudEvent, further: readonly CloudEvent[]): Promise<void> {
  const rehearsal = createCollectWorld(await folders.make(), start);
  const { writes } = await handle(rehearsal, event);
  await deliver(rehearsal, further, { ...CALM, fanOut: true });
  await letTimePass(rehearsal, true);
  const expected = await stateOf(rehearsal);
  expect(writes).toBeGreaterThanOrEqual(1);
  for (let at = 1; at <= writes; at++) {
    for (const when of ["before", "after"] as const) {
      const world = createCollectWorld(await folders.make(), start);
      await deliver(world, [event, ...further], { ...CALM, crashes: [{ at, when }], fanOut: true });
      expect(await stateOf(world), `killed ${when} write ${at}`).toEqual(expected);
    }
  }
}

async function begun(parts: BillLine[][], from?: CollectWorld): Promise<{ world: CollectWorld; events: CloudEvent[] }> {
  const world = createCollectWorld(await folders.make(), from);
  world.put(parts);
  const { sent } = await handle(world, wanted());
  return { world, events: sent };
}

describe("collect of a large export, killed at any write", { timeout: 240_000 }, () => {
  it("while the job begins", async () => {
    const world = createCollectWorld(await folders.make());
    world.put(EXPORT);
    await killEverywhere(world, wanted(), []);
  });

  it("while the last part is converted and all of them are committed", async () => {
    const { world, events } = await begun(EXPORT);
    const [first, last] = events;
    await handle(world, first as CloudEvent);
    await killEverywhere(world, last as CloudEvent, []);
  });

  it("while a refusal is told", async () => {
    const { world, events } = await begun([[{ billed: "1" }], [{ billed: "twelve" }]]);
    const [first, last] = events;
    await handle(world, first as CloudEvent);
    await killEverywhere(world, last as CloudEvent, []);
  });

  it("while a job is given up because its export was written over", async () => {
    const { world, events } = await begun(EXPORT);
    const [first, last] = events;
    await handle(world, first as CloudEvent);
    world.put([[{ billed: "5" }], [{ billed: "6", day: "2024-08-02" }]]);
    await killEverywhere(world, last as CloudEvent, []);
  });
});
