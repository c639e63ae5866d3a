import { describe, expect, it } from "vitest";
import { deployment, workload } from "../../../../support/cluster-objects.ts";
import { deeds, opted, planFor } from "../../../../support/plan-world.ts";

describe("a plan", () => {
  it("scales what nobody else decides about to its floor", () => {
    const plan = planFor([opted("ml"), deployment({ namespace: "ml", name: "trainer", replicas: 5 })]);
    expect(deeds(plan)).toEqual(["scale-to-floor Deployment ml/trainer"]);
    expect(plan.leftOut).toEqual([]);
    expect(plan.savesPerHour).toBe(4n * 10n ** 18n);
  });

  it("freezes first", () => {
    const cron = workload("batch/v1", "CronJob", { namespace: "ml", name: "nightly", more: { schedule: "0 1 * * *" } });
    expect(deeds(planFor([opted("ml"), cron]))).toEqual(["suspend-cron-job CronJob ml/nightly"]);
  });
});
