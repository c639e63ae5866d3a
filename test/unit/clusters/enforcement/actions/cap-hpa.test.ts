import { describe, expect, it } from "vitest";
import { capHpa } from "../../../../../shared/clusters/enforcement/actions/cap-hpa.ts";
import { ARGO, changes, hpa, proposed, scaledObject, workloadSubject } from "../../../../support/action-subjects.ts";
import { deployment } from "../../../../support/cluster-objects.ts";
import { opted } from "../../../../support/plan-world.ts";

const web = deployment({ namespace: "ml", name: "web", replicas: 3 });

function propose(parts: Parameters<typeof hpa>[1]) {
  const { subject, context } = workloadSubject([opted("ml"), web, hpa(web, parts)]);
  return capHpa.propose(subject, context);
}

describe("row 3, capping an autoscaler", () => {
  it("keeps it from going above what runs now", () => {
    const verdict = propose({ min: 2, max: 10, current: 3 });
    expect(changes(verdict)).toEqual({ "/spec/maxReplicas": "10 → 3" });
    const step = proposed(verdict);
    expect(step).toMatchObject({ pods: 7, reversible: true });
    expect(step.frees).toBeUndefined();
    expect(step.commands).toEqual([
      `kubectl --context test --namespace ml patch horizontalpodautoscaler.autoscaling/web --type=merge -p '{"spec":{"maxReplicas":3}}'`,
    ]);
    expect(step.reverse).toContain("2 to 10");
  });

  it("keeps min at or below max, and both at one or more", () => {
    expect(changes(propose({ min: 5, max: 10, current: 3 }))).toEqual({
      "/spec/minReplicas": "5 → 3",
      "/spec/maxReplicas": "10 → 3",
    });
    expect(changes(propose({ max: 10, current: 0 }))).toEqual({ "/spec/maxReplicas": "10 → 1" });
  });

  it("does nothing when it cannot grow", () => {
    expect(propose({ min: 1, max: 3, current: 3 })).toBe("done");
  });

  it("leaves out what Git owns, with the words for Argo CD", () => {
    const verdict = propose({ max: 10, current: 3, annotations: ARGO });
    expect(verdict).toMatchObject({
      leftOut: "Argo CD shop owns /spec/minReplicas and /spec/maxReplicas and would put it back",
      hint: expect.stringContaining("RespectIgnoreDifferences=true"),
    });
    expect(verdict).toMatchObject({ hint: expect.stringContaining("        - /spec/maxReplicas") });
  });

  it("is not for workloads without an autoscaler, or with KEDA's", () => {
    const bare = workloadSubject([opted("ml"), web]);
    expect(capHpa.propose(bare.subject, bare.context)).toBe("not-mine");
    const keda = workloadSubject([opted("ml"), web, scaledObject(web)]);
    expect(capHpa.propose(keda.subject, keda.context)).toBe("not-mine");
  });

  it("never touches one that belongs to a ScaledObject or to another target", () => {
    const { subject, context } = workloadSubject([opted("ml"), web]);
    const other = deployment({ namespace: "ml", name: "other" });
    const withOwner = { ...hpa(web, { max: 5, current: 1 }) };
    const owned = {
      ...withOwner,
      metadata: {
        ...withOwner.metadata,
        ownerReferences: [{ apiVersion: "keda.sh/v1alpha1", kind: "ScaledObject", name: "web", uid: "s" }],
      },
    };
    const judge = (autoscaler: typeof web) =>
      capHpa.propose(
        { ...subject, workload: { ...subject.workload, replicaOwner: { kind: "hpa", autoscaler } } },
        context,
      );
    expect(judge(owned)).toEqual({ leftOut: "its autoscaler belongs to ScaledObject web" });
    expect(judge(hpa(other, { max: 5, current: 1 }))).toEqual({
      leftOut: "its autoscaler is for Deployment other, not for it",
    });
  });
});
