import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { onTestFinished } from "vitest";
import { parseConfig } from "../../shared/config/parse-config.ts";
import type { CloudEvent } from "../../shared/core/events.ts";
import { STANDINGS_KEY, StandingsSchema } from "../../shared/governance/budgets/standing.ts";
import { updateDocument } from "../../shared/ledger/json-document.ts";
import { createSystemRandomness } from "../../shared/platforms/local/system.ts";
import type { Delivery } from "../../shared/ports/event-bus.ts";
import type { Deadline } from "../../shared/ports/invocation.ts";
import { createRuntime, type Runtime } from "../../shared/usecases/runtime.ts";
import { type StandingParts, standingAt } from "./budget-standings.ts";
import { clustersYaml } from "./cluster-world.ts";
import type { createFolders } from "./collect-deps.ts";
import { createFakeClock, type FakeClock } from "./fake-clock.ts";
import { deployment, namespace } from "./kube-objects.ts";
import { type KubeServer, startKubeServer } from "./kube-server/start.ts";

/** Everything in the cluster was made long before any test's now. */
const MADE = new Date("2026-01-01T00:00:00.000Z");
const DAY_MS = 86_400_000;

export interface EnforceWorldOptions {
  folders: ReturnType<typeof createFolders>;
  /** One server each. Default: `lab`. */
  clusters?: readonly string[];
  /** Of `enforcement:`, in flow style without its braces. */
  enforcement?: string;
  /** Of `enforcement.caps:`, in flow style. */
  caps?: string;
  /** API groups that the clusters do not serve. */
  without?: readonly string[];
  /** `clusters[].match`, in flow style without its braces. */
  match?: string;
  /** More of genops.yaml. */
  yaml?: string;
  now?: string;
  deadline?: Deadline;
  /** Files beside genops.yaml. */
  files?: Readonly<Record<string, string>>;
}

export interface EnforceWorld {
  /** With genops.yaml. */
  folder: string;
  runtime: Runtime;
  clock: FakeClock;
  servers: Record<string, KubeServer>;
  /** The only one. */
  server: KubeServer;
  /** What was published, with its delay. */
  events: { event: CloudEvent; delivery: Delivery | undefined }[];
  /** Another process over the same lake. */
  open(more?: { clock?: FakeClock; deadline?: Deadline; yaml?: string }): Promise<Runtime>;
  /** Says where the budget `global` stands (percent), as an evaluation of now; its period is the ten days around now. */
  stands(used: number, parts?: Partial<StandingParts>): Promise<void>;
  replicas(name: string, cluster?: string): unknown;
}

let evaluations = 0;

/** Clusters with the opted-in namespace `ml` (team ml, dev) and two workloads in it, a lake, and a clock. */
export async function openEnforceWorld(options: EnforceWorldOptions): Promise<EnforceWorld> {
  const { folders, clusters = ["lab"], enforcement = "mode: auto", now = "2026-11-22T12:00:00.000Z" } = options;
  const clock = createFakeClock(now);
  const servers = await startServers(clusters, options.without ?? [], clock);
  const places = Object.entries(servers).map(([name, { url, certificateAuthority, tokens }]) => ({
    name,
    url,
    certificateAuthority,
    token: tokens.admin,
  }));
  const folder = await folders.make();
  const yaml = `lake: file:./lake
${matched(await clustersYaml(() => folders.make(), places), options.match)}${options.yaml ?? ""}
enforcement: { caps: { namespaceShare: 1, ${options.caps ?? ""} }, enterAfter: 1, ${enforcement} }
`;
  await writeFile(path.join(folder, "genops.yaml"), yaml);
  for (const [name, text] of Object.entries(options.files ?? {})) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
  const events: EnforceWorld["events"] = [];
  const open: EnforceWorld["open"] = ({ clock: other = clock, deadline = options.deadline, yaml: text = yaml } = {}) =>
    createRuntime({
      config: parseConfig(text, { fileName: "genops.yaml", baseDir: folder, secrets: { read: () => undefined } }),
      clock: other,
      randomness: createSystemRandomness(),
      events: { publish: async (event, delivery) => void events.push({ event, delivery }) },
      progress: { report: () => {}, note: () => {} },
      createTempFolder: () => folders.make(),
      ...(deadline === undefined ? {} : { deadline }),
    });
  const runtime = await open();
  const [first = ""] = clusters;
  return {
    folder,
    runtime,
    clock,
    servers,
    server: servers[first] as KubeServer,
    events,
    open,
    async stands(used, parts = {}) {
      const at = clock.now();
      const period = { start: day(at, -10), end: day(at, 10) };
      const more = { period, ...parts.more };
      const thresholds = [
        [95, "throttle"],
        [100, "block"],
      ] as const;
      const standing = standingAt({ used, evaluation: ++evaluations, now: at, thresholds, ...parts, more });
      const { evaluationId, evaluatedAt } = standing;
      const document = { evaluationId, evaluatedAt, standings: [standing] };
      await updateDocument(runtime.lake, STANDINGS_KEY, StandingsSchema, () => document);
    },
    replicas: (name, cluster = first) =>
      servers[cluster]?.get({ apiVersion: "apps/v1", kind: "Deployment", namespace: "ml", name })?.["spec"]?.[
        "replicas"
      ],
  };
}

function matched(yaml: string, match: string | undefined): string {
  return match === undefined ? yaml : yaml.replaceAll("provider: kubeconfig,", `$& match: { ${match} },`);
}

async function startServers(
  names: readonly string[],
  without: readonly string[],
  clock: FakeClock,
): Promise<Record<string, KubeServer>> {
  const started: [string, KubeServer][] = [];
  let now = () => MADE;
  for (const name of names) {
    const server = await startKubeServer({ name, without, now: () => now() });
    onTestFinished(() => server.close());
    server.apply(
      namespace("ml", {
        labels: { "genops.ai/enforce": "block", "genops.ai/team": "ml", "genops.ai/environment": "dev" },
      }),
    );
    for (const app of ["batch", "trainer"])
      server.apply(deployment({ namespace: "ml", name: app, replicas: 3, requests: { cpu: "100m", memory: "64Mi" } }));
    started.push([name, server]);
  }
  now = () => clock.now();
  return Object.fromEntries(started);
}

function day(at: Date, days: number): string {
  return new Date(at.getTime() + days * DAY_MS).toISOString().slice(0, 10);
}
