import { GenOpsError } from "../../core/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { BearerToken } from "../../ports/credentials.ts";
import type { Deadline } from "../../ports/invocation.ts";
import type { Randomness } from "../../ports/randomness.ts";
import { KubeFailure, notDone, unanswered } from "./errors.ts";
import type { Gate } from "./gate.ts";
import { createGate } from "./gate.ts";
import { createSender, type HttpAnswer, type HttpRequest, type Send } from "./http.ts";
import { redact } from "./redact.ts";
import { type Attempt, MOST_REPEATS, mayRepeat, type Repeatable, waitBefore } from "./retry.ts";
import { failureOf } from "./status.ts";

/** How to reach an API server. A `ClusterAccess` is one; a kubeconfig may have a client certificate instead of tokens. */
export interface KubeAccess {
  /** `https://…`, without a slash at the end; `http:` on this machine only (`kubectl proxy`). */
  server: string;
  /** PEM; undefined when the certificate is signed by a public authority. */
  certificateAuthority?: string;
  /** The name in the server's certificate, where it differs from the address. */
  serverName?: string;
  /** Valid now. `rejected`: the token that the server did not accept; another one is given if there is one. */
  token?(rejected?: string): Promise<BearerToken>;
  /** PEM. */
  clientCertificate?: { certificate: string; key: string };
}

export interface ConnectionOptions {
  /** The cluster's name in the configuration. */
  cluster: string;
  access: KubeAccess;
  clock: Clock;
  randomness: Randomness;
  /** No request outlasts the function's call. */
  deadline?: Deadline | undefined;
  /** Ends all requests. */
  signal?: AbortSignal | undefined;
  /** Of GenOps, and the id of this run: how the server's logs name us. */
  version: string;
  runId: string;
  /** A ceiling, where an organisation wants one. */
  requestsPerSecond?: number | undefined;
  /** How often a call is repeated at most, where that is safe. Default: 4. */
  repeats?: number | undefined;
  /** Milliseconds, for tests. Default: 10 s until the headers of the answer, 30 s for all of it. */
  timeouts?: { headersMs: number; totalMs: number } | undefined;
}

export interface Call {
  method: HttpRequest["method"];
  path: string;
  query?: Readonly<Record<string, string>>;
  body?: unknown;
  contentType?: string;
  /** Default: `read` for GET, `write` for the rest. */
  repeat?: Repeatable;
  /** Answers that the caller deals with itself. */
  accept?: (answer: HttpAnswer) => boolean;
  /** The object must be there: 404 is a conflict. */
  needsObject?: boolean;
  /** For messages: `patch Deployment ml/trainer`. */
  what: string;
}

/** Sends a call, again where that is safe. Answers that are neither 2xx nor accepted are thrown as `GenOpsError`. */
export type Ask = (call: Call) => Promise<HttpAnswer>;

/** Requests in flight per cluster; the server's own priority and fairness decides about the rest. */
const IN_FLIGHT = 32;
const TIMEOUTS = { headersMs: 10_000, totalMs: 30_000 };

export function createConnection(options: ConnectionOptions): Ask {
  const { access, cluster } = options;
  refuseOpenLines(cluster, access.server);
  const line: Line = {
    options,
    send: createSender({ ...access, atOnce: IN_FLIGHT }),
    gate: createGate(IN_FLIGHT, options.clock, options.requestsPerSecond),
    secrets: new Set(),
  };
  return (call) => ask(line, call);
}

interface Line {
  options: ConnectionOptions;
  send: Send;
  gate: Gate;
  /** Tokens that were sent: they must not come back in a message. */
  secrets: Set<string>;
}

async function ask(line: Line, call: Call): Promise<HttpAnswer> {
  const { clock, randomness, repeats = MOST_REPEATS } = line.options;
  const kind = call.repeat ?? (call.method === "GET" ? "read" : "write");
  let renewed = false;
  for (let repeat = 0; ; ) {
    const token = await line.options.access.token?.();
    const attempt = await tryOnce(line, call, token?.value, kind);
    const answer = wantedAnswer(attempt, call);
    if (answer !== undefined) return answer;
    if ("answer" in attempt && attempt.answer.status === 401 && token !== undefined && !renewed) {
      renewed = true;
      await line.options.access.token?.(token.value);
      continue;
    }
    const wait = waitBefore(repeat, attempt, clock, randomness);
    if (repeat >= repeats || !mayRepeat(attempt, kind) || wait >= remainingMs(line)) {
      throw explain(line, call, attempt, kind);
    }
    repeat++;
    await clock.sleep(wait, line.options.signal);
  }
}

function wantedAnswer(attempt: Attempt, { accept }: Call): HttpAnswer | undefined {
  if (!("answer" in attempt)) return undefined;
  const { answer } = attempt;
  const wanted = (answer.status >= 200 && answer.status < 300) || accept?.(answer) === true;
  return wanted ? answer : undefined;
}

async function tryOnce(line: Line, call: Call, token: string | undefined, kind: Repeatable): Promise<Attempt> {
  if (token !== undefined) line.secrets.add(token);
  try {
    const answer = await line.gate(() => {
      const left = remainingMs(line);
      if (left <= 0) throw new KubeFailure("the function's time is over", { layer: "time" });
      return line.send(requestOf(line, call, token, left));
    });
    return { answer };
  } catch (error) {
    if (!(error instanceof KubeFailure)) throw error;
    return { failure: cleaned(error, line.secrets, kind) };
  }
}

function cleaned(failure: KubeFailure, secrets: ReadonlySet<string>, kind: Repeatable): KubeFailure {
  const { layer, status, reason } = failure;
  return new KubeFailure(redact(failure.message, secrets), {
    layer,
    ...(status === undefined ? {} : { status }),
    ...(reason === undefined ? {} : { reason }),
    unknownOutcome: failure.unknownOutcome && kind === "write",
  });
}

function requestOf(line: Line, call: Call, token: string | undefined, leftMs: number): HttpRequest {
  const { version, runId, signal, timeouts = TIMEOUTS } = line.options;
  const query = new URLSearchParams(call.query).toString();
  const body = call.body === undefined ? undefined : JSON.stringify(call.body);
  return {
    method: call.method,
    path: query === "" ? call.path : `${call.path}?${query}`,
    headers: {
      accept: "application/json",
      "accept-encoding": "gzip",
      "user-agent": `genops/${version} run=${runId}`,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined
        ? {}
        : {
            "content-type": call.contentType ?? "application/json",
            "content-length": String(Buffer.byteLength(body)),
          }),
    },
    ...(body === undefined ? {} : { body }),
    headersMs: Math.min(timeouts.headersMs, leftMs),
    totalMs: Math.min(timeouts.totalMs, leftMs),
    signal,
  };
}

function explain(line: Line, call: Call, attempt: Attempt, kind: Repeatable): GenOpsError {
  const { cluster } = line.options;
  if ("failure" in attempt) return unanswered(cluster, call.what, attempt.failure);
  const { needsObject = false } = call;
  const clean = (text: string) => redact(text, line.secrets);
  return notDone(cluster, call.what, failureOf(attempt.answer, { clean, write: kind === "write", needsObject }));
}

function remainingMs({ options }: Line): number {
  return options.deadline?.remainingMs() ?? Number.POSITIVE_INFINITY;
}

/** A token over an open line would be everybody's. */
function refuseOpenLines(cluster: string, server: string): void {
  const { protocol = "", hostname = "" } = URL.parse(server) ?? {};
  const here = ["127.0.0.1", "[::1]", "localhost"].includes(hostname);
  if (protocol === "https:" || (protocol === "http:" && here)) return;
  throw new GenOpsError("config", `the API server ${server} must be https`, { place: { source: cluster } });
}
