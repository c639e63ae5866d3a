import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { messageOf } from "../../../shared/core/errors.ts";
import type { Certificate } from "../identity/certificate.ts";
import { bodyOf } from "../servers/http-server.ts";
import { KubeFailure, statusOf } from "./failure.ts";
import { type Faults, failureOf } from "./faults.ts";
import type { Answer } from "./handle.ts";
import type { KubeRequest } from "./request.ts";

export interface Transport {
  port(): number;
  /** Breaks every connection and listens no more. */
  stop(): Promise<void>;
  /** Listens again, on the same port. */
  start(): Promise<void>;
}

export interface TransportParts {
  certificate: Certificate;
  latencyMs: () => number;
  faults: Faults;
  read(message: IncomingMessage, body: string): KubeRequest;
  /** Before anything is done with a request. */
  arrived(request: KubeRequest): Promise<void>;
  answer(request: KubeRequest): Answer;
  done(request: KubeRequest, status: number): void;
}

export async function createTransport(parts: TransportParts): Promise<Transport> {
  let port = 0;
  let server: Server | undefined;

  async function start(): Promise<void> {
    if (server !== undefined) return;
    const { cert, key } = parts.certificate;
    const made = createServer({ cert, key }, (message, response) => {
      serve(parts, message, response).catch((error: unknown) => response.destroy(error as Error));
    });
    made.keepAliveTimeout = 60_000;
    await new Promise<void>((resolve, reject) => made.once("error", reject).listen(port, "127.0.0.1", 1024, resolve));
    made.unref();
    port = (made.address() as AddressInfo).port;
    server = made;
  }

  await start();
  return {
    port: () => port,
    start,
    async stop() {
      const stopped = server;
      server = undefined;
      if (stopped === undefined) return;
      stopped.closeAllConnections();
      await new Promise<void>((resolve) => void stopped.close(() => resolve()));
    },
  };
}

async function serve(parts: TransportParts, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const request = parts.read(message, (await bodyOf(message)).toString("utf8"));
  const latency = parts.latencyMs();
  if (latency > 0) await pause(latency);
  await parts.arrived(request);
  const fault = parts.faults.take(request);
  if (fault?.kind === "hang") return;
  if (fault?.kind === "resetBefore") return reset(message.socket);
  const answer = fault?.kind === "status" ? failed(failureOf(fault)) : attempt(() => parts.answer(request));
  parts.done(request, answer.status);
  if (fault?.kind === "resetAfter") return reset(message.socket);
  send(response, answer);
}

type Sent = Answer & { retryAfter?: number };

function attempt(work: () => Answer): Sent {
  try {
    return work();
  } catch (error) {
    return failed(error instanceof KubeFailure ? error : new KubeFailure(500, "InternalError", messageOf(error)));
  }
}

function failed(failure: KubeFailure): Sent {
  const { retryAfter } = failure;
  return { status: failure.code, body: statusOf(failure), ...(retryAfter === undefined ? {} : { retryAfter }) };
}

function reset(socket: Socket): void {
  socket.resetAndDestroy();
}

function send(response: ServerResponse, { status, body, warnings = [], retryAfter }: Sent): void {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const headers: OutgoingHttpHeaders = {
    "content-type": typeof body === "string" ? "text/plain" : "application/json",
    "content-length": Buffer.byteLength(text),
  };
  if (retryAfter !== undefined) headers["retry-after"] = String(retryAfter);
  if (warnings.length > 0)
    headers["warning"] = warnings.map((warning) => `299 - ${JSON.stringify(warning)}`).join(", ");
  response.writeHead(status, headers);
  response.end(text);
}
