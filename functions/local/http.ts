import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { isIPv4 } from "node:net";
import { GenOpsError, messageOf } from "../../shared/core/errors.ts";

/** Answers one request; never throws. */
export type Handler = (request: Request) => Promise<Response>;

export interface HttpServer {
  /** `http://127.0.0.1:4680` */
  url: string;
  port: number;
  /** Stops listening, lets requests in progress end for up to two seconds, then cuts them off. */
  close(): Promise<void>;
}

export interface HttpOptions {
  /** A loopback name or address. */
  host: string;
  /** 0 picks a free one. */
  port: number;
}

const BODY_LIMIT_BYTES = 1024 * 1024;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_MS = 5_000;
const CLOSE_GRACE_MS = 2_000;
/** A name or address with an optional port, and nothing that a URL would read differently. */
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d+)?$/i;

/**
 * Serves a Web handler over node:http. Only loopback addresses are allowed, because nobody has to sign in: anything else throws
 * `config`. A port in use throws `unavailable`. Bodies above 1 MiB are answered with 413.
 */
export async function serveHttp(handler: Handler, options: HttpOptions): Promise<HttpServer> {
  if (!isLoopback(options.host)) {
    throw new GenOpsError(
      "config",
      `will not listen on ${options.host}: without authentication only loopback addresses are served`,
    );
  }
  const server = createServer({
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  });
  server.on(
    "request",
    (incoming: IncomingMessage, outgoing: ServerResponse) => void serve(handler, incoming, outgoing),
  );
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) =>
      reject(
        new GenOpsError("unavailable", `cannot listen on ${options.host}:${options.port}: ${messageOf(error)}`, {
          cause: error,
        }),
      ),
    );
    server.listen(options.port, bare(options.host), resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : options.port;
  const name = options.host.includes(":") && !options.host.startsWith("[") ? `[${options.host}]` : options.host;
  return {
    url: `http://${name}:${port}`,
    port,
    close: () =>
      new Promise<void>((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

function bare(host: string): string {
  return host.replace(/^\[|\]$/g, "");
}

function isLoopback(host: string): boolean {
  const name = bare(host).toLowerCase();
  return name === "localhost" || name === "::1" || (isIPv4(name) && name.startsWith("127."));
}

async function serve(handler: Handler, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const gone = new AbortController();
  outgoing.once("close", () => gone.abort());
  try {
    const body = await readBody(incoming);
    if (body === undefined) return refuse(outgoing, 413, "The body is larger than 1 MiB.");
    const request = toRequest(incoming, body, gone.signal);
    if (request === undefined) return refuse(outgoing, 400, "The request's address or headers cannot be read.");
    await send(await handler(request), outgoing);
  } catch {
    // A caller that went away, or a handler that broke its promise: either way there is nobody to explain it to.
    if (outgoing.headersSent) outgoing.destroy();
    else refuse(outgoing, 500, "Something failed inside GenOps.");
  }
}

/** The body, or `undefined` when it is too large. */
async function readBody(incoming: IncomingMessage): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (Number(incoming.headers["content-length"] ?? 0) > BODY_LIMIT_BYTES) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  // Leaving the loop early must not cut the connection before the answer is written.
  for await (const chunk of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT_BYTES) return undefined;
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function toRequest(incoming: IncomingMessage, body: Uint8Array<ArrayBuffer>, signal: AbortSignal): Request | undefined {
  const method = incoming.method ?? "GET";
  const path = incoming.url ?? "/";
  const host = incoming.headers.host ?? "";
  if (!path.startsWith("/") || !HOST.test(host)) return undefined;
  try {
    const headers = new Headers();
    for (const [name, values] of Object.entries(incoming.headersDistinct))
      for (const value of values ?? []) headers.append(name, value);
    const read = method === "GET" || method === "HEAD";
    return new Request(`http://${host}${path}`, { method, headers, signal, ...(read ? {} : { body }) });
  } catch {
    return undefined;
  }
}

async function send(response: Response, outgoing: ServerResponse): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  const headers = Object.fromEntries(response.headers);
  outgoing.writeHead(
    response.status,
    body.length > 0 ? { ...headers, "content-length": String(body.length) } : headers,
  );
  outgoing.end(body);
}

function refuse(outgoing: ServerResponse, status: number, detail: string): void {
  const body = JSON.stringify({ type: "about:blank", status, detail });
  outgoing.writeHead(status, {
    "content-type": "application/problem+json",
    "x-content-type-options": "nosniff",
    connection: "close",
  });
  outgoing.end(body);
}
