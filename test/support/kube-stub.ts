import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach } from "vitest";
import { createKubeClient, type KubeClientOptions } from "../../shared/clusters/connections/kube-client.ts";
import type { KubeClient } from "../../shared/clusters/connections/types.ts";
import { createFakeClock } from "./fake-clock.ts";
import { createCertificate } from "./identity/certificate.ts";

/** One request as it came over the wire. */
export interface Seen {
  method: string;
  path: string;
  query: Readonly<Record<string, string>>;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: unknown;
}

/** `hang up` ends the connection without an answer; `silence` never answers; `half` ends it in the middle of one. */
export type Said =
  | "hang up"
  | "silence"
  | "half"
  | { status: number; body?: unknown; headers?: Record<string, string> };

export interface Stub {
  server: string;
  certificateAuthority: string;
  /** What was asked, discovery left out. */
  seen: Seen[];
  connections(): number;
}

const RESOURCES: Readonly<Record<string, unknown>> = {
  "/api/v1": [
    { name: "pods", kind: "Pod", namespaced: true },
    { name: "pods/eviction", kind: "Eviction", namespaced: true },
    { name: "nodes", kind: "Node", namespaced: false },
    { name: "namespaces", kind: "Namespace", namespaced: false },
  ],
  "/apis/apps/v1": [
    { name: "deployments", kind: "Deployment", namespaced: true },
    { name: "deployments/scale", kind: "Scale", namespaced: true },
  ],
};

const certificate = createCertificate();
const ending: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(ending.splice(0).map((end) => end()));
});

/** An HTTPS server of one test: discovery is answered, the rest by `answer`. */
export async function startStub(answer: (seen: Seen, count: number) => Said): Promise<Stub> {
  const seen: Seen[] = [];
  let connections = 0;
  const server = createServer(certificate, (request, response) => {
    void read(request).then((each) => {
      const resources = RESOURCES[each.path];
      if (each.method === "GET" && resources !== undefined) return say(response, { status: 200, body: { resources } });
      seen.push(each);
      return say(response, answer(each, seen.length));
    });
  });
  server.on("secureConnection", () => connections++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ending.push(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  return {
    server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    certificateAuthority: certificate.cert,
    seen,
    connections: () => connections,
  };
}

async function read(request: IncomingMessage): Promise<Seen> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
  const url = new URL(request.url ?? "/", "https://x");
  const text = Buffer.concat(chunks).toString("utf8");
  return {
    method: request.method ?? "",
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: request.headers,
    body: text === "" ? undefined : JSON.parse(text),
  };
}

function say(response: ServerResponse, said: Said): void {
  if (said === "silence") return;
  if (said === "hang up") return void response.socket?.destroy();
  if (said === "half") {
    response.writeHead(200, { "content-length": "1000" });
    response.write('{"kind":');
    return void setImmediate(() => response.socket?.destroy());
  }
  const { status, body, headers = {} } = said;
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body ?? {}));
}

/** A client of the stub with the token `secret-token`, a fake clock and no chance. */
export function clientOf(stub: Stub, more: Partial<KubeClientOptions> = {}): KubeClient {
  return createKubeClient({
    cluster: "dev",
    access: accessTo(stub),
    clock: createFakeClock(),
    randomness: { id: () => "0".repeat(32), fraction: () => 0 },
    version: "1.2.3",
    runId: "run-7",
    ...more,
  });
}

export function accessTo({ server, certificateAuthority }: Stub, token = "secret-token"): KubeClientOptions["access"] {
  return {
    server,
    certificateAuthority,
    token: async () => ({ value: token, expiresAt: new Date("2099-01-01T00:00:00Z") }),
  };
}

export const trainer = { apiVersion: "apps/v1", kind: "Deployment", namespace: "ml", name: "trainer" } as const;
export const trainerObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "trainer", namespace: "ml", uid: "u-1", resourceVersion: "41" },
  spec: { replicas: 3, aFieldOfNextYear: { deep: [null, 1.5, "x"] } },
};

export function status(code: number, reason: string, message: string, details?: unknown): Said {
  return { status: code, body: { kind: "Status", status: "Failure", message, reason, code, details } };
}
