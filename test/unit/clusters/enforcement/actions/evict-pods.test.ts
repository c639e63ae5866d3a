import { describe, expect, it } from "vitest";
import { evictPods } from "../../../../../shared/clusters/enforcement/actions/evict-pods.ts";
import { proposed, workloadSubject } from "../../../../support/action-subjects.ts";
import { deployed, deployment, object } from "../../../../support/cluster-objects.ts";
import { opted } from "../../../../support/plan-world.ts";

const objects = deployed({ namespace: "ml", name: "web", nodes: ["a", "b"] });

describe("row 16, evicting", () => {
  it("names every pod by uid and says that it is irreversible", () => {
    const { subject, context } = workloadSubject([opted("ml"), ...objects]);
    const step = proposed(evictPods.propose(subject, context));
    expect(step.write).toMatchObject({
      kind: "evict",
      pods: [{ name: "web-abc-0", uid: "pod-ml-web-abc-0" }, { name: "web-abc-1" }],
    });
    expect(step).toMatchObject({ reversible: false, reverse: expect.stringMatching(/^irreversible: /), pods: 2 });
    expect(step.commands[0]).toContain("create --raw /api/v1/namespaces/ml/pods/web-abc-0/eviction");
  });

  it("keeps pods with local data, and all where a disruption budget allows none", () => {
    const { subject, context } = workloadSubject([opted("ml"), ...objects]);
    const pods = subject.workload.pods.map((pod) => ({ ...pod, immovable: true }));
    const some = {
      ...subject,
      workload: { ...subject.workload, pods: [...pods.slice(0, 1), ...subject.workload.pods.slice(1)] },
    };
    expect(proposed(evictPods.propose(some, context)).remarks).toEqual([
      "1 with local data, or marked as not to be moved, stay",
    ]);
    const all = { ...subject, workload: { ...subject.workload, pods } };
    expect(evictPods.propose(all, context)).toEqual({
      leftOut: "its pods have local data, or are marked as not to be moved",
    });
    const budget = object(
      "policy/v1",
      "PodDisruptionBudget",
      { namespace: "ml", name: "web" },
      {
        spec: { minAvailable: 2, selector: { matchLabels: { app: "web" } } },
        status: { disruptionsAllowed: 0, desiredHealthy: 2, expectedPods: 2, currentHealthy: 2 },
      },
    );
    const guarded = workloadSubject([opted("ml"), ...objects, budget]);
    expect(evictPods.propose(guarded.subject, guarded.context)).toEqual({
      leftOut: "disruption budget web allows no eviction now",
    });
  });

  it("does nothing without pods", () => {
    const { subject, context } = workloadSubject([opted("ml"), deployment({ namespace: "ml", name: "web" })]);
    expect(evictPods.propose(subject, context)).toBe("done");
  });
});
