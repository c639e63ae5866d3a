import { afterAll, afterEach, describe, expect, it } from "vitest";
import { statusCommand } from "../../../../functions/local/commands/enforce/status.ts";
import { createOutput } from "../../../../functions/local/output.ts";
import { controlName } from "../../../../shared/clusters/enforcement/actions/billing/control-name.ts";
import { beginPlan } from "../../../../shared/clusters/enforcement/approvals/begin-plan.ts";
import { advancePlan, listPlans, proposePlan } from "../../../../shared/clusters/enforcement/approvals/plan-records.ts";
import { changeHolds } from "../../../../shared/clusters/enforcement/hold/document.ts";
import { parseDecimal } from "../../../../shared/core/decimal.ts";
import { addDays } from "../../../../shared/core/period.ts";
import { collectSources } from "../../../../shared/ledger/collect/collect-source.ts";
import { createNodePools } from "../../../../shared/platforms/gcp/node-pools.ts";
import { approvalDeps } from "../../../../shared/usecases/approval-deps.ts";
import { listDryRuns, logDryRun } from "../../../../shared/usecases/enforce/dry-run-log.ts";
import { planHashOf } from "../../../../shared/usecases/enforce/find-plan.ts";
import { planCluster } from "../../../../shared/usecases/enforce/plan-cluster.ts";
import { pruneEnforcement } from "../../../../shared/usecases/enforce/prune.ts";
import { enforceOnce } from "../../../../shared/usecases/enforce/run.ts";
import { enforceStatus, statusJson } from "../../../../shared/usecases/enforce/status.ts";
import { openTarget, targetsOf } from "../../../../shared/usecases/enforce/targets.ts";
import { sweepLake } from "../../../../shared/usecases/sweep.ts";
import { type GoogleBilling, googleCredentials, serveGoogleBilling } from "../../../support/billing/gcp.ts";
import { captured } from "../../../support/captured.ts";
import { createFolders } from "../../../support/collect-deps.ts";
import { openEnforceWorld } from "../../../support/enforce-world.ts";
import { focusCsv } from "../../../support/focus-bill.ts";
import { node } from "../../../support/kube-objects.ts";
import { wanted } from "../../../support/plan-world.ts";
import { approvablePlan, scaleStep, textHash } from "../../../support/plans.ts";

const folders = createFolders();
afterAll(() => folders.clean());
const running: { close(): Promise<void> }[] = [];
afterEach(() => Promise.all(running.splice(0).map((each) => each.close())));
const open = (more: Partial<Parameters<typeof openEnforceWorld>[0]> = {}) => openEnforceWorld({ folders, ...more });

describe("what is kept of enforcement", () => {
  it("is forgotten 400 days after it ended; what may still be held stays", async () => {
    const { runtime, clock } = await open();
    const deps = approvalDeps(runtime);
    const plan = (name: string, needs = { mode: "auto", approvals: 0 } as const) =>
      approvablePlan({ steps: [scaleStep({ name })], needs, expiresAt: "2027-11-22T16:00:00.000Z" });
    const [waits, applied, restored] = [plan("waits"), plan("applied"), plan("restored")];
    for (const each of [waits, applied, restored]) await proposePlan(deps, each);
    for (const { hash } of [applied, restored]) {
      await beginPlan(deps, hash);
      await advancePlan(deps, hash, { state: "applied" });
    }
    await advancePlan(deps, restored.hash, { state: "restored" });
    await logDryRun(runtime, plan("dry"));
    expect((await sweepLake(runtime)).forgotten).toBe(0);
    clock.advance(400 * 86_400_000);
    expect(await pruneEnforcement(runtime)).toBe(0);
    clock.advance(86_400_000);
    expect((await sweepLake(runtime)).forgotten).toBe(2);
    expect(new Set((await listPlans(runtime.lake)).map(({ plan: { hash } }) => hash))).toEqual(
      new Set([waits.hash, applied.hash]),
    );
    expect(await listDryRuns(runtime.lake, "2000-01-01")).toEqual([]);
    const keys: string[] = [];
    for await (const { key } of runtime.lake.list("enforcement/approvals/")) keys.push(key);
    expect(keys).toEqual([`enforcement/approvals/${applied.hash}.json`]);
    expect(await pruneEnforcement(runtime)).toBe(0);
  });

  it("is found by the first digits of a hash, if only one begins so", async () => {
    const { runtime } = await open();
    const hashes = [`${"a".repeat(12)}${"1".repeat(52)}`, `${"a".repeat(12)}${"2".repeat(52)}`];
    for (const hash of hashes) await proposePlan(approvalDeps(runtime), approvablePlan({ hash }));
    expect(await planHashOf(runtime, ` ${"A".repeat(12)}1 `)).toBe(hashes[0]);
    await expect(planHashOf(runtime, "a".repeat(12))).rejects.toThrow("2 plans begin with");
    await expect(planHashOf(runtime, "bbbbbbbb")).rejects.toThrow("there is no plan bbbbbbbb");
    await expect(planHashOf(runtime, "aaaa")).rejects.toThrow("8 to 64 hexadecimal digits");
  });
});

describe("what was saved", () => {
  async function held(more: Parameters<typeof open>[0] = {}) {
    const world = await open({ now: "2026-11-30T12:00:00.000Z", ...more });
    const identity = { cluster: "lab", clusterUid: "uid" };
    const layer = {
      step: "s",
      planHash: textHash("p"),
      action: "scale-to-floor",
      rung: "throttle",
      policy: "p",
      environment: "dev",
      fields: {},
      appliedAt: "2026-11-20T08:00:00.000Z",
      expiresAt: "2026-12-01T00:00:00.000Z",
      savesPerHour: parseDecimal("2"),
    } as const;
    const ref = { cluster: "lab", apiVersion: "apps/v1", kind: "Deployment", namespace: "ml", name: "batch", uid: "u" };
    await changeHolds(world.runtime.lake, identity, (document) =>
      Promise.resolve({
        document: {
          ...document,
          holds: {
            u: {
              ref,
              via: "patch",
              originals: {},
              layers: [layer],
              written: {},
              state: "active",
              reverts: [],
              changedAt: layer.appliedAt,
            },
          },
        },
        result: undefined,
      }),
    );
    return world;
  }

  it("is told by the bill beside what was planned", async () => {
    const lines = Array.from({ length: 30 }, (_, index) => ({
      day: addDays("2026-11-01", index),
      billed: index < 19 ? "100" : "76",
      service: "AmazonEC2",
    }));
    const [header = "", ...rows] = focusCsv(lines).trimEnd().split("\n");
    const columns = "ResourceId,ResourceName,AvailabilityZone,ConsumedQuantity,ConsumedUnit,CommitmentDiscountId";
    const bill = [`${header},${columns}`, ...rows.map((row, at) => `${row},i-${at % 2},node,us-west-2a,24,Hours,`)];
    const { runtime, folder: baseDir } = await held({
      match: "provider: aws",
      yaml: "sources: [{ id: bill, type: focus-export, location: bill.csv }]\n",
      files: { "bill.csv": bill.join("\n") },
    });
    await collectSources(runtime, { sources: runtime.config.sources, periods: [], force: false, baseDir });
    const { text } = await captured(() => statusCommand(runtime, createOutput(runtime.clock), "table"));
    expect(text).toMatch(/lab: planned to save 2\.00 USD an hour; by the bill of \d+ days it is 1\.00 USD/);
    const { savings } = statusJson(await enforceStatus(runtime));
    expect(savings).toEqual([{ cluster: "lab", plannedPerHour: "2", realisedPerHour: "1", days: expect.any(Number) }]);
  });

  it("waits for a bill, or for what tells which rows of it are the cluster's", async () => {
    const { runtime } = await held();
    const { text } = await captured(() => statusCommand(runtime, createOutput(runtime.clock), "table"));
    expect(text).toContain("the bill does not tell yet: it waits for clusters[].match");
    const unmatched = statusJson(await enforceStatus(runtime));
    expect(unmatched.savings).toMatchObject([
      { cluster: "lab", waitsFor: expect.stringContaining("clusters[].match") },
    ]);
    const unbilled = statusJson(await enforceStatus((await held({ match: "provider: aws" })).runtime));
    expect(unbilled.savings).toMatchObject([{ days: 0, waitsFor: expect.stringContaining("costs of the 14 days") }]);
  });
});

describe("the billing side", () => {
  it("is a target of its own, and what its cloud does not tell is left out in its words", async () => {
    const action = '{ budget: global, accountId: "123456789012", budgetName: b, actionId: a }';
    const world = await open({ enforcement: `mode: auto, billing: { awsBudgetActions: [${action}] }` });
    expect(await targetsOf(world.runtime)).toHaveLength(2);
    await world.stands(101);
    const { clusters } = await enforceOnce(world.runtime, { clusters: ["billing"] });
    expect(clusters).toMatchObject([
      { cluster: "billing", plans: [{ outcome: "waiting", why: "there is nothing to do" }] },
    ]);
    expect(clusters[0]?.problem).toBeUndefined();
    expect(clusters[0]?.plans[0]?.plan.leftOut[0]?.subject).toContain("AWS Budgets action a of b");
  });

  it("cannot be a cluster's name", async () => {
    await expect(open({ clusters: ["billing"] })).rejects.toThrow("billing is taken");
  });

  it("prices a node pool by its nodes", async () => {
    const google: GoogleBilling = await serveGoogleBilling();
    running.push(google);
    const world = await open({
      enforcement: "mode: auto, billing: { nodePools: [{ budget: global, cluster: lab, pool: gpu }] }",
    });
    for (const name of ["gpu-1", "gpu-2"])
      world.server.apply(node({ name, labels: { "cloud.google.com/gke-nodepool": "gpu" } }));
    const [target] = await targetsOf(world.runtime);
    if (target === undefined) throw new Error("no target");
    const { url } = google;
    const controls = createNodePools({
      project: "shop",
      location: "europe-west3",
      cluster: "demo",
      containerUrl: url,
      credentials: googleCredentials(),
      urls: { compute: url, resourceManager: url },
    });
    const work = { ...(await openTarget(world.runtime, target)), controls };
    const wants = [wanted({ rung: "human", budget: "global" })];
    const plans = await planCluster(world.runtime, work, { wants, dataAgeHours: 1, requester: "ada" });
    const step = plans.flatMap(({ steps }) => steps).find(({ action }) => action === "resize-node-pool");
    expect(step?.write).toMatchObject({
      control: controlName({ kind: "resize-node-pool", cluster: "lab", pool: "gpu" }),
    });
    expect((step?.savesPerHour ?? 0n) > 0n).toBe(true);
    expect(step?.remarks.join()).not.toContain("not known");
  });
});
