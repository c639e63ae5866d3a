import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseConfig } from "../../../shared/config/parse-config.ts";
import { collectSources } from "../../../shared/ledger/collect/collect-source.ts";
import { createSystemRandomness } from "../../../shared/platforms/local/system.ts";
import { enforceOnce } from "../../../shared/usecases/enforce/run.ts";
import { enforceStatus, heldWork } from "../../../shared/usecases/enforce/status.ts";
import { evaluateAndTell } from "../../../shared/usecases/evaluate-and-tell.ts";
import { createRuntime, type Runtime } from "../../../shared/usecases/runtime.ts";
import { createFakeClock, type FakeClock } from "../../support/fake-clock.ts";
import { type BillLine, writeFocusBill } from "../../support/focus-bill.ts";
import { deployment, hpa } from "../../support/kube-objects.ts";
import { writeKubeconfig } from "../../support/kubeconfig-file.ts";
import type { ClusterTarget } from "../target.ts";
import { type Lab, openLab } from "./lab.ts";

const HOUR_MS = 3_600_000;
const HOSTS = { aws: "AWS", azure: "Microsoft", gcp: "Google Cloud" } as const;
/** In the future of every real clock that runs this, so that workloads are older than their grace; the day is the 21st. */
const NOW = "2031-05-21T12:00:00.000Z";

/** The guide's ConfigMap of budgets, its numbers as they stand there. */
const GUIDE = `---
apiVersion: v1
kind: ConfigMap
metadata: { name: multicloud-budget-policy, namespace: genops-system }
data:
  budget.yaml: |
    budgets:
      global:
        monthly_limit: 10000  # $10,000/month total
        currency: USD
        alerts:
          - threshold: 80
            action: notify
            recipients: [platform-team@example.com]
          - threshold: 95
            action: throttle
          - threshold: 100
            action: block
`;

interface World {
  runtime: Runtime;
  clock: FakeClock;
  lab: Lab;
  /** The month so far, all of it spent by team ml; evaluated so often, an hour apart, each followed by a run of enforcement. */
  spend(total: string, rounds: number): Promise<void>;
}

/** The flow of the guide on one cluster, in `auto` mode: bills → budget → finding → want → plan → cluster, and everything back. */
export function describeBudgetToCluster(name: string, targetOf: () => ClusterTarget): void {
  describe(`a budget on ${name}`, () => {
    let world: World;
    let close: () => Promise<void>;

    beforeEach(async () => {
      const opened = await openWorld(targetOf());
      ({ world, close } = opened);
    });
    afterEach(() => close());

    const replicas = async (app: string) => (await read("apps/v1", "Deployment", app)).spec?.["replicas"];
    const read = (apiVersion: string, kind: string, app: string) =>
      world.lab.read({ apiVersion, kind, metadata: { name: app, namespace: world.lab.namespace } });
    const bounds = async () => {
      const { spec } = await read("autoscaling/v2", "HorizontalPodAutoscaler", "web");
      return [spec?.["minReplicas"], spec?.["maxReplicas"]];
    };

    it("throttles at 95 %, blocks at 100 %, and the next period gives everything back", async () => {
      const before = await replicas("batch");
      await world.spend("9600", 1);
      expect([await replicas("batch"), await bounds()]).toEqual([before, [2, 6]]);
      await world.spend("9600", 3);
      expect(await replicas("batch")).toBe(1);
      expect((await bounds())[1]).toBeLessThan(6);

      await world.spend("10100", 5);
      expect(await replicas("batch")).toBe(0);
      await world.lab.target.eventually(
        () => world.lab.pods("batch"),
        (pods) => pods.length === 0,
      );
      const held = heldWork(await enforceStatus(world.runtime));
      expect(held.map(({ state }) => state)).not.toContain("failed");

      world.clock.advance(12 * 24 * HOUR_MS);
      await world.spend("10100", 1);
      await enforceOnce(world.runtime);
      expect([await replicas("batch"), await bounds()]).toEqual([before, [2, 6]]);
      const { metadata } = await read("apps/v1", "Deployment", "batch");
      expect(Object.keys(metadata.annotations ?? {}).filter((key) => key.startsWith("genops.ai/"))).toEqual([]);
      expect(heldWork(await enforceStatus(world.runtime))).toEqual([]);
    });

    it("leaves alone what has not opted in, and says so", async () => {
      const { lab } = world;
      await lab.client.call("PATCH", `/api/v1/namespaces/${lab.namespace}`, {
        body: { metadata: { labels: { "genops.ai/enforce": null } } },
        patch: "merge",
      });
      await world.spend("10100", 4);
      expect([await replicas("batch"), await bounds()]).toEqual([3, [2, 6]]);
      const { clusters } = await enforceOnce(world.runtime);
      const reasons = clusters
        .flatMap(({ plans }) => plans.flatMap(({ plan }) => plan.leftOut))
        .map(({ reason }) => reason);
      expect(reasons.join("\\n")).toContain("not opted in");
    });
  });
}

async function openWorld(target: ClusterTarget): Promise<{ world: World; close(): Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), "genops-budget-"));
  const lab = await openLab(target);
  await lab.client.call("PATCH", `/api/v1/namespaces/${lab.namespace}`, {
    body: {
      metadata: { labels: { "genops.ai/enforce": "block", "genops.ai/team": "ml", "genops.ai/environment": "dev" } },
    },
    patch: "merge",
  });
  const { namespace } = lab;
  const small = { namespace, requests: { cpu: "50m", memory: "32Mi" } };
  await lab.make(deployment({ ...small, name: "batch", replicas: 3 }));
  await lab.make(deployment({ ...small, name: "web", replicas: 3 }));
  await lab.make(hpa({ namespace, name: "web", target: "web", min: 2, max: 6 }));
  for (const app of ["batch", "web"])
    await target.eventually(
      () => lab.pods(app),
      (pods) => pods.length === 3,
    );
  const clock = createFakeClock(NOW);
  const runtime = await openRuntime(folder, target, clock);
  const world: World = {
    runtime,
    clock,
    lab,
    spend: (total, rounds) => spend({ runtime, clock, folder, target }, total, rounds),
  };
  return {
    world,
    async close() {
      await lab.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function openRuntime(folder: string, target: ClusterTarget, clock: FakeClock): Promise<Runtime> {
  const { server, certificateAuthority, tokens } = target;
  const kubeconfig = await writeKubeconfig(folder, { server, certificateAuthority, user: { token: tokens.enforcer } });
  const yaml = `lake: file:./lake
allowStaticCredentials: true
sources: [{ id: bill, type: focus-export, location: bill.csv }]
clusters: [{ name: lab, provider: kubeconfig, kubeconfig: "${kubeconfig}", match: { provider: ${target.provider} } }]
enforcement: { mode: auto, caps: { namespaceShare: 1 } }
${GUIDE}`;
  return createRuntime({
    config: parseConfig(yaml, { fileName: "genops.yaml", baseDir: folder, secrets: { read: () => undefined } }),
    clock,
    randomness: createSystemRandomness(),
    events: { publish: () => Promise.resolve() },
    progress: { report: () => {}, note: () => {} },
    createTempFolder: (prefix) => mkdtemp(path.join(folder, prefix)),
  });
}

async function spend(
  { runtime, clock, folder, target }: { runtime: Runtime; clock: FakeClock; folder: string; target: ClusterTarget },
  total: string,
  rounds: number,
): Promise<void> {
  const provider = HOSTS[target.provider];
  const tags = { "genops.ai/team": "ml" };
  const recent = new Date(clock.now().getTime() - 48 * HOUR_MS).toISOString().slice(0, 10);
  const lines: BillLine[] = [
    { day: "2031-05-10", billed: total, tags, provider },
    // Delivered lately, so that the data is fresh.
    { day: recent, billed: "0.01", tags, provider },
  ];
  await writeFocusBill(path.join(folder, "bill.csv"), lines);
  for (let round = 0; round < rounds; round++) {
    clock.advance(HOUR_MS);
    await collectSources(runtime, { sources: runtime.config.sources, periods: [], force: false, baseDir: folder });
    await evaluateAndTell(runtime);
    await enforceOnce(runtime);
  }
}
