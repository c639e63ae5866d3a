import { messageOf } from "../../core/errors.ts";
import { inParallel } from "../../core/in-parallel.ts";
import { type FailedLayer, kubeFailureOf } from "../connections/errors.ts";
import type { KubeClient } from "../connections/types.ts";
import { type AskedRight, describeRight } from "./rights.ts";

export type StepName = "address" | "DNS" | "TCP" | "TLS" | "authentication" | "authorization" | "answers" | "rights";

export interface PreflightStep {
  step: StepName;
  /** `warning`: it can be read, but not everything can be done. */
  outcome: "passed" | "failed" | "warning" | "skipped";
  detail: string;
}

export interface Preflight {
  steps: PreflightStep[];
  /** Present when the cluster answered: its kube-system namespace's uid, which no other cluster has, and its version. */
  identity?: { uid: string; version: string };
  /** Rights that are missing, in RBAC's words. */
  missing: { read: string[]; write: string[] };
}

/** What is passed on the way to an answer, in order, and what each failure means. */
const WAY: readonly { step: StepName; layers: readonly FailedLayer[]; fine: string }[] = [
  { step: "DNS", layers: ["dns"], fine: "the name is known" },
  { step: "TCP", layers: ["tcp"], fine: "connected" },
  { step: "TLS", layers: ["tls"], fine: "the certificate is the cluster's" },
  { step: "authentication", layers: ["401"], fine: "the server knows us" },
  { step: "authorization", layers: ["403"], fine: "kube-system may be read" },
  { step: "answers", layers: ["answer", "time"], fine: "the API server answers" },
];
const AT_ONCE = 8;

/** Follows the way to a cluster layer by layer and then asks for every right. Never throws: what is wrong is a step that failed. */
export async function preflight(open: () => Promise<KubeClient>, rights: readonly AskedRight[]): Promise<Preflight> {
  const missing = { read: [], write: [] };
  let client: KubeClient;
  try {
    client = await open();
  } catch (error) {
    return { steps: [failed("address", messageOf(error)), ...WAY.map(({ step }) => skipped(step))], missing };
  }
  const address: PreflightStep = { step: "address", outcome: "passed", detail: "credentials and address are there" };
  try {
    const identity = await identify(client);
    const way = WAY.map(({ step, fine }): PreflightStep => ({ step, outcome: "passed", detail: fine }));
    const asked = await askForRights(client, rights);
    return { steps: [address, ...way, asked.step], identity, missing: asked.missing };
  } catch (error) {
    return { steps: [address, ...stepsUntil(error)], missing };
  }
}

/** Throws what the client throws, and `refused` for a server without kube-system. */
export async function identify(client: KubeClient): Promise<{ uid: string; version: string }> {
  const version = await client.version();
  const namespace = await client.get({ apiVersion: "v1", kind: "Namespace", name: "kube-system" });
  const uid = namespace?.metadata.uid;
  if (uid === undefined) throw new Error("there is no namespace kube-system: is it a Kubernetes cluster?");
  return { uid, version };
}

function stepsUntil(error: unknown): PreflightStep[] {
  const layer = kubeFailureOf(error)?.layer ?? "answer";
  const end = WAY.findIndex(({ layers }) => layers.includes(layer));
  const way = WAY.map(({ step, fine }, index): PreflightStep => {
    if (index === end) return failed(step, messageOf(error));
    return index < end ? { step, outcome: "passed", detail: fine } : skipped(step);
  });
  return [...way, skipped("rights")];
}

function failed(step: StepName, detail: string): PreflightStep {
  return { step, outcome: "failed", detail };
}

function skipped(step: StepName): PreflightStep {
  return { step, outcome: "skipped", detail: "not reached" };
}

async function askForRights(
  client: KubeClient,
  rights: readonly AskedRight[],
): Promise<{ step: PreflightStep; missing: Preflight["missing"] }> {
  const asked = await inParallel(rights, AT_ONCE, async (right) => {
    const { need, where, ...review } = right;
    const served = where === undefined || (await client.resource(where.apiVersion, where.kind)) !== undefined;
    return { right, need, served, allowed: served && (await client.mayI(review)) };
  });
  const lacking = (need: AskedRight["need"]) =>
    asked.filter((each) => each.need === need && each.served && !each.allowed).map(({ right }) => describeRight(right));
  const missing = { read: lacking("read"), write: lacking("write") };
  const count = asked.filter(({ served }) => served).length;
  return { missing, step: rightsStep(missing, count) };
}

function rightsStep({ read, write }: Preflight["missing"], count: number): PreflightStep {
  if (read.length > 0) return failed("rights", `we may not ${read.join(", ")}`);
  if (write.length === 0) return { step: "rights", outcome: "passed", detail: `all ${count} rights are given` };
  const detail = `it can be planned on; for enforcement we may not ${write.join(", ")}`;
  return { step: "rights", outcome: "warning", detail };
}
