import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readStoredHolds } from "../../../shared/clusters/enforcement/hold/document.ts";
import { restore } from "../../../shared/clusters/enforcement/restore/restore.ts";
import { applyPlan } from "../../../shared/clusters/enforcement/transaction/apply-plan.ts";
import { recover } from "../../../shared/clusters/enforcement/transaction/recover.ts";
import type { ClusterHolds, Plan, Want } from "../../../shared/clusters/enforcement/types.ts";
import { parseDecimal } from "../../../shared/core/decimal.ts";
import { withoutScaled } from "../../support/enforcement/clusters.ts";
import { type FakeWorld, openFakeWorld } from "../../support/enforcement/fake.ts";
import { AN_HOUR_MS, asked, lasting, planLive } from "../../support/enforcement/planned.ts";
import {
  type Cluster,
  clusters,
  objectsOf,
  PLACES,
  type Shape,
  shapes,
} from "../../support/enforcement/some-clusters.ts";
import type { KubeObject } from "../../support/kube-server/types.ts";
import { capsOf, deeds } from "../../support/plan-world.ts";

async function inWorld(cluster: Cluster, test: (world: FakeWorld) => Promise<void>): Promise<void> {
  const world = await openFakeWorld();
  try {
    for (const { object, as } of objectsOf(cluster)) world.server.apply(object, as === undefined ? {} : { as });
    world.clock.advance(AN_HOUR_MS);
    await test(world);
  } finally {
    await world.close();
  }
}

/** What people made, as it is now; how many replicas an autoscaled workload has is its autoscaler's. */
const asMade = (world: FakeWorld) => withoutScaled(world.server.snapshot({ stripped: true }));
const held = (world: FakeWorld) => readStoredHolds(world.store, "fake");

async function carryOut(world: FakeWorld, plan: Plan): Promise<void> {
  const { steps } = await applyPlan(world.enforcer().deps, plan);
  for (const { action, subject, outcome, detail } of steps)
    expect(`${action} ${subject}: ${outcome} ${detail ?? ""}`).toBe(`${action} ${subject}: active `);
  expect(steps).toHaveLength(plan.steps.length);
}

async function giveBack(world: FakeWorld): Promise<void> {
  const { deps } = world.enforcer();
  await restore(deps, { kind: "all" }, "by hand");
  await recover(deps);
  const document: ClusterHolds | undefined = await held(world);
  expect({ holds: document?.holds ?? {}, own: document?.own ?? {} }).toEqual({ holds: {}, own: {} });
}

const gitRules = fc.constantFrom("notify" as const, "suspend-flux" as const);
const throttle = lasting("throttle");
const block = lasting("block");
const wantsOf: Readonly<Record<string, readonly Want[]>> = {
  freeze: [lasting("freeze")],
  throttle: [throttle],
  block: [block],
  both: [throttle, block],
};

describe("what the planner plans of a live cluster, carried out and given back", () => {
  it("is the identity, object by object and field by field", async () => {
    await fc.assert(
      fc.asyncProperty(
        clusters,
        fc.constantFrom("freeze", "throttle", "block", "both"),
        gitRules,
        (cluster, which, gitOps) =>
          inWorld(cluster, async (world) => {
            const before = asMade(world);
            const wants = wantsOf[which] ?? [];
            const { deps } = world.enforcer();
            const plan = await planLive(deps, wants, { settings: { gitOps } });
            await carryOut(world, plan);
            if (plan.steps.length > 0) expect(asMade(world)).not.toEqual(before);

            // A second run adds what could only follow (a denial after its warning, taints after the pool's cap); a third has nothing to do.
            const second = await planLive(deps, wants, { settings: { gitOps } });
            const repeated = deeds(second).filter((deed) => deeds(plan).includes(deed));
            expect(repeated.filter((deed) => !deed.startsWith("deny-growth "))).toEqual([]);
            await carryOut(world, second);
            expect(deeds(await planLive(deps, wants, { settings: { gitOps } }))).toEqual([]);

            await giveBack(world);
            expect(asMade(world)).toEqual(before);
          }),
      ),
      { numRuns: 40 },
    );
  }, 120_000);

  it("is the identity after every rung of the ladder, in parts, under two budgets", async () => {
    await fc.assert(
      fc.asyncProperty(clusters, fc.boolean(), fc.boolean(), (cluster, isTwo, inParts) =>
        inWorld(cluster, async (world) => {
          const before = asMade(world);
          const { deps } = world.enforcer();
          const other = lasting("throttle", { policy: "budget/other/throttle", budget: "other" });
          const wants = [lasting("block", { atOnce: false }), ...(isTwo ? [other] : [])];
          const settings = inParts ? { caps: capsOf({ namespaceShare: parseDecimal("0.25") }) } : {};
          for (let run = 0; run < 40; run++) {
            const plan = await planLive(deps, wants, { settings });
            if (plan.steps.length === 0) break;
            await carryOut(world, plan);
          }
          expect(deeds(await planLive(deps, wants, { settings }))).toEqual([]);
          await giveBack(world);
          expect(asMade(world)).toEqual(before);
        }),
      ),
      { numRuns: 20 },
    );
  }, 120_000);

  it("touches only the namespace that is meant, where the other has all the same names", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(shapes, { minLength: 1, maxLength: 6 }), fc.boolean(), (some, isBlock) => {
        const twins = some.flatMap((shape) => PLACES.map((place): Shape => ({ ...shape, namespace: place })));
        const cluster = { optIns: ["block", "block"], environments: ["dev", "dev"], shapes: twins, pools: [] };
        return inWorld(cluster, async (world) => {
          const before = asMade(world);
          const of = (place: string) =>
            Object.entries(asMade(world)).filter(([key]) => key.split("/").at(-2) === place);
          const [ml, web] = [of("ml"), of("web")];
          const { deps } = world.enforcer();
          const rung = isBlock ? "block" : "throttle";
          const scoped = [lasting(rung, { scopes: [{ namespace: ["ml"] }] })];
          const plan = await planLive(deps, scoped);
          for (const step of plan.steps) expect(step.namespace).toBe("ml");
          await carryOut(world, plan);
          expect(of("web")).toEqual(web);
          if (plan.steps.some(({ write }) => write.kind === "fields")) expect(of("ml")).not.toEqual(ml);

          const other = await planLive(deps, [
            lasting(rung, { policy: "budget/other", scopes: [{ namespace: ["web"] }] }),
          ]);
          for (const step of other.steps) expect(step.namespace).toBe("web");
          await carryOut(world, other);
          await restore(deps, { kind: "policies", policies: [scoped[0]?.policy ?? ""] }, "by hand");
          expect(of("ml")).toEqual(ml);
          await giveBack(world);
          expect(asMade(world)).toEqual(before);
        });
      }),
      { numRuns: 20 },
    );
  }, 120_000);

  it("is the identity for people's actions on nodes too, above what budgets hold", async () => {
    await fc.assert(
      fc.asyncProperty(
        clusters,
        fc.constantFrom("cordon-node", "no-execute"),
        fc.boolean(),
        (cluster, action, first) => {
          const pools = [{ limits: true, optIn: true, nodes: 3, taint: first }];
          return inWorld({ ...cluster, pools }, async (world) => {
            const before = asMade(world);
            const { deps } = world.enforcer();
            const human = asked(action, { node: "pool-0-0" });
            if (first) await carryOut(world, await planLive(deps, wantsOf["throttle"] ?? []));
            const plan = await planLive(deps, [], { humanActions: [human] });
            expect(deeds(plan)).toEqual([`${action} Node pool-0-0`]);
            await carryOut(world, plan);
            expect((await planLive(deps, [], { humanActions: [human] })).steps).toEqual([]);
            await carryOut(world, await planLive(deps, wantsOf["throttle"] ?? []));
            await giveBack(world);
            expect(withoutBare(asMade(world))).toEqual(withoutBare(before));
          });
        },
      ),
      { numRuns: 15 },
    );
  }, 120_000);
});

/** A bare pod that was driven off its node does not come back. */
function withoutBare(snapshot: Readonly<Record<string, KubeObject>>): Readonly<Record<string, KubeObject>> {
  return Object.fromEntries(Object.entries(snapshot).filter(([, { kind }]) => kind !== "Pod"));
}
