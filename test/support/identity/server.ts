import { createServer as createHttp, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createHttps } from "node:https";
import type { Certificate } from "./certificate.ts";

export interface Asked {
  method: string;
  url: URL;
  headers: Readonly<Record<string, string>>;
  body: string;
}

export interface Reply {
  status: number;
  headers?: Readonly<Record<string, string>>;
  body: string;
}

export interface TestServer {
  /** `http://127.0.0.1:PORT`, or https with a certificate. */
  url: string;
  /** Everything that was asked, in order. */
  asked: Asked[];
  close(): Promise<void>;
}

/** A server in this process on a free port. */
export async function serve(
  answer: (asked: Asked) => Reply | Promise<Reply>,
  certificate?: Certificate,
): Promise<TestServer> {
  const asked: Asked[] = [];
  const listener: RequestListener = (request, response) => {
    void readRequest(request)
      .then(async (each) => {
        asked.push(each);
        return answer(each);
      })
      .catch((error: unknown) => ({ status: 500, headers: {}, body: String(error) }))
      .then(({ status, headers = {}, body }) => response.writeHead(status, headers).end(body));
  };
  const server = certificate === undefined ? createHttp(listener) : createHttps(certificate, listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // One that outlives its test does not keep the process.
  server.unref();
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    url: `${certificate === undefined ? "http" : "https"}://127.0.0.1:${address.port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function readRequest(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)] as const);
  return {
    method: request.method ?? "",
    url: new URL(request.url ?? "/", `http://${request.headers.host ?? "127.0.0.1"}`),
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks).toString("utf8"),
  };
}

export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
}
