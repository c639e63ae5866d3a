import { afterAll, describe, expect, it } from "vitest";
import { type SimulateOptions, simulateCommand } from "../../../../functions/local/commands/enforce/simulate.ts";
import { createOutput, type Format } from "../../../../functions/local/output.ts";
import { changeHolds } from "../../../../shared/clusters/enforcement/hold/document.ts";
import type { ClosedWork } from "../../../../shared/clusters/enforcement/types.ts";
import { ZERO } from "../../../../shared/core/decimal.ts";
import { addDays } from "../../../../shared/core/period.ts";
import { collectSources } from "../../../../shared/ledger/collect/collect-source.ts";
import { logDryRun } from "../../../../shared/usecases/enforce/dry-run-log.ts";
import { planNow } from "../../../../shared/usecases/enforce/plan-now.ts";
import { wantByHand } from "../../../../shared/usecases/enforce/settle-wants.ts";
import { simulate } from "../../../../shared/usecases/enforce/simulation/simulate.ts";
import { captured } from "../../../support/captured.ts";
import { createFolders } from "../../../support/collect-deps.ts";
import { type EnforceWorld, openEnforceWorld } from "../../../support/enforce-world.ts";
import { focusCsv } from "../../../support/focus-bill.ts";

const folders = createFolders();
afterAll(() => folders.clean());

/** 30 days of 40 dollars each on a budget of 1,000 a month: 95 % on the 24th, 100 % on the 25th. */
const YAML = `sources: [{ id: bill, type: focus-export, location: bill.csv }]
budgets:
  global:
    monthly_limit: 1000
    currency: USD
    alerts: [{ threshold: 95, action: throttle }, { threshold: 100, action: block }]
`;
const bill = focusCsv(
  Array.from({ length: 30 }, (_, index) => ({
    day: addDays("2026-11-01", index),
    billed: "40",
    tags: { "genops.ai/team": "ml" },
  })),
);

async function open(clusters?: readonly string[]): Promise<EnforceWorld> {
  const world = await openEnforceWorld({
    folders,
    ...(clusters === undefined ? {} : { clusters }),
    enforcement: "mode: dry-run",
    yaml: YAML,
    match: "provider: aws",
    now: "2026-12-01T09:00:00.000Z",
    files: { "bill.csv": bill },
  });
  const { runtime, folder: baseDir } = world;
  const runs = await collectSources(runtime, { sources: runtime.config.sources, periods: [], force: false, baseDir });
  expect(runs.map(({ status }) => status)).toEqual(["replaced"]);
  // GKE's autoscaler gives nodes back, so that something is saved.
  for (const server of Object.values(world.servers))
    for (const { metadata } of server.list("v1", "Node"))
      server.patch(
        { apiVersion: "v1", kind: "Node", name: metadata.name },
        { metadata: { labels: { "cloud.google.com/gke-nodepool": "main", "genops.ai/autoscaled": "true" } } },
      );
  return world;
}

function print(world: EnforceWorld, format: Format, options: SimulateOptions) {
  return captured(() => simulateCommand(world.runtime, createOutput(world.clock), format, options));
}

describe("a simulation", () => {
  it("replays thirty days of bills: what would have been done, and to what", async () => {
    const world = await open();
    const simulation = await simulate(world.runtime, { days: 30 });
    expect([simulation.from, simulation.to]).toEqual(["2026-11-01", "2026-12-01"]);
    const [first] = simulation.days;
    expect(first?.wants).toEqual(["budget/global/2026-11-01/threshold-95-actual-throttle"]);
    expect(simulation.days.at(-1)?.wants.join()).toContain("threshold-100-actual-block");
    expect(new Set(simulation.days.map(({ basis }) => basis))).toEqual(new Set(["replayed"]));
    expect(simulation.workloads.map(({ subject }) => subject)).toContain("Deployment ml/batch");
    expect(simulation.remarks.join()).toContain("30 of 30 days are older than the ledger");
    expect(simulation.saved).toBe(simulation.workloads.reduce((total, { saved }) => total + saved, 0n));
    expect(world.server.requests.every(({ method }) => method === "GET")).toBe(true);
  });

  it("takes what a dry run recorded for a day, every part of its last plan, and only of the clusters that are asked about", async () => {
    const world = await open(["lab", "other"]);
    const { runtime } = world;
    world.clock.advance(-2 * 86_400_000);
    const want = wantByHand(runtime, { scope: ["team=ml"], rung: "throttle", by: "ada" });
    const planned = await planNow(runtime, { wants: [want], requester: "ada" });
    for (const { plans } of planned)
      for (const plan of plans) {
        await logDryRun(runtime, { ...plan, createdAt: "2026-11-29T08:00:00.000Z", hash: "a".repeat(64) });
        for (const [digit, steps] of [
          ["b", plan.steps.slice(0, 1)],
          ["c", plan.steps.slice(1)],
        ] as const)
          await logDryRun(runtime, {
            ...plan,
            hash: `${plan.cluster.length}${digit}`.padEnd(64, "0"),
            steps,
          });
      }
    world.clock.advance(2 * 86_400_000);
    const steps = (name: string) => planned.find(({ cluster }) => cluster === name)?.plans[0]?.steps.length ?? 0;
    const all = (await simulate(runtime, { days: 5 })).days.find(({ day }) => day === "2026-11-29");
    expect([all?.basis, all?.steps]).toEqual(["recorded", steps("lab") + steps("other")]);
    const one = (await simulate(runtime, { days: 5, clusters: ["lab"] })).days.find(({ day }) => day === "2026-11-29");
    expect(one?.steps).toBe(steps("lab"));
  });

  it("says which hits a person undid when they were real, and which cluster is not in it", async () => {
    const world = await open(["lab", "away"]);
    const { runtime, server } = world;
    await world.servers["away"]?.disappear();
    const uid = server.get({ apiVersion: "v1", kind: "Namespace", name: "kube-system" })?.metadata.uid ?? "";
    const closed: ClosedWork = {
      step: "s",
      action: "scale-to-floor",
      policy: "p",
      subject: "Deployment ml/batch",
      appliedAt: "2026-11-20T00:00:00.000Z",
      closedAt: "2026-11-21T00:00:00.000Z",
      outcome: "changed by kubectl-scale",
      savesPerHour: ZERO,
    };
    await changeHolds(runtime.lake, { cluster: "lab", clusterUid: uid }, (document) =>
      Promise.resolve({ document: { ...document, closed: [closed] }, result: undefined }),
    );
    const { workloads, remarks } = await simulate(runtime, { days: 30 });
    expect(workloads.filter(({ undone }) => undone !== undefined)).toMatchObject([
      { subject: "Deployment ml/batch", undone: "changed by kubectl-scale" },
    ]);
    expect(remarks.join()).toContain("cluster away is not in it");
  });

  it("is printed as a table, JSON or CSV, and refuses what is no time", async () => {
    const world = await open();
    const table = await print(world, "table", { since: "30d" });
    expect(table.answer).toBe(0);
    expect(table.text).toMatch(/2026-11-01 to 2026-12-01: something would have been done on \d+ days/);
    expect(table.text).toContain("Deployment ml/batch");
    const json = await print(world, "json", { since: "30d" });
    expect(JSON.parse(json.text)).toMatchObject({ currency: "USD", saved: expect.any(String) });
    expect((await print(world, "table", { since: "1d", cluster: ["lab"] })).text).toContain("on 1 days");
    for (const since of ["", "90", "0d", "401d", "1w", "-1d"])
      await expect(print(world, "table", { since }), since).rejects.toThrow("--since");
  });
});
