import { describe, expect, it } from "vitest";
import type { WorkloadAction } from "../../../../../shared/clusters/enforcement/actions/common/action.ts";
import { holdKeda } from "../../../../../shared/clusters/enforcement/actions/hold-keda.ts";
import { holdKedaAtZero } from "../../../../../shared/clusters/enforcement/actions/hold-keda-at-zero.ts";
import { pauseKedaScaleOut } from "../../../../../shared/clusters/enforcement/actions/pause-keda-scale-out.ts";
import { ARGO, changes, hpa, proposed, scaledObject, workloadSubject } from "../../../../support/action-subjects.ts";
import { deployment, workload } from "../../../../support/cluster-objects.ts";
import { opted } from "../../../../support/plan-world.ts";

const PAUSED = "/metadata/annotations/autoscaling.keda.sh~1paused";
const REPLICAS = "/metadata/annotations/autoscaling.keda.sh~1paused-replicas";
const SCALE_OUT = "/metadata/annotations/autoscaling.keda.sh~1paused-scale-out";

interface Parts {
  replicas?: number;
  annotations?: Record<string, string>;
  mostPods?: number;
}

function propose(action: WorkloadAction, { replicas = 4, annotations, mostPods }: Parts = {}) {
  const worker = deployment({ namespace: "ml", name: "worker", replicas });
  const objects = [opted("ml"), worker, scaledObject(worker, annotations), hpa(worker, { max: 9 })];
  const { subject, context } = workloadSubject(objects, mostPods === undefined ? {} : { mostPods });
  return action.propose(subject, context);
}

describe("row 4, no scale-out by KEDA", () => {
  it("sets the one-way pause on the ScaledObject", () => {
    const verdict = propose(pauseKedaScaleOut);
    expect(changes(verdict)).toEqual({ [SCALE_OUT]: 'absent → "true"' });
    expect(proposed(verdict).write).toMatchObject({ target: { kind: "ScaledObject", name: "worker" } });
    expect(proposed(verdict).remarks[0]).toContain("KEDA 2.18.2");
  });

  it("does nothing where it is paused in any way", () => {
    for (const name of ["paused-scale-out", "paused"]) {
      expect(propose(pauseKedaScaleOut, { annotations: { [`autoscaling.keda.sh/${name}`]: "true" } })).toBe("done");
    }
    expect(propose(pauseKedaScaleOut, { annotations: { "autoscaling.keda.sh/paused-replicas": "9" } })).toBe("done");
  });

  it("is our lever also where Git owns the rest", () => {
    expect(changes(propose(pauseKedaScaleOut, { annotations: ARGO }))).toEqual({ [SCALE_OUT]: 'absent → "true"' });
  });
});

describe("row 10, KEDA holds the floor", () => {
  it("sets both annotations and keeps what a person had", () => {
    expect(changes(propose(holdKeda))).toEqual({ [REPLICAS]: 'absent → "1"', [PAUSED]: 'absent → "true"' });
    const annotations = { "autoscaling.keda.sh/paused-replicas": "3" };
    expect(changes(propose(holdKeda, { annotations }))).toEqual({
      [REPLICAS]: '"3" → "1"',
      [PAUSED]: 'absent → "true"',
    });
    expect(proposed(propose(holdKeda))).toMatchObject({ pods: 3, frees: { uid: "deployment-ml-worker", pods: 3 } });
  });

  it("holds a part where the run may take no more", () => {
    const verdict = propose(holdKeda, { mostPods: 1 });
    expect(changes(verdict)).toEqual({ [REPLICAS]: 'absent → "3"', [PAUSED]: 'absent → "true"' });
    expect(proposed(verdict).isPart).toBe(true);
  });

  it("never scales up what is at the floor or asleep", () => {
    expect(propose(holdKeda, { replicas: 1 })).toBe("not-mine");
    expect(propose(holdKeda, { replicas: 0 })).toBe("not-mine");
    expect(propose(holdKeda, { annotations: { "autoscaling.keda.sh/paused-replicas": "1" } })).toBe("done");
  });
});

describe("row 13, KEDA holds nothing", () => {
  it("also keeps asleep what sleeps", () => {
    expect(changes(propose(holdKedaAtZero))).toEqual({ [REPLICAS]: 'absent → "0"', [PAUSED]: 'absent → "true"' });
    const asleep = propose(holdKedaAtZero, { replicas: 0 });
    expect(changes(asleep)).toEqual({ [REPLICAS]: 'absent → "0"', [PAUSED]: 'absent → "true"' });
    expect(proposed(asleep).pods).toBe(0);
  });

  it("does nothing where it is held at zero", () => {
    expect(propose(holdKedaAtZero, { annotations: { "autoscaling.keda.sh/paused-replicas": "0" } })).toBe("done");
  });

  it("asks the owner of a StatefulSet", () => {
    const db = workload("apps/v1", "StatefulSet", { namespace: "ml", name: "db", replicas: 3 });
    const scaled = { ...scaledObject(db), spec: { scaleTargetRef: { name: "db", kind: "StatefulSet" } } };
    const { subject, context } = workloadSubject([opted("ml"), db, scaled]);
    expect(holdKedaAtZero.propose(subject, context)).toMatchObject({ leftOut: expect.stringContaining("StatefulSet") });
  });
});

describe.each([pauseKedaScaleOut, holdKeda, holdKedaAtZero])("$name", (action) => {
  it("is not for workloads without a ScaledObject", () => {
    const { subject, context } = workloadSubject([
      opted("ml"),
      deployment({ namespace: "ml", name: "web", replicas: 3 }),
    ]);
    expect(action.propose(subject, context)).toBe("not-mine");
  });
});
