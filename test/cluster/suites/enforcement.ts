import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isTree } from "../../../shared/clusters/connections/objects.ts";
import { restore } from "../../../shared/clusters/enforcement/restore/restore.ts";
import { restoreFromAnnotations } from "../../../shared/clusters/enforcement/restore/restore-from-annotations.ts";
import { applyPlan } from "../../../shared/clusters/enforcement/transaction/apply-plan.ts";
import { recover } from "../../../shared/clusters/enforcement/transaction/recover.ts";
import { ownStep } from "../../support/enforcement/clusters.ts";
import { Crash, crashing } from "../../support/enforcement/crash.ts";
import { FIELD_ACTIONS, fieldStep } from "../../support/enforcement/plans.ts";
import {
  cronJob,
  deployment,
  hpa,
  job,
  node,
  nodePool,
  rollout,
  scaledObject,
  statefulSet,
} from "../../support/kube-objects.ts";
import type { KubeObject as AnyObject } from "../../support/kube-server/types.ts";
import type { ClusterTarget } from "../target.ts";
import { type EnforcementLab, losingAnswers, openEnforcementLab } from "./enforcement-lab.ts";

const SMALL = { requests: { cpu: "10m", memory: "16Mi" } };

/** One object of every kind that an action changes, and what it needs beside it. */
function objectOf(kind: string, { lab }: EnforcementLab): { object: AnyObject; beside: readonly AnyObject[] } {
  const { namespace } = lab;
  const common = { ...SMALL, namespace, name: "subject", annotations: { "example.com/owner": "shop" } };
  const web = deployment({ ...common, replicas: 3 });
  switch (kind) {
    case "Deployment":
      return { object: web, beside: [] };
    case "StatefulSet":
      return { object: statefulSet({ ...common, replicas: 2 }), beside: [] };
    case "Rollout":
      return { object: rollout({ ...common, replicas: 2 }), beside: [] };
    case "HorizontalPodAutoscaler":
      return { object: hpa({ namespace, name: "subject", target: "subject", min: 2, max: 6 }), beside: [web] };
    case "ScaledObject":
      return { object: scaledObject({ namespace, name: "subject", target: "subject", min: 2, max: 6 }), beside: [web] };
    case "CronJob":
      return { object: cronJob(common), beside: [] };
    case "Job":
      return { object: job({ ...common, parallelism: 1, completions: 50 }), beside: [] };
    case "NodePool":
      return { object: nodePool({ name: lab.unique("pool"), limits: { cpu: "100", memory: "1Ti" } }), beside: [] };
    default:
      return { object: node({ name: lab.unique("node") }), beside: [] };
  }
}

/**
 * What enforcement promises (ADR 0015), on the fake server and on real control planes, with our rights as shipped: what we change comes back, to
 * the last field.
 */
export function describeEnforcement(name: string, targetOf: () => ClusterTarget): void {
  describe(`enforcement on ${name}`, () => {
    let lab: EnforcementLab;
    beforeEach(async () => {
      lab = await openEnforcementLab(targetOf());
    });
    afterEach(async () => {
      await restore(lab.enforcer().deps, { kind: "all" }, "by hand");
      await lab.lab.close();
    });

    const web = () => deployment({ ...SMALL, namespace: lab.lab.namespace, name: "web", replicas: 3 });
    const cluster = () => lab.lab.target.name;
    const patchAs = (manager: string, replicas: number) =>
      lab.lab.mergePatch(web(), { spec: { replicas } }, { query: { fieldManager: manager } });
    const zeroStep = async (policy = "budget/ml") =>
      fieldStep(cluster(), await lab.live(web()), { "/spec/replicas": 0 }, { policy });
    const states = async () => Object.values((await lab.holds())?.holds ?? {}).map(({ state }) => state);

    /** Runs again until what other controllers have to confirm is confirmed. */
    const settled = (done: () => Promise<boolean>) =>
      lab.lab.target.eventually(
        async () => {
          await recover(lab.enforcer().deps);
          return done();
        },
        (isDone) => isDone,
      );
    const giveBack = async () => {
      await restore(lab.enforcer().deps, { kind: "all" }, "by hand");
      await settled(async () => (await states()).length === 0);
    };

    it.each(FIELD_ACTIONS.map((each) => [`${each.action} on ${each.kind}`, each] as const))(
      "%s is done once and gives everything back",
      async (_name, { action, rung, kind, fields }) => {
        const { object, beside } = objectOf(kind, lab);
        for (const each of beside) await lab.make(each);
        const made = await lab.make(object);
        const before = await lab.written([object]);
        const plan = lab.plan(fieldStep(cluster(), made, fields, { action, rung }));
        const { deps } = lab.enforcer();
        const [first] = (await applyPlan(deps, plan)).steps;
        expect(["active", "waiting"], first?.detail).toContain(first?.outcome);
        await settled(async () => (await states()).join() === "active");
        const during = await lab.written([object]);
        expect(during).not.toEqual(before);
        expect((await applyPlan(deps, plan)).steps).toMatchObject([{ outcome: "active" }]);
        expect(await lab.written([object])).toEqual(during);
        await giveBack();
        expect(await lab.written([object])).toEqual(before);
      },
    );

    it("objects of ours are made and deleted", async () => {
      const { deps } = lab.enforcer();
      const report = await applyPlan(deps, lab.plan(ownStep(cluster(), lab.lab.namespace)));
      expect(report.steps, report.steps[0]?.detail).toMatchObject([{ outcome: "active" }]);
      const quotas = () => deps.client.list("v1", "ResourceQuota", { namespace: lab.lab.namespace });
      expect(await quotas()).toHaveLength(2);
      await giveBack();
      expect(await quotas()).toEqual([]);
    });

    it.each(["before", "after", "late"] as const)(
      "a crash %s any write leaves nothing behind",
      async (when) => {
        await lab.make(web());
        const before = await lab.written([web()]);
        for (let at = 1; at < 20; at++) {
          const crash = crashing({ at, when });
          const { deps } = lab.enforcer({ wrap: crash.wrap, store: crash.store(lab.store) });
          const steps = [await zeroStep(), ownStep(cluster(), lab.lab.namespace)];
          const whole = async () => {
            await applyPlan(deps, lab.plan(...steps));
            await restore(deps, { kind: "all" }, "new period");
          };
          const error: unknown = await whole().then(
            () => undefined,
            (reason: unknown) => reason,
          );
          if (error !== undefined) expect(error).toBeInstanceOf(Crash);
          await giveBack();
          const late = await crash.deliver();
          if (late === "mergePatch") expect(await lab.written([web()]), `late write ${at}`).toEqual(before);
          await recover(lab.enforcer().deps);
          await giveBack();
          expect(await lab.written([web()]), `crash at write ${at}`).toEqual(before);
          if (error === undefined) break;
        }
      },
      120_000,
    );

    it("answers that are lost change nothing", async () => {
      await lab.make(web());
      const before = await lab.written([web()]);
      const { deps } = lab.enforcer({ wrap: losingAnswers });
      expect((await applyPlan(deps, lab.plan(await zeroStep()))).steps).toMatchObject([{ outcome: "active" }]);
      await restore(deps, { kind: "all" }, "new period");
      expect(await lab.written([web()])).toEqual(before);
    });

    it("what the server's admission refuses is left out, in its words", async () => {
      const made = await lab.make(web());
      const step = fieldStep(cluster(), made, { "/spec/replicas": -1 });
      const { deps } = lab.enforcer();
      const report = await applyPlan(deps, lab.plan(step));
      expect(report.steps).toMatchObject([{ outcome: "left-out", detail: expect.stringContaining("spec.replicas") }]);
      expect(await lab.holds()).toBeUndefined();
    });

    it("a person's later change stays, and is reported by name", async () => {
      await lab.make(web());
      await applyPlan(lab.enforcer().deps, lab.plan(await zeroStep()));
      await patchAs("kubectl-edit", 2);
      const { notices } = await recover(lab.enforcer().deps);
      expect(notices).toMatchObject([{ kind: "overridden", text: expect.stringContaining("kubectl-edit at ") }]);
      const report = await restore(lab.enforcer().deps, { kind: "all" }, "new period");
      expect(report.steps).toMatchObject([{ outcome: "kept" }]);
      expect((await lab.live(web())).spec).toMatchObject({ replicas: 2 });
      expect((await lab.live(web())).metadata.annotations ?? {}).not.toHaveProperty("genops.ai/original");
    });

    it("Git that puts its value back is put right once, then left alone", async () => {
      await lab.make(web());
      await applyPlan(lab.enforcer().deps, lab.plan(await zeroStep()));
      await patchAs("argocd-controller", 3);
      expect((await recover(lab.enforcer().deps)).notices).toMatchObject([{ kind: "reverted" }]);
      // A burst of status updates can outrun one run's tries; the next has the rest.
      await settled(async () => {
        const { spec } = await lab.live(web());
        return isTree(spec) && spec["replicas"] === 0;
      });
      await patchAs("kustomize-controller", 3);
      expect((await recover(lab.enforcer().deps)).notices).toMatchObject([{ kind: "contested" }]);
      expect(await states()).toEqual(["contested"]);
      expect((await lab.live(web())).spec).toMatchObject({ replicas: 3 });
    });

    it("several enforcers at once agree, and give everything back", async () => {
      await lab.make(web());
      const before = await lab.written([web()]);
      const plans = await Promise.all(["a", "b", "c"].map(async (each) => lab.plan(await zeroStep(`budget/${each}`))));
      await Promise.all([
        ...plans.map((plan) => applyPlan(lab.enforcer().deps, plan)),
        recover(lab.enforcer().deps),
        restore(lab.enforcer().deps, { kind: "policies", policies: ["budget/a"] }, "no longer wanted"),
      ]);
      await recover(lab.enforcer().deps);
      expect((await states()).filter((state) => state !== "active")).toEqual([]);
      await giveBack();
      expect(await lab.written([web()])).toEqual(before);
    });

    it("equal names in two namespaces never mix", async () => {
      const other = await openEnforcementLab(lab.lab.target);
      const twin = deployment({ ...SMALL, namespace: other.lab.namespace, name: "web", replicas: 1 });
      await lab.make(web());
      const made = await other.make(twin);
      const before = await lab.written([web(), twin]);
      const steps = [await zeroStep(), fieldStep(cluster(), made, { "/spec/replicas": 0 })];
      await applyPlan(lab.enforcer().deps, lab.plan(...steps));
      await giveBack();
      expect(await lab.written([web(), twin])).toEqual(before);
      await other.lab.close();
    });

    it("everything comes back by the annotations alone when the lake is gone", async () => {
      await lab.make(web());
      const before = await lab.written([web()]);
      await applyPlan(lab.enforcer().deps, lab.plan(await zeroStep(), ownStep(cluster(), lab.lab.namespace)));
      lab.store.entries.clear();
      await restoreFromAnnotations(lab.enforcer().deps);
      expect(await lab.written([web()])).toEqual(before);
      const quotas = await lab.enforcer().deps.client.list("v1", "ResourceQuota", { namespace: lab.lab.namespace });
      expect(quotas).toEqual([]);
    });
  });
}
