import { describe, expect, it } from "vitest";
import { readStoredHolds } from "../../../../../shared/clusters/enforcement/hold/document.ts";
import { restore } from "../../../../../shared/clusters/enforcement/restore/restore.ts";
import { applyPlan } from "../../../../../shared/clusters/enforcement/transaction/apply-plan.ts";
import { recover } from "../../../../../shared/clusters/enforcement/transaction/recover.ts";
import { levers, ownStep, stepsFor, withoutScaled } from "../../../../support/enforcement/clusters.ts";
import { Crash, type Crashing, crashing } from "../../../../support/enforcement/crash.ts";
import { type FakeWorld, openFakeWorld } from "../../../../support/enforcement/fake.ts";
import { fieldStep, planOf } from "../../../../support/enforcement/plans.ts";
import { cronJob, deployment, namespace, scaledObject } from "../../../../support/kube-objects.ts";

const OBJECTS = [
  namespace("ml"),
  deployment({ name: "a", namespace: "ml", replicas: 4 }),
  deployment({ name: "a", namespace: "web", replicas: 2 }),
  deployment({ name: "queue", namespace: "ml", replicas: 2 }),
  scaledObject({ name: "queue", namespace: "ml", target: "queue", min: 2 }),
  cronJob({ name: "nightly", namespace: "ml" }),
];

/** Throttles, then blocks the same workload for another budget, then gives everything back. Ends at the crash, if there is one. */
async function life(world: FakeWorld, crash: Crashing): Promise<number> {
  const { deps } = world.enforcer({ wrap: crash.wrap, store: crash.store(world.store) });
  const objects = levers(world.server);
  const first = [...stepsFor("fake", objects, () => true), ownStep("fake", "ml")];
  await applyPlan(deps, planOf("fake", world.clusterUid, first));
  const web = levers(world.server).find(({ kind, metadata }) => kind === "Deployment" && metadata.namespace === "ml");
  if (web === undefined) throw new Error("no deployment");
  const second = fieldStep("fake", web, { "/spec/replicas": 0 }, { policy: "budget/all" });
  await applyPlan(deps, planOf("fake", world.clusterUid, [second]));
  await restore(deps, { kind: "policies", policies: ["budget/ml"] }, "no longer wanted");
  await restore(deps, { kind: "all" }, "new period");
  return crash.writes();
}

async function inWorld<T>(test: (world: FakeWorld) => Promise<T>): Promise<T> {
  const world = await openFakeWorld();
  try {
    for (const object of OBJECTS) world.server.apply(object);
    return await test(world);
  } finally {
    await world.close();
  }
}

/** `complete`: what was announced is completed first, as every run does; else it is fenced, because it is not wanted any more. */
async function giveBack(world: FakeWorld, how: "complete" | "fence"): Promise<void> {
  const { deps } = world.enforcer();
  for (let run = 0; run < 2; run++) {
    if (how === "complete") await recover(deps);
    await restore(deps, { kind: "all" }, "by hand");
    await recover(deps);
    world.clock.advance(60_000);
  }
}

const asMade = (world: FakeWorld) => withoutScaled(world.server.snapshot({ stripped: true }));

describe("a crash at every write", () => {
  it.each([
    ["before", "complete"],
    ["after", "fence"],
    ["late", "fence"],
  ] as const)(
    "%s it happens leaves nothing behind (%s)",
    async (when, how) => {
      const writes = await inWorld((world) => life(world, crashing()));
      expect(writes).toBeGreaterThan(15);
      for (let at = 1; at <= writes; at++) {
        await inWorld(async (world) => {
          const before = asMade(world);
          const crash = crashing({ at, when });
          await expect(life(world, crash)).rejects.toBeInstanceOf(Crash);
          await giveBack(world, how);
          // Of a field, a late write has no effect at all. An object of ours that it makes anew is found by its label.
          if ((await crash.deliver()) === "mergePatch") expect(asMade(world), `late write ${at}`).toEqual(before);
          await giveBack(world, how);
          expect(asMade(world), `crash at write ${at} of ${writes}`).toEqual(before);
          const document = await readStoredHolds(world.store, "fake");
          expect({ ...document?.holds, ...document?.own }).toEqual({});
        });
      }
    },
    120_000,
  );
});
