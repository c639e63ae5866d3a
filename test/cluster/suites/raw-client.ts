import { Agent, request } from "node:https";
import type { KubeObject, Tree } from "../../support/kube-server/types.ts";
import type { ClusterTarget } from "../target.ts";

export interface RawAnswer {
  status: number;
  headers: Readonly<Record<string, unknown>>;
  /** Parsed JSON; `{ text }` for what is none. */
  body: Tree & { metadata?: KubeObject["metadata"]; spec?: Tree; status?: unknown };
}

export type PatchType = "merge" | "json" | "apply" | "strategic";

export interface CallOptions {
  query?: Readonly<Record<string, string>>;
  body?: unknown;
  patch?: PatchType;
  token?: string;
  userAgent?: string;
}

/** Requests as they stand in the API's documentation, with nothing between: what the suite proves is the server. */
export interface RawClient {
  call(method: string, path: string, options?: CallOptions): Promise<RawAnswer>;
  close(): void;
}

const TYPES: Readonly<Record<PatchType, string>> = {
  merge: "application/merge-patch+json",
  json: "application/json-patch+json",
  apply: "application/apply-patch+yaml",
  strategic: "application/strategic-merge-patch+json",
};

export function createRawClient(target: ClusterTarget): RawClient {
  const agent = new Agent({ ca: target.certificateAuthority, keepAlive: true, maxSockets: 8 });
  return {
    close: () => agent.destroy(),
    call(method, path, { query = {}, body, patch, token = target.tokens.admin, userAgent = "conformance/1" } = {}) {
      const url = new URL(path, target.server);
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
      const text = body === undefined ? undefined : JSON.stringify(body);
      const headers = {
        // Node frames the body of a DELETE only when its length is said.
        ...(text === undefined ? {} : { "content-length": Buffer.byteLength(text) }),
        authorization: `Bearer ${token}`,
        accept: "application/json",
        "user-agent": userAgent,
        "content-type": patch === undefined ? "application/json" : TYPES[patch],
      };
      return new Promise((resolve, reject) => {
        const sent = request(url, { method, agent, headers }, (response) => {
          let answer = "";
          response.setEncoding("utf8").on("error", reject);
          response.on("data", (chunk: string) => {
            answer += chunk;
          });
          response.on("end", () => {
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: parsed(answer) });
          });
        });
        sent.on("error", reject);
        sent.end(text);
      });
    },
  };
}

function parsed(text: string): RawAnswer["body"] {
  return text.startsWith("{") ? (JSON.parse(text) as RawAnswer["body"]) : { text };
}
