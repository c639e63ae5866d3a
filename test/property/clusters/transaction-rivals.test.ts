import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { KubeClient } from "../../../shared/clusters/connections/types.ts";
import { readField, sameValue } from "../../../shared/clusters/enforcement/fields.ts";
import { readStoredHolds } from "../../../shared/clusters/enforcement/hold/document.ts";
import { desired } from "../../../shared/clusters/enforcement/hold/hold.ts";
import { restore } from "../../../shared/clusters/enforcement/restore/restore.ts";
import { applyPlan } from "../../../shared/clusters/enforcement/transaction/apply-plan.ts";
import { recover } from "../../../shared/clusters/enforcement/transaction/recover.ts";
import type { Plan } from "../../../shared/clusters/enforcement/types.ts";
import type { ObjectStore } from "../../../shared/ports/object-store.ts";
import { levers, ownStep } from "../../support/enforcement/clusters.ts";
import { type FakeWorld, openFakeWorld } from "../../support/enforcement/fake.ts";
import { fieldStep, planOf } from "../../support/enforcement/plans.ts";
import { cronJob, deployment, namespace, nodePool } from "../../support/kube-objects.ts";

const OBJECTS = [
  namespace("ml"),
  deployment({ name: "a", namespace: "ml", replicas: 6 }),
  deployment({ name: "a", namespace: "web", replicas: 4 }),
  cronJob({ name: "nightly", namespace: "ml" }),
  nodePool({ name: "general", limits: { cpu: "100" } }),
];

/** Every call waits for its turn; the scheduler gives turns in an order that it chooses. */
function inTurns(scheduler: fc.Scheduler) {
  const turn = <A extends unknown[], R>(call: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      await scheduler.schedule(Promise.resolve());
      return call(...args);
    };
  };
  return {
    client: (client: KubeClient): KubeClient => ({
      ...client,
      get: turn(client.get),
      mergePatch: turn(client.mergePatch),
      apply: turn(client.apply),
      delete: turn(client.delete),
    }),
    store: (store: ObjectStore): ObjectStore => ({ ...store, get: turn(store.get), put: turn(store.put) }),
  };
}

/** The same objects wanted by two budgets, to different degrees. */
function plansOf(world: FakeWorld): { throttle: Plan; block: Plan } {
  const objects = levers(world.server);
  const steps = (replicas: number, limit: string, policy: string) =>
    objects.flatMap((live) => {
      const options = { policy };
      if (live.kind === "Deployment") return fieldStep("fake", live, { "/spec/replicas": replicas }, options);
      if (live.kind === "NodePool") return fieldStep("fake", live, { "/spec/limits": { cpu: limit } }, options);
      return live.kind === "CronJob" ? fieldStep("fake", live, { "/spec/suspend": true }, options) : [];
    });
  const plan = (...args: Parameters<typeof steps>) =>
    planOf("fake", world.clusterUid, [...steps(...args), ownStep("fake", "ml")]);
  return { throttle: plan(1, "10", "budget/throttle"), block: plan(0, "0", "budget/block") };
}

async function inWorld(test: (world: FakeWorld) => Promise<void>): Promise<void> {
  const world = await openFakeWorld();
  try {
    for (const object of OBJECTS) world.server.apply(object);
    await test(world);
  } finally {
    await world.close();
  }
}

const asMade = (world: FakeWorld) => world.server.snapshot({ stripped: true });

async function expectWhatIsWanted(world: FakeWorld): Promise<void> {
  const document = await readStoredHolds(world.store, "fake");
  for (const hold of Object.values(document?.holds ?? {})) {
    expect(`${hold.ref.kind} ${hold.state} ${hold.detail ?? ""}`).toBe(`${hold.ref.kind} active `);
    const live = levers(world.server).find(({ metadata }) => metadata.uid === hold.ref.uid);
    for (const [pointer, value] of Object.entries(desired(hold))) {
      expect(live !== undefined && sameValue(readField(live, pointer), value, pointer), pointer).toBe(true);
    }
  }
}

describe("several enforcers at once, in any order of their calls", () => {
  it("agree on one state, and give everything back", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.constantFrom("throttle", "block", "recover", "restore"), { minLength: 2, maxLength: 4 }),
        (scheduler, work) =>
          inWorld(async (world) => {
            const before = asMade(world);
            const plans = plansOf(world);
            const turns = inTurns(scheduler);
            const runs = work.map((each) => {
              const { deps } = world.enforcer({ wrap: turns.client, store: turns.store(world.store) });
              if (each === "recover") return recover(deps);
              return each === "restore" ? restore(deps, { kind: "all" }, "new period") : applyPlan(deps, plans[each]);
            });
            await scheduler.waitFor(Promise.all(runs));

            const { deps } = world.enforcer();
            await recover(deps);
            await expectWhatIsWanted(world);
            await restore(deps, { kind: "all" }, "by hand");
            await recover(deps);
            expect(asMade(world)).toEqual(before);
            const document = await readStoredHolds(world.store, "fake");
            expect({ ...document?.holds, ...document?.own }).toEqual({});
          }),
      ),
      { numRuns: 40 },
    );
  }, 120_000);
});
