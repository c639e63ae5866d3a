import { type IncomingMessage, type ServerResponse, request as send } from "node:http";
import { bodyOf, serveHttp, type TestServer } from "./http-server.ts";
import type { StoreRequest } from "./store-kinds.ts";

/** What goes wrong with one request. */
export interface Fault {
  /** Which request; default: the next one. */
  on?: (request: StoreRequest) => boolean;
  /** How many of them; default 1. */
  times?: number;
  /** Runs after the store has done its part and before the client hears of it. */
  meanwhile?: () => Promise<void>;
  does: /** The store never sees it; the client gets this. */
    | { answer: number; headers?: Record<string, string>; body?: string }
    /** The store does it; the client gets this instead of its answer. */
    | { instead: number }
    /** The store does it; the connection breaks before the answer. */
    | "lose the answer"
    /** The store does it; the answer never comes. */
    | "never answer"
    /** The answer begins, and the connection breaks after half of its body. */
    | "cut the answer"
    /** The answer begins, and stops for ever after half of its body. */
    | "stall the answer"
    /** The body arrives a few bytes at a time. */
    | "drip the answer";
}

export interface FaultProxy extends TestServer {
  /** The next faults, in order; each waits for its request. */
  inject(...faults: Fault[]): void;
  /** Faults that have not happened yet. */
  pending(): number;
  /** How many requests came so far. */
  requests(): number;
}

interface StoreAnswer {
  status: number;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

/**
 * Stands between a client and a store. With `serial` one request is finished before the next one begins, so that a store which checks a
 * condition and writes in two steps (moto) does both without another in between.
 */
export async function startFaultProxy(target: string, { serial = false } = {}): Promise<FaultProxy> {
  let faults: Fault[] = [];
  let requests = 0;
  let queue = Promise.resolve();

  function faultFor(request: IncomingMessage): Fault | undefined {
    const { method = "", url = "", headers } = request;
    const fault = faults.find(({ on }) => on === undefined || on({ method, url, headers }));
    if (fault === undefined) return undefined;
    const left = (fault.times ?? 1) - 1;
    faults = faults.flatMap((each) => (each !== fault ? each : left > 0 ? { ...each, times: left } : []));
    return fault;
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    requests++;
    const body = await bodyOf(request);
    const fault = faultFor(request);
    if (typeof fault?.does === "object" && "answer" in fault.does) {
      const { answer, headers = {}, body: text = "" } = fault.does;
      await fault.meanwhile?.();
      response.writeHead(answer, headers).end(text);
      return;
    }
    const forwarding = queue.then(() => forward(target, request, body));
    if (serial) queue = forwarding.then(() => undefined);
    const answered = withOwnLocation(await forwarding);
    await fault?.meanwhile?.();
    await deliver(response, answered, fault?.does);
  }

  /** Sessions that the store opens go on through the proxy. */
  function withOwnLocation(answer: StoreAnswer): StoreAnswer {
    const { location } = answer.headers;
    return location === undefined
      ? answer
      : { ...answer, headers: { ...answer.headers, location: location.replace(target, server.url) } };
  }

  const server: TestServer = await serveHttp(handle);
  return {
    ...server,
    inject: (...more) => {
      faults = [...faults, ...more];
    },
    pending: () => faults.length,
    requests: () => requests,
  };
}

function forward(target: string, request: IncomingMessage, body: Buffer): Promise<StoreAnswer> {
  const { method = "GET", url = "/", headers } = request;
  return new Promise((resolve, reject) => {
    const { "transfer-encoding": _chunked, ...rest } = headers;
    // The host stays as the client has signed it.
    send(new URL(url, target), { method, headers: { ...rest, "content-length": String(body.length) } }, (answer) => {
      bodyOf(answer).then(
        (read) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: read }),
        reject,
      );
    })
      .on("error", reject)
      .end(body);
  });
}

const DRIPS = 8;

async function deliver(response: ServerResponse, answer: StoreAnswer, does: Fault["does"] | undefined): Promise<void> {
  const { status, headers, body } = answer;
  if (does === "never answer") return;
  if (does === "lose the answer") return void response.destroy();
  if (typeof does === "object" && "instead" in does) return void response.writeHead(does.instead).end();
  response.writeHead(status, headers);
  if (does === undefined) return void response.end(body);
  const half = Math.floor(body.length / 2);
  if (does === "drip the answer") {
    const step = Math.max(1, Math.ceil(body.length / DRIPS));
    for (let at = 0; at < body.length; at += step) await written(response, body.subarray(at, at + step));
    return void response.end();
  }
  await written(response, body.subarray(0, half));
  if (does === "cut the answer") response.destroy();
}

/** Each piece in a packet of its own. */
function written(response: ServerResponse, piece: Buffer): Promise<void> {
  return new Promise((resolve) => response.write(piece, () => setTimeout(resolve, 5)));
}
