import { describe, expect, it } from "vitest";
import { lowerHpa } from "../../../../../shared/clusters/enforcement/actions/lower-hpa.ts";
import { changes, hpa, proposed, workloadSubject } from "../../../../support/action-subjects.ts";
import { deployment, object, workload } from "../../../../support/cluster-objects.ts";
import { opted } from "../../../../support/plan-world.ts";

const web = deployment({ namespace: "ml", name: "web", replicas: 6 });
const scaler = hpa(web, { min: 2, max: 10, current: 6 });

function propose(objects = [web, scaler], more: Parameters<typeof workloadSubject>[1] = {}) {
  const { subject, context } = workloadSubject([opted("ml"), ...objects], more);
  return lowerHpa.propose(subject, context);
}

describe("row 8, lowering an autoscaler", () => {
  it("sets both bounds to the floor in one patch and leaves replicas to it", () => {
    const verdict = propose();
    expect(changes(verdict)).toEqual({ "/spec/minReplicas": "2 → 1", "/spec/maxReplicas": "10 → 1" });
    expect(proposed(verdict)).toMatchObject({ pods: 5, frees: { uid: "deployment-ml-web", pods: 5 } });
  });

  it("keeps what a disruption budget insists on", () => {
    const budget = object(
      "policy/v1",
      "PodDisruptionBudget",
      { namespace: "ml", name: "web" },
      {
        spec: { minAvailable: 3, selector: { matchLabels: { app: "web" } } },
      },
    );
    expect(changes(propose([web, scaler, budget]))).toEqual({ "/spec/maxReplicas": "10 → 3" });
  });

  it("goes as far as the run may", () => {
    const verdict = propose([web, scaler], { mostPods: 2 });
    expect(changes(verdict)).toEqual({ "/spec/maxReplicas": "10 → 4" });
    expect(proposed(verdict)).toMatchObject({ pods: 2, isPart: true });
  });

  it("leaves what runs at the floor to row 3, and what has no autoscaler to row 9", () => {
    const low = deployment({ namespace: "ml", name: "web", replicas: 1 });
    expect(propose([low, hpa(low, { max: 10, current: 1 })])).toBe("not-mine");
    expect(propose([web])).toBe("not-mine");
  });

  it("takes pods of a StatefulSet only with its owner's word", () => {
    const db = workload("apps/v1", "StatefulSet", { namespace: "ml", name: "db", replicas: 3 });
    const dbScaler = hpa(db, { max: 5, current: 3 });
    expect(propose([db, dbScaler])).toMatchObject({
      leftOut: "a StatefulSet loses pods only where its owner allows it",
    });
    const allowed = { ...db, metadata: { ...db.metadata, annotations: { "genops.ai/allow": "statefulset" } } };
    expect(changes(propose([allowed, dbScaler]))).toEqual({ "/spec/maxReplicas": "5 → 1" });
  });
});
