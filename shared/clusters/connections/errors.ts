import { GenOpsError } from "../../core/errors.ts";

/** How far a request came, from the address to the answer. */
export type FailedLayer = "dns" | "tcp" | "tls" | "401" | "403" | "answer" | "time";

export interface KubeFailureDetail {
  layer: FailedLayer;
  /** HTTP status; absent when there was no answer. */
  status?: number;
  /** The server's own word: `Conflict`, `Expired`, `Invalid`. */
  reason?: string;
  /** The server may have carried out a write, and its answer was lost. */
  unknownOutcome?: boolean;
}

/** What stands behind a client's error, as its `cause`. Holds no token. */
export class KubeFailure extends Error {
  readonly layer: FailedLayer;
  readonly status: number | undefined;
  readonly reason: string | undefined;
  readonly unknownOutcome: boolean;

  constructor(message: string, detail: KubeFailureDetail) {
    super(message);
    this.name = "KubeFailure";
    this.layer = detail.layer;
    this.status = detail.status;
    this.reason = detail.reason;
    this.unknownOutcome = detail.unknownOutcome ?? false;
  }
}

/** The failure behind an error of a `KubeClient`, also of one that was wrapped since. */
export function kubeFailureOf(error: unknown): KubeFailure | undefined {
  for (let each = error; each instanceof Error; each = each.cause) if (each instanceof KubeFailure) return each;
  return undefined;
}

/** A write was sent and its answer did not come: the server may have carried it out. Read the object before anything else is done. */
export function isUnknownOutcome(error: unknown): boolean {
  return kubeFailureOf(error)?.unknownOutcome ?? false;
}

/** A refusal that was decided here, without a request. */
export function refusedHere(cluster: string, message: string): GenOpsError {
  return new GenOpsError("refused", message, { place: { source: cluster } });
}

const ADVICE: Readonly<Partial<Record<FailedLayer, string>>> = {
  dns: "the name of the API server is not known here (DNS)",
  tcp: "no connection to the API server (TCP): is it reachable from this network, and is it up?",
  tls: "the API server's certificate is not trusted (TLS): is it another server, or has its authority changed?",
};

/** No answer: the request never left, or its answer did not come. */
export function unanswered(cluster: string, what: string, failure: KubeFailure): GenOpsError {
  const advice = ADVICE[failure.layer];
  const lost = failure.unknownOutcome ? "; the server may have carried it out" : "";
  const message = `${what}: ${advice === undefined ? "" : `${advice}: `}${failure.message}${lost}`;
  const code = failure.layer === "tls" || failure.reason === "ENOTFOUND" ? "config" : "unavailable";
  return new GenOpsError(code, message, { place: { source: cluster }, cause: failure });
}

/** An answer that is no success, in the server's words. */
export function notDone(cluster: string, what: string, failure: KubeFailure): GenOpsError {
  const { status = 0 } = failure;
  const lost = failure.unknownOutcome ? "; it may have been carried out all the same" : "";
  const message = `${what}: ${status} ${failure.message}${lost}`;
  return new GenOpsError(codeOf(failure), message, { place: { source: cluster }, cause: failure });
}

function codeOf({ status = 0, reason }: KubeFailure): "conflict" | "refused" | "unavailable" {
  if (status === 409 || reason === "UidChanged" || reason === "Gone") return "conflict";
  return status === 401 || status === 429 || status >= 500 ? "unavailable" : "refused";
}
