import * as http from "node:http";
import * as https from "node:https";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { messageOf } from "../../core/errors.ts";
import { type FailedLayer, KubeFailure } from "./errors.ts";

const unzip = promisify(gunzip);

export interface HttpRequest {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** With its query. */
  path: string;
  headers: Readonly<Record<string, string>>;
  body?: string;
  /** Until connected and the answer's headers are there. */
  headersMs: number;
  totalMs: number;
  signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: string;
}

/** Sends one request once. Throws `KubeFailure` when no whole answer comes; `unknownOutcome` when it was sent. */
export type Send = (request: HttpRequest) => Promise<HttpAnswer>;

export interface ServerOptions {
  server: string;
  certificateAuthority?: string | undefined;
  /** The name in the server's certificate, where it differs from the address. */
  serverName?: string | undefined;
  clientCertificate?: { certificate: string; key: string } | undefined;
  atOnce: number;
}

/** Of an answer, also unpacked: a page of 500 objects is far below it, and a server may not fill the memory. */
const MOST_MIB = 128;
const MOST_BYTES = MOST_MIB * 1024 * 1024;
/** `reason` of an answer that is longer: it will be so again. */
export const TOO_LONG = "TooLong";

/** Shorter than what load balancers wait, so that no request goes out on a connection which they have just given up. */
const IDLE_MS = 20_000;

/** One agent with kept connections for one API server. Proxies in the environment are not used. */
export function createSender(options: ServerOptions): Send {
  const base = new URL(options.server);
  const pooling = { keepAlive: true, maxSockets: options.atOnce, maxFreeSockets: options.atOnce, timeout: IDLE_MS };
  const plain = base.protocol === "http:";
  const { certificateAuthority: ca, clientCertificate: client, serverName: servername } = options;
  const agent = plain
    ? new http.Agent(pooling)
    : new https.Agent({
        ...pooling,
        // Said here, or NODE_TLS_REJECT_UNAUTHORIZED in the environment would switch it off.
        rejectUnauthorized: true,
        ...(ca === undefined ? {} : { ca }),
        ...(client === undefined ? {} : { cert: client.certificate, key: client.key }),
        ...(servername === undefined ? {} : { servername }),
      });
  const place = {
    agent,
    hostname: base.hostname.replace(/^\[|\]$/g, ""),
    port: base.port === "" ? (plain ? 80 : 443) : Number(base.port),
  };
  const prefix = base.pathname.replace(/\/$/, "");
  return (request) => exchange(request, (signal) => begin(request, signal));

  function begin(request: HttpRequest, signal: AbortSignal): http.ClientRequest {
    const { method, path, headers } = request;
    const options = { ...place, method, path: `${prefix}${path}`, headers, signal };
    return plain ? http.request(options) : https.request(options);
  }
}

async function exchange(request: HttpRequest, begin: (signal: AbortSignal) => http.ClientRequest): Promise<HttpAnswer> {
  const stop = new AbortController();
  const late = AbortSignal.timeout(Math.max(1, request.headersMs));
  const end = AbortSignal.timeout(Math.max(1, request.totalMs));
  const progress = { sent: false, headers: false };
  const onLate = () => progress.headers || stop.abort(tooLate(request.headersMs));
  const onEnd = () => stop.abort(tooLate(request.totalMs));
  const onStop = () => stop.abort(new Error("the call was ended"));
  late.addEventListener("abort", onLate);
  end.addEventListener("abort", onEnd);
  request.signal?.addEventListener("abort", onStop);
  try {
    if (request.signal?.aborted === true) onStop();
    return await answerOf(begin(stop.signal), request.body, progress);
  } catch (error) {
    throw describe(error, stop.signal, progress.sent && request.method !== "GET", progress.sent);
  } finally {
    late.removeEventListener("abort", onLate);
    end.removeEventListener("abort", onEnd);
    request.signal?.removeEventListener("abort", onStop);
  }
}

function tooLate(ms: number): Error {
  return new Error(`no answer within ${Math.round(ms)} ms`);
}

/** `sent` is noted as soon as bytes may have reached the server: on a kept connection at once, on a new one when it stands. */
function answerOf(
  outgoing: http.ClientRequest,
  body: string | undefined,
  progress: { sent: boolean; headers: boolean },
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    outgoing.on("socket", (socket) => {
      if (outgoing.reusedSocket) progress.sent = true;
      else socket.once("encrypted" in socket ? "secureConnect" : "connect", () => (progress.sent = true));
    });
    outgoing.on("error", reject);
    outgoing.on("response", (incoming) => {
      progress.headers = true;
      const chunks: Buffer[] = [];
      let size = 0;
      incoming.on("data", (chunk: Buffer) => {
        size += chunk.byteLength;
        if (size > MOST_BYTES) outgoing.destroy(tooLong());
        else chunks.push(chunk);
      });
      incoming.on("error", reject);
      incoming.on("end", () => {
        const read = (bytes: Buffer) => {
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: bytes.toString("utf8") });
        };
        const whole = Buffer.concat(chunks);
        if (incoming.headers["content-encoding"] === "gzip")
          unzip(whole, { maxOutputLength: MOST_BYTES }).then(read, (error: unknown) => reject(unzipFault(error)));
        else read(whole);
      });
    });
    outgoing.end(body);
  });
}

function tooLong(): Error {
  return Object.assign(new Error(`the answer is longer than ${MOST_MIB} MiB`), { code: TOO_LONG });
}

function unzipFault(error: unknown): unknown {
  return error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE" ? tooLong() : error;
}

function describe(error: unknown, stopped: AbortSignal, unknownOutcome: boolean, sent: boolean): KubeFailure {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (stopped.aborted) {
    // Before the connection stands, silence is the network's: a firewall that drops.
    return new KubeFailure(messageOf(stopped.reason), { layer: sent ? "time" : "tcp", unknownOutcome });
  }
  const text = messageOf(error) === "" ? code : messageOf(error);
  return new KubeFailure(text, { layer: layerOf(code, sent), reason: code, unknownOutcome });
}

function layerOf(code: string, sent: boolean): FailedLayer {
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "dns";
  if (/^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH|EPROTO)/.test(code)) return "tls";
  return sent ? "answer" : "tcp";
}
