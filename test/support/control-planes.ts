import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { controlPlaneTool, ensureControlPlane, KUBERNETES_VARIABLE } from "../../scripts/lib/control-plane.mjs";

/** Nodes of one kind, spread over the zones of the region. */
export interface NodeGroup {
  /** Default: pool-1, pool-2, …; nodes are called `<cluster>-<group>-<n>`. */
  name?: string;
  count: number;
  /** Default: three zones, written as the cloud does. */
  zones?: readonly string[];
  /** Default: a machine of 4 CPUs and 16 GiB of that cloud. */
  instanceType?: string;
  capacityType?: "on-demand" | "spot";
  /** The Karpenter NodePool that the nodes count for. */
  nodePool?: string;
  /** Quantities, as Kubernetes writes them. Defaults: "4", "16Gi", "110", none. */
  cpu?: string;
  memory?: string;
  pods?: string;
  gpus?: string;
  labels?: Readonly<Record<string, string>>;
  taints?: readonly { key: string; value?: string; effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute" }[];
}

export interface ControlPlaneOptions {
  name?: string;
  provider?: "aws" | "azure" | "gcp";
  region?: string;
  /** Default: one group of three nodes. */
  nodes?: readonly NodeGroup[];
}

/** Where a cluster is and as whom it can be called. Plain data, so that Vitest can hand it to test files. */
export interface ClusterAccess {
  name: string;
  provider: "aws" | "azure" | "gcp";
  region: string;
  /** `https://127.0.0.1:<port>` */
  server: string;
  /** PEM of the authority that signed the server's certificate. */
  ca: string;
  caFile: string;
  /** What `/version` says, such as v1.37.2. */
  version: string;
  logFile: string;
  pid: number;
  startMs: number;
  /**
   * Bearer tokens. `admin`: system:masters. `enforcer`: user genops-enforcer of the group genops:enforcer, which may nothing until a test
   * applies our RBAC. `person`: user dev-person, bound to cluster-admin.
   */
  tokens: { admin: string; enforcer: string; person: string };
  /** Keys of the one AWS role that the cluster knows: who signs a token of EKS with them, for this name and region, is genops-enforcer. */
  awsKeys: { accessKeyId: string; secretAccessKey: string; sessionToken: string };
}

export interface ControlPlane extends ClusterAccess {
  stop(): Promise<void>;
}

/**
 * Starts a Kubernetes control plane on free ports of this machine and waits until pods can run on it; builds the program where that has
 * not been done. `GENOPS_KUBERNETES` chooses an older minor. It ends with `stop`, or with us: it watches its standard input.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const program = await ensureControlPlane(controlPlaneTool(process.env[KUBERNETES_VARIABLE]));
  const started = performance.now();
  const child = spawn(program, flagsOf(options), { stdio: ["pipe", "pipe", "pipe"] });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-8_000);
  });
  const stop = async () => {
    const ended = isRunning(child) ? once(child, "exit") : undefined;
    child.kill("SIGTERM");
    await ended;
  };
  try {
    const access = JSON.parse(await firstLine(child)) as ClusterAccess;
    const ca = await readFile(access.caFile, "utf8");
    return { ...access, ca, pid: child.pid ?? 0, startMs: performance.now() - started, stop };
  } catch (error) {
    await stop();
    throw new Error(`the Kubernetes control plane did not start: ${String(error)}\n${errors}`, { cause: error });
  }
}

/** What another process needs of a control plane: everything but the means to stop it. */
export function accessOf({ stop: _stop, ...access }: ControlPlane): ClusterAccess {
  return access;
}

function flagsOf({ name, provider, region, nodes }: ControlPlaneOptions): string[] {
  const flags = { name, provider, region, nodes: nodes === undefined ? undefined : JSON.stringify(nodes) };
  return Object.entries(flags).flatMap(([flag, value]) => (value === undefined ? [] : [`--${flag}`, value]));
}

const READY_WITHIN_MS = 120_000;

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("it has no standard output");
  const lines = createInterface({ input: child.stdout });
  const ended = Promise.race([
    once(child, "exit").then(([code, signal]) => `it ended with ${String(code ?? signal)}`),
    once(child, "error").then(([error]) => String(error)),
  ]);
  const signal = AbortSignal.timeout(READY_WITHIN_MS);
  const line = await Promise.race([
    once(lines, "line", { signal }).then(([text]) => ({ text: String(text) })),
    ended.then((problem) => ({ problem })),
  ]);
  if ("problem" in line) throw new Error(line.problem);
  return line.text;
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}
