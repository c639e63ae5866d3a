import { request } from "node:https";
import type { ClusterAccess } from "./control-planes.ts";

export interface KubeResponse {
  status: number;
  body: KubeObject;
}

/** As much of a Kubernetes object as tests look at. */
export interface KubeObject {
  metadata?: {
    name?: string;
    uid?: string;
    resourceVersion?: string;
    annotations?: Record<string, string>;
    labels?: Record<string, string>;
    managedFields?: { manager: string }[];
    ownerReferences?: { kind: string; name: string }[];
  };
  spec?: Record<string, unknown>;
  status?: Record<string, unknown> | string;
  items?: KubeObject[];
  message?: string;
  [field: string]: unknown;
}

export type KubeUser = keyof ClusterAccess["tokens"];

const PATCH_TYPES = { PATCH: "application/merge-patch+json", APPLY: "application/apply-patch+yaml" };

/**
 * One request to a control plane, with nothing between: for what a test sets up, and for questions to the server itself. "APPLY" is a
 * server-side apply; "PATCH" a merge patch.
 */
export function kubeRequest(
  { server, ca, tokens }: Pick<ClusterAccess, "server" | "ca" | "tokens">,
  method: "GET" | "POST" | "PUT" | "DELETE" | keyof typeof PATCH_TYPES,
  path: string,
  body?: object,
  user: KubeUser = "admin",
): Promise<KubeResponse> {
  const type = method === "PATCH" || method === "APPLY" ? PATCH_TYPES[method] : "application/json";
  return new Promise((resolve, reject) => {
    const options = {
      method: method === "APPLY" ? "PATCH" : method,
      ca,
      headers: { authorization: `Bearer ${tokens[user]}`, "content-type": type, accept: "application/json" },
    };
    const call = request(new URL(path, server), options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ status: response.statusCode ?? 0, body: parse(text) });
      });
    });
    call.on("error", reject);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Some paths, as /readyz, answer with plain text. */
function parse(text: string): KubeObject {
  return text.startsWith("{") ? (JSON.parse(text) as KubeObject) : { message: text };
}
