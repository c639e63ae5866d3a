import { groupVersionOf, type Kinds } from "./resources.ts";
import type { ResourceKind, Tree } from "./types.ts";

const VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
const REVIEWS: readonly (readonly [resource: string, kind: string, groupVersion: string])[] = [
  ["selfsubjectaccessreviews", "SelfSubjectAccessReview", "authorization.k8s.io/v1"],
  ["selfsubjectrulesreviews", "SelfSubjectRulesReview", "authorization.k8s.io/v1"],
  ["selfsubjectreviews", "SelfSubjectReview", "authentication.k8s.io/v1"],
];

export interface Discovery {
  /** `/api`, `/apis`, `/apis/<group>`, `/api/v1`, `/apis/<group>/<version>`; undefined for what is not served. */
  at(segments: readonly string[]): Tree | undefined;
}

export function createDiscovery(kinds: Kinds): Discovery {
  const versions = new Map<string, Tree[]>();
  const add = (groupVersion: string, rows: Tree[]) => {
    versions.set(groupVersion, [...(versions.get(groupVersion) ?? []), ...rows]);
  };
  for (const kind of kinds.all) add(groupVersionOf(kind), rowsOf(kind));
  for (const [name, kind, groupVersion] of REVIEWS) {
    add(groupVersion, [{ name, singularName: kind.toLowerCase(), namespaced: false, kind, verbs: ["create"] }]);
  }
  const groups = new Map<string, string[]>();
  for (const groupVersion of versions.keys()) {
    const [group = "", version] = groupVersion.split("/");
    if (version !== undefined) groups.set(group, [...(groups.get(group) ?? []), version]);
  }
  const group = (name: string): Tree => {
    const served = (groups.get(name) ?? []).map((version) => ({ groupVersion: `${name}/${version}`, version }));
    return { name, versions: served, preferredVersion: served[0] };
  };

  return {
    at([root, first, second]) {
      if (root === "api" && first === undefined) return { kind: "APIVersions", versions: ["v1"] };
      if (root === "apis" && first === undefined) {
        return { kind: "APIGroupList", apiVersion: "v1", groups: [...groups.keys()].map(group) };
      }
      if (root === "apis" && second === undefined) {
        return groups.has(first ?? "") ? { kind: "APIGroup", apiVersion: "v1", ...group(first ?? "") } : undefined;
      }
      const groupVersion = root === "api" ? (first ?? "") : `${first}/${second}`;
      const resources = versions.get(groupVersion);
      return resources && { kind: "APIResourceList", apiVersion: "v1", groupVersion, resources };
    },
  };
}

function rowsOf(kind: ResourceKind): Tree[] {
  const { resource, namespaced, shortNames } = kind;
  const row = {
    name: resource,
    singularName: kind.kind.toLowerCase(),
    namespaced,
    kind: kind.kind,
    verbs: VERBS,
    ...(shortNames.length === 0 ? {} : { shortNames }),
  };
  const sub = (name: string, of: string, verbs: string[], more: Tree = {}) => ({
    name: `${resource}/${name}`,
    singularName: "",
    namespaced,
    kind: of,
    verbs,
    ...more,
  });
  const edit = ["get", "patch", "update"];
  const scale = { group: "autoscaling", version: "v1" };
  const eviction = { group: "policy", version: "v1" };
  return [
    row,
    ...(kind.status ? [sub("status", kind.kind, edit)] : []),
    ...(kind.scale ? [sub("scale", "Scale", edit, scale)] : []),
    ...(resource === "pods" && kind.group === "" ? [sub("eviction", "Eviction", ["create"], eviction)] : []),
  ];
}

export const VERSION: Tree = {
  major: "1",
  minor: "37",
  gitVersion: "v1.37.2",
  gitCommit: "0000000000000000000000000000000000000000",
  gitTreeState: "clean",
  buildDate: "2026-01-01T00:00:00Z",
  goVersion: "none",
  compiler: "none",
  platform: "linux/amd64",
};
