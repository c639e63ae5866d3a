import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readStoredHolds } from "../../../shared/clusters/enforcement/hold/document.ts";
import { restore } from "../../../shared/clusters/enforcement/restore/restore.ts";
import { applyPlan } from "../../../shared/clusters/enforcement/transaction/apply-plan.ts";
import { recover } from "../../../shared/clusters/enforcement/transaction/recover.ts";
import type { ClusterHolds, Step } from "../../../shared/clusters/enforcement/types.ts";
import { levers, ownStep, someObjects, stepsFor, withoutScaled } from "../../support/enforcement/clusters.ts";
import { Crash, type CrashTime, crashing } from "../../support/enforcement/crash.ts";
import { type FakeWorld, openFakeWorld } from "../../support/enforcement/fake.ts";
import { planOf } from "../../support/enforcement/plans.ts";
import { namespace } from "../../support/kube-objects.ts";
import type { KubeObject } from "../../support/kube-server/types.ts";

async function inWorld(objects: readonly KubeObject[], test: (world: FakeWorld) => Promise<void>): Promise<void> {
  const world = await openFakeWorld();
  try {
    for (const object of [namespace("ml"), ...objects]) world.server.apply(object);
    await test(world);
  } finally {
    await world.close();
  }
}

function someSteps(world: FakeWorld, picks: readonly boolean[]): Step[] {
  const steps = stepsFor("fake", levers(world.server), (index) => picks[index % picks.length] ?? true);
  return picks[0] === true ? [...steps, ownStep("fake", "ml")] : steps;
}

/** What a later run does, until nothing is left. */
async function giveBack(world: FakeWorld): Promise<void> {
  const { deps } = world.enforcer();
  let document: ClusterHolds | undefined;
  for (let run = 0; run < 4; run++) {
    await recover(deps);
    await restore(deps, { kind: "all" }, "by hand");
    document = await readStoredHolds(world.store, "fake");
    if (document === undefined || Object.keys({ ...document.holds, ...document.own }).length === 0) return;
    world.clock.advance(60_000);
  }
  expect({ holds: document?.holds ?? {}, own: document?.own ?? {} }).toEqual({ holds: {}, own: {} });
}

const picks = fc.array(fc.boolean(), { minLength: 3, maxLength: 7 });
/** What people made, as it is now; how many replicas an autoscaled workload has is its autoscaler's. */
const asMade = (world: FakeWorld) => withoutScaled(world.server.snapshot({ stripped: true }));

describe("apply, then restore", () => {
  it("is the identity, object by object and field by field", async () => {
    await fc.assert(
      fc.asyncProperty(someObjects, picks, (objects, chosen) =>
        inWorld(objects, async (world) => {
          const before = asMade(world);
          const steps = someSteps(world, chosen);
          const { deps } = world.enforcer();
          const report = await applyPlan(deps, planOf("fake", world.clusterUid, steps));
          expect(report.steps.map(({ outcome }) => outcome)).toEqual(steps.map(() => "active"));
          if (steps.length > 0) expect(asMade(world)).not.toEqual(before);
          await giveBack(world);
          expect(asMade(world)).toEqual(before);
        }),
      ),
      { numRuns: 25 },
    );
  }, 120_000);

  it("is the identity after a crash at any write, before it, after it, or when it arrives late", async () => {
    await fc.assert(
      fc.asyncProperty(
        someObjects,
        picks,
        fc.integer({ min: 1, max: 24 }),
        fc.constantFrom<CrashTime>("before", "after", "late"),
        (objects, chosen, at, when) =>
          inWorld(objects, async (world) => {
            const before = asMade(world);
            const plan = planOf("fake", world.clusterUid, someSteps(world, chosen));
            const crash = crashing({ at, when });
            const { deps } = world.enforcer({ wrap: crash.wrap, store: crash.store(world.store) });
            const whole = async () => {
              await applyPlan(deps, plan);
              await restore(deps, { kind: "all" }, "by hand");
            };
            await whole().catch((error: unknown) => expect(error).toBeInstanceOf(Crash));
            await giveBack(world);
            await crash.deliver();
            await giveBack(world);
            expect(asMade(world)).toEqual(before);
          }),
      ),
      { numRuns: 60 },
    );
  }, 120_000);
});
