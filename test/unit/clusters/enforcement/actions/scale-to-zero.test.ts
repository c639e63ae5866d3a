import { describe, expect, it } from "vitest";
import { scaleToZero } from "../../../../../shared/clusters/enforcement/actions/scale-to-zero.ts";
import { changes, hpa, proposed, scaledObject, workloadSubject } from "../../../../support/action-subjects.ts";
import { deployment, object, workload } from "../../../../support/cluster-objects.ts";
import { opted } from "../../../../support/plan-world.ts";

const web = deployment({ namespace: "ml", name: "web", replicas: 3 });

function propose(objects = [web], more: Parameters<typeof workloadSubject>[1] = {}) {
  const { subject, context } = workloadSubject([opted("ml"), ...objects], more);
  return scaleToZero.propose(subject, context);
}

describe("row 12, scaling to zero", () => {
  it("leaves nothing, disruption budgets or not", () => {
    const budget = object(
      "policy/v1",
      "PodDisruptionBudget",
      { namespace: "ml", name: "web" },
      {
        spec: { minAvailable: 2, selector: { matchLabels: { app: "web" } } },
      },
    );
    expect(changes(propose([web, budget]))).toEqual({ "/spec/replicas": "3 → 0" });
  });

  it("leaves the autoscaler alone and comes back within its bounds, with one replica at least", () => {
    const verdict = propose([web, hpa(web, { min: 4, max: 10 })]);
    expect(changes(verdict)).toEqual({ "/spec/replicas": "3 → 0" });
    expect(proposed(verdict).reverse).toBe("scales it to 4 again, unless somebody changed it meanwhile");
  });

  it("takes a part where nobody undoes it, and leaves an autoscaled one to row 8 until the rest fits", () => {
    expect(changes(propose([web], { mostPods: 2 }))).toEqual({ "/spec/replicas": "3 → 1" });
    expect(proposed(propose([web], { mostPods: 2 })).remarks).toEqual(["a part: 1 pod more in later runs"]);
    expect(propose([web, hpa(web, { max: 10 })], { mostPods: 2 })).toBe("not-mine");
  });

  it("does nothing at zero, and nothing to what KEDA scales", () => {
    expect(propose([deployment({ namespace: "ml", name: "web", replicas: 0 })])).toBe("done");
    expect(propose([web, scaledObject(web)])).toBe("not-mine");
  });

  it("keeps a StatefulSet whose owner has not allowed it, and says that volumes stay where he has", () => {
    const db = workload("apps/v1", "StatefulSet", { namespace: "ml", name: "db", replicas: 2 });
    expect(propose([db])).toMatchObject({ hint: "annotate it with genops.ai/allow=statefulset" });
    const allowed = workload("apps/v1", "StatefulSet", {
      namespace: "ml",
      name: "db",
      replicas: 2,
      annotations: { "genops.ai/allow": "statefulset" },
    });
    expect(proposed(propose([allowed])).remarks).toEqual(["its volumes stay"]);
  });
});
