import { describe, expect, it } from "vitest";
import { advanceByHolds } from "../../../../../shared/clusters/enforcement/approvals/follow-holds.ts";
import type { PlanRecord } from "../../../../../shared/clusters/enforcement/approvals/types.ts";
import type { ClosedWork, ClusterHolds, Hold, Step } from "../../../../../shared/clusters/enforcement/types.ts";
import { ZERO } from "../../../../../shared/core/decimal.ts";
import { approvablePlan, scaleStep } from "../../../../support/plans.ts";

const AT = "2026-11-22T04:00:00.000Z";
const SOON = new Date("2026-11-22T04:05:00.000Z");
const LATE = new Date("2026-11-22T04:20:00.000Z");
const trainer = scaleStep({ name: "trainer" });
const indexer = scaleStep({ name: "indexer" });
const plan = approvablePlan({ steps: [trainer, indexer] });

function record(state: PlanRecord["state"], over: Partial<PlanRecord> = {}): PlanRecord {
  return {
    ...{ plan, state, proposedAt: AT, requesters: ["genops"], updatedAt: AT, revision: 3, decided: 1, changes: [] },
    progress: { done: 2, of: 2 },
    ...over,
  };
}

function hold(step: Step, over: Partial<Hold> = {}): Hold {
  if (step.write.kind !== "fields") throw new Error("a step over fields");
  const { id, action, rung, policy, environment, expiresAt, savesPerHour } = step;
  return {
    ref: step.write.target,
    via: "patch",
    originals: {},
    layers: [
      {
        step: id,
        planHash: plan.hash,
        action,
        rung,
        policy,
        environment,
        fields: {},
        appliedAt: AT,
        expiresAt,
        savesPerHour,
      },
    ],
    written: {},
    state: "active",
    reverts: [],
    changedAt: AT,
    ...over,
  };
}

function closed({ id, action, policy, subject }: Step, outcome: string): ClosedWork {
  return { step: id, action, policy, subject, appliedAt: AT, closedAt: AT, outcome, savesPerHour: ZERO };
}

function document(holds: readonly Hold[], ended: readonly ClosedWork[] = []): ClusterHolds {
  const byUid = Object.fromEntries(holds.map((each) => [each.ref.uid, each]));
  return { cluster: plan.cluster, clusterUid: plan.clusterUid, holds: byUid, own: {}, closed: ended };
}

describe("a plan that has begun", () => {
  it("is as it is while it is held", () => {
    expect(advanceByHolds(record("applied"), document([hold(trainer)]), LATE)).toBeUndefined();
    const leaving = hold(trainer, {
      layers: hold(trainer).layers.map((layer) => ({ ...layer, leaving: "new period" })),
    });
    expect(advanceByHolds(record("applied"), document([leaving]), LATE)).toBeUndefined();
    expect(advanceByHolds(record("applied"), undefined, LATE)).toBeUndefined();
    expect(advanceByHolds(record("waiting"), document([]), LATE)).toBeUndefined();
  });

  it("is contested when one of its objects is, and says which", () => {
    const fought = hold(trainer, { state: "contested", detail: "put back twice by argocd-controller" });
    expect(advanceByHolds(record("applied"), document([fought, hold(indexer)]), SOON)).toEqual({
      state: "contested",
      detail: "Deployment ml/trainer, put back twice by argocd-controller",
    });
    expect(advanceByHolds(record("contested"), document([fought]), SOON)).toBeUndefined();
  });

  it("is restored when nothing of it is held any more, and says what did not come back by us", () => {
    const all = document([], [closed(trainer, "restored"), closed(indexer, "restored")]);
    expect(advanceByHolds(record("applied"), all, SOON)).toEqual({ state: "restored" });
    const kept = document([], [closed(trainer, "restored"), closed(indexer, "changed by kubectl")]);
    expect(advanceByHolds(record("contested"), kept, SOON)).toEqual({
      state: "restored",
      detail: "but for Deployment ml/indexer: changed by kubectl",
    });
  });

  it("is not restored when nothing of it was ever done, or it did what cannot be held", () => {
    const failed = record("failed", { progress: { done: 0, of: 2 } });
    expect(advanceByHolds(failed, document([]), LATE)).toBeUndefined();
    const evicting = approvablePlan({ steps: [scaleStep({ write: { kind: "evict", pods: [] } })] });
    expect(advanceByHolds(record("applied", { plan: evicting }), document([]), LATE)).toBeUndefined();
  });

  it("is finished by what is held when whoever carried it out has died", () => {
    const dead = record("applying", { progress: { done: 0, of: 2 } });
    expect(advanceByHolds(dead, document([hold(trainer)]), SOON)).toBeUndefined();
    expect(advanceByHolds(dead, document([hold(trainer)]), LATE)).toMatchObject({
      state: "applied",
      progress: { done: 1, of: 2 },
    });
    expect(advanceByHolds(dead, document([]), LATE)).toMatchObject({ state: "failed", progress: { done: 0, of: 2 } });
  });
});
