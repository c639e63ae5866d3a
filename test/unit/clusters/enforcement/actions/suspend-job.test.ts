import { describe, expect, it } from "vitest";
import { suspendJob } from "../../../../../shared/clusters/enforcement/actions/suspend-job.ts";
import { changes, proposed, workloadSubject } from "../../../../support/action-subjects.ts";
import { deployment, object, type WorkloadParts, workload } from "../../../../support/cluster-objects.ts";
import { opted } from "../../../../support/plan-world.ts";

const ALLOW = { "genops.ai/allow": "statefulset, job" };

function job(parts: Partial<WorkloadParts> = {}) {
  return workload("batch/v1", "Job", {
    namespace: "ml",
    name: "train",
    annotations: ALLOW,
    more: { parallelism: 4 },
    ...parts,
  });
}

function propose(subject = job()) {
  const on = workloadSubject([opted("ml"), subject]);
  return suspendJob.propose(on.subject, on.context);
}

describe("row 11, suspending a Job", () => {
  it("takes all of its pods", () => {
    expect(changes(propose())).toEqual({ "/spec/suspend": "absent → true" });
    expect(proposed(propose())).toMatchObject({ pods: 4, frees: { uid: "job-ml-train", pods: 4 } });
  });

  it("only with its owner's word", () => {
    expect(propose(job({ annotations: {} }))).toEqual({
      leftOut: "suspending a Job kills its pods, and happens only where its owner allows it",
      hint: "annotate it with genops.ai/allow=job",
    });
  });

  it("lets CronJobs' Jobs be suspended, but not an operator's or a queue's", () => {
    const cron = object("batch/v1", "CronJob", { namespace: "ml", name: "nightly" });
    expect(changes(propose(job({ owner: cron })))).toEqual({ "/spec/suspend": "absent → true" });
    const mpi = object("kubeflow.org/v2beta1", "MPIJob", { namespace: "ml", name: "big" });
    expect(propose(job({ owner: mpi }))).toMatchObject({ leftOut: expect.stringContaining("MPIJob big") });
    const queued = job({ labels: { "kueue.x-k8s.io/queue-name": "gpus" } });
    expect(propose(queued)).toMatchObject({ leftOut: expect.stringContaining("LocalQueue gpus") });
  });

  it("does nothing to one that is suspended or has ended, nor to other kinds", () => {
    expect(propose(job({ more: { suspend: true } }))).toBe("done");
    const ended = { ...job(), status: { conditions: [{ type: "Complete", status: "True" }] } };
    expect(propose(ended)).toBe("done");
    expect(propose(deployment({ namespace: "ml", name: "web" }))).toBe("not-mine");
  });
});
