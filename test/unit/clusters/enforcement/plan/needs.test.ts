import { describe, expect, it } from "vitest";
import { needsOf, needsOfStep } from "../../../../../shared/clusters/enforcement/plan/needs.ts";
import { splitPlan } from "../../../../../shared/clusters/enforcement/plan/split-plan.ts";
import { deployment } from "../../../../support/cluster-objects.ts";
import { blocking, enforcementSettings, opted, planFor, wanted } from "../../../../support/plan-world.ts";

const step = { action: "scale-to-floor", rung: "throttle", layer: "cluster", environment: "dev" } as const;

describe("what a step needs", () => {
  it("is the most careful of everything that speaks about it", () => {
    expect(needsOfStep(step, enforcementSettings())).toEqual({ mode: "auto", approvals: 0 });
    expect(needsOfStep(step, enforcementSettings({ rungs: { throttle: "approve" } }))).toEqual({
      mode: "approve",
      approvals: 1,
    });
    expect(
      needsOfStep(step, enforcementSettings({ layers: { cluster: "dry-run" }, rungs: { throttle: "approve" } })).mode,
    ).toBe("dry-run");
    expect(needsOfStep(step, enforcementSettings({ environments: { dev: "approve" } })).mode).toBe("approve");
    expect(
      needsOfStep({ ...step, environment: "development" }, enforcementSettings({ environments: { dev: "approve" } }))
        .mode,
    ).toBe("approve");
    expect(needsOfStep(step, enforcementSettings({ mode: "dry-run", rungs: { throttle: "auto" } })).mode).toBe(
      "dry-run",
    );
  });

  it("is two people for block in prod, wherever that is unknown, and for what only people ask for", () => {
    for (const environment of ["prod", "production", "unallocated", ""]) {
      expect(needsOfStep({ ...step, rung: "block", environment }, enforcementSettings())).toEqual({
        mode: "approve",
        approvals: 2,
      });
    }
    expect(needsOfStep({ ...step, rung: "block" }, enforcementSettings())).toEqual({ mode: "auto", approvals: 0 });
    expect(needsOfStep({ ...step, rung: "human", action: "no-execute" }, enforcementSettings()).approvals).toBe(2);
    for (const action of ["cordon-node", "evict-pods", "resize-node-pool"] as const) {
      expect(needsOfStep({ ...step, rung: "human", action }, enforcementSettings())).toEqual({
        mode: "approve",
        approvals: 2,
      });
    }
    expect(needsOfStep({ ...step, rung: "block", action: "deny-all" }, enforcementSettings())).toEqual({
      mode: "approve",
      approvals: 1,
    });
  });

  it("is found for environments that bear a name of JavaScript's own", () => {
    for (const environment of ["constructor", "toString", "__proto__"]) {
      expect(needsOfStep({ ...step, environment }, enforcementSettings())).toEqual({ mode: "auto", approvals: 0 });
    }
  });

  it("is the most careful of all steps for a plan", () => {
    const settings = enforcementSettings();
    expect(needsOf([], settings)).toEqual({ mode: "auto", approvals: 0 });
    expect(needsOf([], enforcementSettings({ mode: "dry-run" })).mode).toBe("dry-run");
    expect(needsOf([step, { ...step, rung: "block", environment: "prod" }], settings)).toEqual({
      mode: "approve",
      approvals: 2,
    });
  });
});

describe("splitting a plan by consent", () => {
  it("lets what may be done by itself not wait for people", () => {
    const prod = opted("shop", "block", { "genops.ai/environment": "prod" });
    const objects = [
      opted("ml"),
      prod,
      ...["ml", "shop"].map((namespace) => deployment({ namespace, name: "web", replicas: 2 })),
    ];
    const plan = planFor(objects, { wants: [wanted({ ...blocking, atOnce: true })] });
    const parts = splitPlan(plan, enforcementSettings());
    expect(parts.map(({ needs }) => needs.approvals)).toEqual([0, 2]);
    expect(parts.flatMap(({ steps }) => steps).length).toBe(plan.steps.length);
    expect(new Set([plan, ...parts].map(({ hash }) => hash)).size).toBe(3);
    expect(splitPlan(planFor(objects.slice(0, 1)), enforcementSettings())).toHaveLength(1);
  });
});
