import { type ClusterHealth, healthLines } from "../../../shared/clusters/health/check-cluster.ts";
import type { PreflightStep } from "../../../shared/clusters/health/preflight.ts";
import type { ClusterConfig } from "../../../shared/config/types.ts";
import { GenOpsError } from "../../../shared/core/errors.ts";
import { checkClusters } from "../../../shared/usecases/cluster-health.ts";
import {
  type Joined,
  joinCluster,
  type RegisteredCluster,
  readEntry,
  registeredClusters,
  unjoinCluster,
} from "../../../shared/usecases/cluster-registry.ts";
import type { Runtime } from "../../../shared/usecases/runtime.ts";
import { answer } from "../answer.ts";
import type { Format, Output } from "../output.ts";

/** What `join` takes of a cluster that does not stand in genops.yaml: its fields there, by their names. */
export interface JoinOptions {
  provider?: string;
  cluster?: string;
  region?: string;
  subscription?: string;
  resourceGroup?: string;
  project?: string;
  location?: string;
  kubeconfig?: string;
  context?: string;
  rights?: string;
}

export async function listClusters(runtime: Runtime, out: Output, format: Format): Promise<number> {
  const clusters = (await registeredClusters(runtime)).map(clusterRecord);
  answer(out, format, { document: { clusters }, records: clusters, print: () => printClusters(out, clusters) });
  return 0;
}

function clusterRecord({ config, from, joined }: RegisteredCluster) {
  const { name, provider, rights = "standard" } = config;
  return { name, provider, where: whereOf(config), from, rights, ...joined };
}

function whereOf(config: ClusterConfig): string {
  switch (config.provider) {
    case "eks":
      return `${config.cluster} in ${config.region}`;
    case "aks":
      return `${config.cluster} in ${config.subscription}/${config.resourceGroup}`;
    case "gke":
      return `${config.cluster} in ${config.project}/${config.location}`;
    case "kubeconfig":
      return config.context === undefined ? config.kubeconfig : `${config.context} in ${config.kubeconfig}`;
    case "snapshot":
      return config.location;
  }
}

function printClusters(out: Output, clusters: readonly ReturnType<typeof clusterRecord>[]): void {
  if (clusters.length === 0) {
    out.line("No clusters are known: name them in genops.yaml, or genops clusters join NAME.");
    return;
  }
  out.table(
    [
      { title: "cluster", whole: true },
      { title: "provider", whole: true },
      { title: "where", minWidth: 20 },
      { title: "known from", leaveOut: 3 },
      { title: "rights", leaveOut: 2 },
      { title: "joined", leaveOut: 1 },
    ],
    clusters.map((each) => [
      each.name,
      each.provider,
      each.where,
      each.from,
      each.rights,
      each.joinedAt === undefined ? "–" : `${each.joinedAt.slice(0, 10)} ${each.version ?? ""}`,
    ]),
  );
}

/** 0 when the cluster was joined, 1 when it cannot be read. */
export async function join(
  runtime: Runtime,
  out: Output,
  format: Format,
  { name, options }: { name: string; options: JoinOptions },
): Promise<number> {
  const joined = await joinCluster(runtime, entryOf(runtime, name, options));
  answer(out, format, { document: joined, records: joined.steps, print: () => printJoined(out, joined) });
  return joined.joined ? 0 : 1;
}

function entryOf({ config }: Runtime, name: string, options: JoinOptions): ClusterConfig {
  const given = (
    [
      "provider",
      "cluster",
      "region",
      "subscription",
      "resourceGroup",
      "project",
      "location",
      "kubeconfig",
      "context",
      "rights",
    ] as const
  ).flatMap((key) => (options[key] === undefined ? [] : [[key, options[key]] as const]));
  const configured = config.clusters.find((each) => each.name === name);
  if (configured === undefined) {
    if (options.provider === undefined)
      throw new GenOpsError("usage", `cluster ${name} does not stand in genops.yaml: say --provider and where it is`);
    return readEntry({ name, ...Object.fromEntries(given) });
  }
  if (given.length > 0)
    throw new GenOpsError("usage", `cluster ${name} stands in genops.yaml: change it there, or give it another name`);
  return configured;
}

const MARKS: Readonly<Record<PreflightStep["outcome"], string>> = {
  passed: "✅",
  failed: "❌",
  warning: "⚠️ ",
  skipped: "– ",
};

function printJoined(out: Output, { cluster, steps, joined, identity }: Joined): void {
  for (const { step, outcome, detail } of steps) out.line(`  ${MARKS[outcome]} ${step}: ${detail}`);
  if (joined) out.line(`${cluster} is joined (${identity?.version ?? ""}, kube-system ${identity?.uid ?? ""}).`);
  else out.line(`${cluster} was not joined.`);
}

export async function unjoin(
  runtime: Runtime,
  out: Output,
  format: Format,
  { name, force }: { name: string; force: boolean },
): Promise<number> {
  const document = await unjoinCluster(runtime, name, { force });
  answer(out, format, {
    document,
    records: [document],
    print: () => {
      out.line(`${name} is forgotten.`);
      if (document.left.length === 0) return;
      out.line(`${document.left.length} changes stay as they are there: ${document.left.join(", ")}.`);
      out.line("genops enforce restore --all puts them back from what is written on the objects.");
    },
  });
  return 0;
}

/** The guide's health check: 1 when one failed. */
export async function health(runtime: Runtime, out: Output, format: Format, names: readonly string[]): Promise<number> {
  const clusters = await checkClusters(runtime, names);
  const passed = sum(clusters.map((each) => each.passed));
  const failed = sum(clusters.map((each) => each.failed));
  answer(out, format, {
    document: { clusters, summary: { passed, failed } },
    records: clusters,
    print: () => printHealth(out, clusters, `Summary: ${passed} passed, ${failed} failed`),
  });
  return failed > 0 ? 1 : 0;
}

const RULE = "====================================";

function printHealth(out: Output, clusters: readonly ClusterHealth[], summary: string): void {
  out.line("🌐 Multi-Cloud GenOps Health Check");
  out.line(RULE);
  for (const each of clusters) {
    out.line();
    for (const line of healthLines(each)) out.line(line);
  }
  out.line();
  out.line(RULE);
  out.line(summary);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
