import { type Decimal, fromInteger, multiply } from "../../../core/decimal.ts";
import { GenOpsError } from "../../../core/errors.ts";
import type { KubeObject } from "../../connections/types.ts";
import type { Notice } from "../hold/verdict.ts";
import type { StepReport, TransactionDeps } from "./types.ts";

/** So many writes of one cluster are under way at once; the server's own fairness decides beyond that. */
export const AT_ONCE = 32;

/** An answer of the kill switch serves writes for so long. */
const SWITCH_MS = 1_000;

/** One run over one cluster: what it shares, and what it found out. */
export interface Run {
  readonly deps: TransactionDeps;
  readonly clusterUid: string;
  readonly startedAt: string;
  now(): string;
  /** Why nothing more may be sent; undefined: go on. Asked before every write. */
  gate(): Promise<string | undefined>;
  /** HPAs of a namespace, read once. */
  readonly autoscalers: Map<string, Promise<readonly KubeObject[]>>;
  /** Writes that failed, of how many; ends an apply when too many did. A restore goes on (total 0): what can come back, does. */
  readonly blast: { failed: number; total: number };
  readonly reports: Map<string, StepReport>;
  /** By step: what could not be tried beforehand, in words. */
  readonly unchecked: Map<string, string>;
  readonly notices: Notice[];
  aborted?: string;
  againMs?: number;
}

/**
 * Begins a run. `obeys: "stop"`: the kill switch ends it. Restores that people ask for do not obey it: who stops GenOps may want everything back
 * (ADR 0015).
 */
export async function beginRun(deps: TransactionDeps, obeys: "stop" | "deadline"): Promise<Run> {
  const clusterUid = await clusterUidOf(deps);
  const blast = { failed: 0, total: 0 };
  const isStopped = obeys === "stop" ? sharedSwitch(deps) : () => Promise.resolve(false);
  return {
    deps,
    clusterUid,
    startedAt: deps.clock.now().toISOString(),
    now: () => deps.clock.now().toISOString(),
    async gate() {
      if (deps.clock.now() >= deps.deadline) return "there was no time left";
      if (tooManyFailed(blast, deps.caps.failedShare)) return "too many writes failed";
      return (await isStopped()) ? "GenOps is stopped (kill switch)" : undefined;
    },
    autoscalers: new Map(),
    blast,
    reports: new Map(),
    unchecked: new Map(),
    notices: [],
  };
}

/** Reads of the switch that are shared by writes that come at the same time. Its failure counts as stopped: nobody can tell. */
function sharedSwitch({ isStopped, clock }: TransactionDeps): () => Promise<boolean> {
  let last: { at: number; answer: Promise<boolean> } | undefined;
  return () => {
    const now = clock.now().getTime();
    if (last === undefined || now - last.at > SWITCH_MS) last = { at: now, answer: isStopped().catch(() => true) };
    return last.answer;
  };
}

export function tooManyFailed({ failed, total }: { failed: number; total: number }, share: Decimal): boolean {
  return total > 0 && fromInteger(failed) > multiply(share, fromInteger(total));
}

/** The cluster's identity: the uid of the namespace kube-system. */
async function clusterUidOf({ client }: TransactionDeps): Promise<string> {
  const found = await client.get({ apiVersion: "v1", kind: "Namespace", name: "kube-system" });
  const uid = found?.metadata.uid;
  if (uid !== undefined) return uid;
  throw new GenOpsError("refused", "the cluster does not tell its identity: namespace kube-system has no uid", {
    place: { source: client.cluster },
  });
}

export function noteAgain(run: Run, ms: number | undefined): void {
  if (ms !== undefined) run.againMs = Math.min(run.againMs ?? ms, ms);
}
