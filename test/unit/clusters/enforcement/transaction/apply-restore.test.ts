import { afterEach, describe, expect, it } from "vitest";
import type { KubeObject } from "../../../../../shared/clusters/connections/types.ts";
import { restore } from "../../../../../shared/clusters/enforcement/restore/restore.ts";
import { applyPlan } from "../../../../../shared/clusters/enforcement/transaction/apply-plan.ts";
import { recover } from "../../../../../shared/clusters/enforcement/transaction/recover.ts";
import { withoutScaled } from "../../../../support/enforcement/clusters.ts";
import { type FakeWorld, openFakeWorld } from "../../../../support/enforcement/fake.ts";
import { FIELD_ACTIONS, fieldStep, planOf } from "../../../../support/enforcement/plans.ts";
import {
  cronJob,
  deployment,
  hpa,
  job,
  nodePool,
  rollout,
  scaledObject,
  statefulSet,
} from "../../../../support/kube-objects.ts";

let world: FakeWorld;
afterEach(() => world.close());

const OBJECTS = [
  deployment({ name: "web", replicas: 5 }),
  deployment({ name: "scaled", replicas: 4 }),
  deployment({ name: "queue", replicas: 2 }),
  hpa({ name: "scaled", target: "scaled", min: 2, max: 9 }),
  scaledObject({ name: "queue", target: "queue", min: 2, max: 8 }),
  statefulSet({ name: "db", replicas: 3 }),
  rollout({ name: "canary", replicas: 3 }),
  job({ name: "train", parallelism: 2 }),
  cronJob({ name: "nightly" }),
  nodePool({ name: "general", limits: { cpu: "100", memory: "1000Gi" } }),
];

/** The cluster, and every object in it that people made, as it lies there. */
async function prepare(): Promise<readonly KubeObject[]> {
  world = await openFakeWorld();
  for (const object of OBJECTS) world.server.apply(object);
  const { deps } = world.enforcer();
  const kinds = [...new Map(OBJECTS.map((each) => [each.kind, each])).values(), { apiVersion: "v1", kind: "Node" }];
  const lists = await Promise.all(kinds.map(({ apiVersion, kind }) => deps.client.list(apiVersion, kind)));
  return lists.flat().filter(({ metadata }) => metadata.ownerReferences === undefined);
}

const asMade = () => withoutScaled(world.server.snapshot({ stripped: true }));

describe("apply, then restore", () => {
  it.each(FIELD_ACTIONS.map((each) => [`${each.action} on ${each.kind}`, each] as const))(
    "%s gives everything back",
    async (_name, { action, rung, kind, fields }) => {
      const objects = await prepare();
      const before = asMade();
      const live = objects.find((each) => each.kind === kind);
      if (live === undefined) throw new Error(`no ${kind}`);
      const plan = planOf("fake", world.clusterUid, [fieldStep("fake", live, fields, { action, rung })]);
      const { deps } = world.enforcer();

      const applied = await applyPlan(deps, plan);
      expect(applied.steps).toMatchObject([{ outcome: "active" }]);
      expect(asMade()).not.toEqual(before);
      expect((await applyPlan(deps, plan)).steps).toMatchObject([{ outcome: "active" }]);
      expect((await recover(deps)).steps).toEqual([]);

      const restored = await restore(deps, { kind: "all" }, "by hand");
      expect(restored.steps).toMatchObject([{ outcome: "restored" }]);
      expect(asMade()).toEqual(before);
    },
  );
});
