import { parse as parseYaml } from "yaml";
import { badRequest } from "./failure.ts";
import type { Kinds } from "./resources.ts";
import { isTree, treeOf } from "./tree.ts";
import type { Caller, KubeMetadata, KubeObject, ResourceKind } from "./types.ts";

/** One request as it came, with who asked: what the log keeps and what faults and hooks are asked about. */
export interface KubeRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Readonly<Record<string, string>>;
  /** Text of the body. */
  body: string;
  /** Undefined without a valid token. */
  user: string | undefined;
}

/** What a path means. */
export interface Target {
  group: string;
  version: string;
  resource: string;
  kind: ResourceKind | undefined;
  /** Empty for the whole cluster. */
  namespace: string;
  /** Empty for a collection. */
  name: string;
  subresource: string;
}

/** `/api/v1/namespaces/ml/pods/a/eviction`; undefined for a path that is no resource's. */
export function targetOf(path: string, kinds: Kinds): Target | undefined {
  const segments = segmentsOf(path);
  const core = segments[0] === "api";
  if (!core && segments[0] !== "apis") return undefined;
  const [group = "", version = ""] = core ? ["", segments[1]] : [segments[1], segments[2]];
  const rest = segments.slice(core ? 2 : 3);
  if (rest.length === 0) return undefined;
  // `/namespaces/ml` is the namespace itself, `/namespaces/ml/pods` what is in it.
  const inside = rest[0] === "namespaces" && rest.length > 2 && !["status", "finalize"].includes(rest[2] ?? "");
  const [resource = "", name = "", subresource = ""] = inside ? rest.slice(2) : rest;
  const namespace = inside ? (rest[1] ?? "") : "";
  return { group, version, resource, name, subresource, namespace, kind: kinds.byPath(group, version, resource) };
}

export function segmentsOf(path: string): string[] {
  return path
    .split("/")
    .filter((part) => part !== "")
    .map(decodeURIComponent);
}

/** The verb that authorization asks for. */
export function verbOf(method: string, { name }: Target, query: URLSearchParams): string {
  if (method === "GET" && query.get("watch") === "true") return "watch";
  const collection: Readonly<Record<string, string>> = { GET: "list", DELETE: "deletecollection" };
  const single: Readonly<Record<string, string>> = { GET: "get", PUT: "update", PATCH: "patch", DELETE: "delete" };
  return (name === "" ? collection[method] : single[method]) ?? (method === "POST" ? "create" : method.toLowerCase());
}

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw badRequest("the body is not JSON");
  }
}

/** JSON or YAML, as an apply may be written. */
export function documentOf(text: string): unknown {
  try {
    return text.trimStart().startsWith("{") ? jsonOf(text) : (parseYaml(text) as unknown);
  } catch {
    throw badRequest("error decoding YAML");
  }
}

export function objectOf(value: unknown): KubeObject {
  if (!isTree(value)) throw badRequest("the object provided is unrecognized (must be of type Kubernetes object)");
  const { apiVersion, kind } = value;
  if (typeof apiVersion !== "string" || typeof kind !== "string") {
    throw badRequest("Object 'Kind' is missing: apiVersion and kind are required");
  }
  const metadata: Partial<KubeMetadata> = treeOf(value["metadata"]);
  // A name that is missing is the caller's business: only a creation may go without (`generateName`).
  return { ...value, apiVersion, kind, metadata: metadata as KubeMetadata };
}

/** The manager of a write: as named, or what the client calls itself before the slash. */
export function managerOf(query: URLSearchParams, headers: Readonly<Record<string, string>>): string {
  return query.get("fieldManager") ?? (headers["user-agent"] ?? "unknown").split("/")[0] ?? "unknown";
}

export const ANONYMOUS: Caller = { user: "system:anonymous", groups: ["system:unauthenticated"] };
