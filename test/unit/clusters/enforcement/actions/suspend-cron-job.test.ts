import { describe, expect, it } from "vitest";
import { suspendCronJob } from "../../../../../shared/clusters/enforcement/actions/suspend-cron-job.ts";
import { ARGO, changes, proposed, workloadSubject } from "../../../../support/action-subjects.ts";
import { deployment, workload } from "../../../../support/cluster-objects.ts";
import { opted } from "../../../../support/plan-world.ts";

function cron(more: Record<string, boolean> = {}, annotations?: Record<string, string>) {
  const parts = { namespace: "ml", name: "nightly", ...(annotations === undefined ? {} : { annotations }) };
  return workload("batch/v1", "CronJob", { ...parts, more: { schedule: "0 1 * * *", ...more } });
}

function propose(subject = cron()) {
  const on = workloadSubject([opted("ml"), subject]);
  return suspendCronJob.propose(on.subject, on.context);
}

describe("row 5, suspending a CronJob", () => {
  it("records whether suspend was set at all", () => {
    expect(changes(propose())).toEqual({ "/spec/suspend": "absent → true" });
    expect(changes(propose(cron({ suspend: false })))).toEqual({ "/spec/suspend": "false → true" });
  });

  it("says what becomes of missed runs, and frees nothing", () => {
    const step = proposed(propose());
    expect(step.remarks[0]).toContain("not made up for");
    expect(step).toMatchObject({ pods: 0, reverse: "lets it run at its times again" });
    expect(step.frees).toBeUndefined();
  });

  it("does nothing where it is suspended", () => {
    expect(propose(cron({ suspend: true }))).toBe("done");
  });

  it("leaves Git's alone, and other kinds", () => {
    expect(propose(cron({}, ARGO))).toMatchObject({ leftOut: "Argo CD shop owns /spec/suspend and would put it back" });
    const on = workloadSubject([opted("ml"), deployment({ namespace: "ml", name: "web" })]);
    expect(suspendCronJob.propose(on.subject, on.context)).toBe("not-mine");
  });
});
