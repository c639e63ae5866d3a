import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ACTIONS } from "../../../shared/clusters/enforcement/actions/registry.ts";
import { restore } from "../../../shared/clusters/enforcement/restore/restore.ts";
import { applyPlan } from "../../../shared/clusters/enforcement/transaction/apply-plan.ts";
import { recover } from "../../../shared/clusters/enforcement/transaction/recover.ts";
import type { Plan, Want } from "../../../shared/clusters/enforcement/types.ts";
import { AN_HOUR_MS, asked, lasting, planLive } from "../../support/enforcement/planned.ts";
import { pdb } from "../../support/kube-objects.ts";
import type { KubeObject as AnyObject } from "../../support/kube-server/types.ts";
import { deeds } from "../../support/plan-world.ts";
import { describeDenyGrowth, type PlannedTarget } from "./deny-growth.ts";
import { type EnforcementLab, openEnforcementLab } from "./enforcement-lab.ts";
import { collectionPath, type Named } from "./lab.ts";
import { CASES, type Case, type Rung, web } from "./plan-cases.ts";

/**
 * The planner and the transaction together: what the planner says of a live cluster is carried out and given back, for every action, on the fake
 * server and on a real control plane with our rights as shipped.
 */
export function describePlanAndBack(name: string, targetOf: () => PlannedTarget): void {
  describe(`plan and back on ${name}`, () => {
    let lab: EnforcementLab;
    beforeEach(async () => {
      lab = await openEnforcementLab(targetOf());
      await lab.lab.client.call("PATCH", `/api/v1/namespaces/${lab.lab.namespace}`, {
        body: { metadata: { labels: { "genops.ai/team": lab.lab.namespace } } },
        patch: "merge",
      });
      lab.clock.advance(AN_HOUR_MS);
    });
    afterEach(async () => {
      await restore(lab.enforcer().deps, { kind: "all" }, "by hand");
      await lab.lab.close();
    });

    const wants = (rung: Rung | undefined): Want[] =>
      rung === undefined ? [] : [lasting(rung, { scopes: [{ team: [lab.lab.namespace] }] })];
    const plan = (each: Case, made: readonly AnyObject[]) =>
      planLive(lab.enforcer().deps, wants(each.rung), {
        humanActions: each.human === undefined ? [] : [each.human(lab, made)],
      });
    const states = async () => Object.values((await lab.holds())?.holds ?? {}).map(({ state }) => state);
    const settled = (until: (states: readonly string[]) => boolean) =>
      lab.lab.target.eventually(async () => {
        await recover(lab.enforcer().deps);
        return states();
      }, until);

    async function carryOut(made: Plan): Promise<void> {
      const report = await applyPlan(lab.enforcer().deps, made);
      for (const { outcome, detail, action } of report.steps)
        expect(["active", "waiting"], `${action}: ${outcome} ${detail}`).toContain(outcome);
      await settled((all) => all.every((state) => state === "active"));
    }

    it.each(CASES.map((each) => [[each.action, each.kind].filter(Boolean).join(" of a "), each] as const))(
      "%s is planned, carried out, not planned again, and given back",
      async (_name, each) => {
        const objects = each.objects(lab);
        for (const object of objects) await makeOf(lab, object);
        const compared = objects.filter((object) => !isAutoscaled(object, objects));
        const before = await lab.written(compared);
        if (each.after !== undefined) await carryOut(await planned({ ...each, action: each.after }, objects));
        const made = await planned(each, objects);
        await carryOut(made);
        if (made.steps.some(({ write }) => write.kind === "fields"))
          expect(await lab.written(compared)).not.toEqual(before);

        const again = await plan(each, objects);
        const held = new Set(deeds(made));
        // A denial follows its warning.
        const twice = deeds(again).filter((deed) => held.has(deed) && !deed.startsWith("deny-growth "));
        expect(twice).toEqual([]);

        await restore(lab.enforcer().deps, { kind: "all" }, "by hand");
        await settled((all) => all.length === 0);
        expect((await lab.holds())?.own).toEqual({});
        expect(await lab.written(compared)).toEqual(before);
        for (const { write } of made.steps)
          if (write.kind === "objects") for (const own of write.objects) expect(await isThere(lab, own)).toBe(false);
      },
    );

    /** The plan, once the cluster's controllers have reported what it is made of. */
    async function planned(each: Case, objects: readonly AnyObject[]): Promise<Plan> {
      const isIt = (deed: string) => deed.startsWith([each.action, each.kind ?? ""].join(" "));
      const { made } = await lab.lab.target.eventually(
        async () => {
          const found = await plan(each, objects);
          return { deeds: deeds(found), leftOut: found.leftOut, made: { ...found, toJSON: () => "the plan" } };
        },
        (found) => found.deeds.some(isIt),
      );
      const { toJSON: _, ...rest } = made;
      return rest;
    }

    it("every row of the decision table is among these", () => {
      const rows = new Set([...CASES.map(({ action }) => action), "evict-pods"]);
      expect([...rows].toSorted()).toEqual(Object.keys(ACTIONS).toSorted());
    });

    it("evict-pods is carried out, as its disruption budget allows", async () => {
      const { namespace } = lab.lab;
      await lab.make(web(lab));
      await lab.make(pdb({ namespace, name: "subject", app: "subject", minAvailable: 1 }));
      const running = () => lab.lab.pods("subject");
      const before = await lab.lab.target.eventually(running, (pods) => pods.length === 3 && pods.every(isRunning));
      const human = asked("evict-pods", { namespace, kind: "Deployment", name: "subject" });
      const made = await lab.lab.target.eventually(
        () => planLive(lab.enforcer().deps, [], { humanActions: [human] }),
        ({ steps }) => steps.length === 1,
      );
      expect(made.steps).toMatchObject([{ action: "evict-pods", reversible: false, write: { kind: "evict" } }]);
      const { steps } = await applyPlan(lab.enforcer().deps, made);
      expect(steps).toMatchObject([{ outcome: "carried-out" }]);
      const uids = new Set(before.map(({ metadata }) => metadata.uid));
      const after = await lab.lab.target.eventually(
        running,
        (pods) => pods.length === 3 && pods.every(({ metadata }) => !uids.has(metadata.uid)),
      );
      expect(after).toHaveLength(3);
    });

    it("workloads of one name in two namespaces never mix", async () => {
      const other = lab.lab.unique("conf-other");
      await lab.lab.make({ apiVersion: "v1", kind: "Namespace", metadata: { name: other } });
      const twin = { ...web(lab, 2), metadata: { ...web(lab).metadata, namespace: other } };
      const objects = [web(lab), twin];
      for (const object of objects) await makeOf(lab, object);
      const before = await lab.written(objects);
      const made = await planLive(lab.enforcer().deps, wants("block"));
      expect(made.steps.filter(({ action }) => action === "scale-to-zero").map(({ subject }) => subject)).toEqual([
        `Deployment ${lab.lab.namespace}/subject`,
      ]);
      await carryOut(made);
      expect((await lab.written(objects))[1]).toEqual(before[1]);
      await restore(lab.enforcer().deps, { kind: "all" }, "by hand");
      await settled((all) => all.length === 0);
      expect(await lab.written(objects)).toEqual(before);
    });

    describeDenyGrowth(() => ({ lab, target: targetOf(), wants, carryOut }));
  });
}

function isRunning({ status }: AnyObject): boolean {
  return status?.["phase"] === "Running";
}

/** Its replicas are its autoscaler's. */
function isAutoscaled({ kind }: AnyObject, objects: readonly AnyObject[]): boolean {
  const has = objects.some((other) => other.kind === "HorizontalPodAutoscaler" || other.kind === "ScaledObject");
  return kind === "Deployment" && has;
}

/** A pod is taken only when its namespace has its service account. */
async function makeOf(lab: EnforcementLab, object: AnyObject): Promise<void> {
  if (object.kind !== "Pod") return void (await lab.make(object));
  await lab.lab.target.eventually(
    async () => (await lab.lab.client.call("POST", collectionPath(object), { body: object })).status,
    (status) => status === 201,
  );
  await lab.lab.settled(object, isRunning);
}

async function isThere(lab: EnforcementLab, { apiVersion, kind, metadata }: Named): Promise<boolean> {
  const { client } = lab.enforcer().deps;
  const { name, namespace } = metadata;
  return (
    (await client.get({ apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) })) !== undefined
  );
}
