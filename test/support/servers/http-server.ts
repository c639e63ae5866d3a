import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface TestServer {
  url: string;
  close(): Promise<void>;
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** A server on a free port of this machine. What its handler throws is a 500 with the text. */
export async function serveHttp(handler: Handler): Promise<TestServer> {
  const server = createServer((request, response) => {
    handler(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => closeServer(server) };
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** What a fake store says to a request. */
export interface Reply {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string | Buffer;
}

export function reply(status: number, headers: Reply["headers"] = {}, body: Reply["body"] = ""): Reply {
  return { status, headers, body };
}

/** A server that answers requests one after the other, each with its whole body. */
export function serveReplies(replyTo: (request: IncomingMessage, body: Buffer) => Reply): Promise<TestServer> {
  return serveHttp(async (request, response) => {
    const { status, headers, body } = replyTo(request, await bodyOf(request));
    answer(response, status, headers, body);
  });
}

export function answer(
  response: ServerResponse,
  status: number,
  headers: Reply["headers"] = {},
  body: Reply["body"] = "",
): void {
  response.writeHead(status, { "content-length": String(Buffer.byteLength(body)), ...headers });
  response.end(response.req.method === "HEAD" ? undefined : body);
}

/** First and last byte that a `Range` asks for; "beyond" when there is none of them. */
export function rangeOf(
  header: string | undefined,
  size: number,
): { first: number; last: number } | "beyond" | undefined {
  const match = /^bytes=(\d+)-(\d*)$/.exec(header ?? "");
  if (match === null) return undefined;
  const first = Number(match[1]);
  const last = Math.min(match[2] === "" ? size - 1 : Number(match[2]), size - 1);
  return first > last ? "beyond" : { first, last };
}

/** Text in XML. */
export function xml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
