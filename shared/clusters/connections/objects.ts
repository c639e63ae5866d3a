import { GenOpsError } from "../../core/errors.ts";
import type { HttpAnswer } from "./http.ts";
import type { KubeObject } from "./types.ts";

export type Tree = Readonly<Record<string, unknown>>;

export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isKubeObject(value: unknown): value is KubeObject {
  if (!isTree(value) || typeof value["apiVersion"] !== "string" || typeof value["kind"] !== "string") return false;
  return isTree(value["metadata"]) && typeof value["metadata"]["name"] === "string";
}

/** The answer's JSON. Something between us and the server may answer in its place: then it is no answer. */
export function readTree(answer: HttpAnswer, cluster: string, what: string): Tree {
  try {
    const parsed: unknown = JSON.parse(answer.body);
    if (isTree(parsed)) return parsed;
  } catch {
    // Told below.
  }
  throw noKubernetes(cluster, what);
}

/** The object of an answer, with every field that the server sent. */
export function readObject(answer: HttpAnswer, cluster: string, what: string): KubeObject {
  const tree = readTree(answer, cluster, what);
  if (isKubeObject(tree)) return tree;
  throw noKubernetes(cluster, what);
}

export function noKubernetes(cluster: string, what: string): GenOpsError {
  return new GenOpsError("unavailable", `${what}: the answer is not a Kubernetes API server's`, {
    place: { source: cluster },
  });
}
