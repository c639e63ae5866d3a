import { describe, expect, it } from "vitest";
import {
  ACTION_RIGHTS,
  GUARD,
  GUARDED,
  NEVER,
  READS,
  type Right,
  reviewsOf,
  rightsOf,
} from "../../../../shared/clusters/enforcement/rights.ts";
import { CLUSTER_ACTIONS } from "../../../../shared/clusters/enforcement/types.ts";
import { LISTED } from "../../../../shared/clusters/inventory/kinds.ts";
import { chartDefaults, helm, type Manifest, type Overlay, shipped } from "../../../support/deploy-manifests.ts";

function role(manifests: readonly Manifest[], name: string): Manifest | undefined {
  return manifests.find((each) => each.kind === "ClusterRole" && each.metadata.name === name);
}

/** `apps/deployments: patch`, one line per verb; `/configmaps NAME: get` where only objects of a name are meant. */
function granted(manifest: Manifest | undefined): string[] {
  const lines = (manifest?.rules ?? []).flatMap(({ apiGroups, resources, verbs, resourceNames = [""] }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        resourceNames.flatMap((name) => verbs.map((verb) => lineOf({ group, resource, name }, verb))),
      ),
    ),
  );
  return lines.sort();
}

function needed(rights: readonly Right[]): string[] {
  return rights.flatMap((right) => right.verbs.map((verb) => lineOf(right, verb))).sort();
}

function lineOf({ group, resource, name = "" }: Pick<Right, "group" | "resource" | "name">, verb: string): string {
  return `${group}/${resource}${name === "" ? "" : ` ${name}`}: ${verb}`;
}

describe("the rights of a mode", () => {
  it.each(["standard", "scale-only"] as const)("%s are exactly what its manifests grant", (mode) => {
    const manifest = role(shipped(mode), "genops-enforcer");
    expect(granted(manifest)).toEqual(needed(rightsOf(mode)));
  });

  it("human are a role of their own, beside one of the others", () => {
    expect(role(shipped("standard"), "genops-enforcer-human")).toBeUndefined();
    expect(granted(role(shipped("standard", { human: true }), "genops-enforcer-human"))).toEqual([
      "/pods/eviction: create",
    ]);
    expect(needed(rightsOf("human"))).toEqual(["/pods/eviction: create"]);
  });

  it("scale-only write nothing but the scale subresource", () => {
    const writes = rightsOf("scale-only").filter(({ verbs }) =>
      verbs.some((verb) => verb !== "get" && verb !== "list"),
    );
    expect(writes.map(({ group, resource }) => `${group}/${resource}`)).toEqual(GUARDED.scales);
  });

  it("include what the inventory lists, and what every action writes", () => {
    expect(READS).toHaveLength(Object.keys(LISTED).length + 5);
    expect(needed(READS)).toEqual(
      expect.arrayContaining(["/services: get", "/configmaps cluster-autoscaler-status: get"]),
    );
    expect(Object.keys(ACTION_RIGHTS)).toEqual([...CLUSTER_ACTIONS]);
    const all = needed([...rightsOf("standard"), ...rightsOf("human")]);
    for (const action of CLUSTER_ACTIONS) expect(all).toEqual(expect.arrayContaining(needed(ACTION_RIGHTS[action])));
  });

  it("have nothing of what must never be granted", () => {
    for (const mode of ["standard", "scale-only", "human"] as const) {
      const lines = new Set(needed(rightsOf(mode)));
      expect(needed(NEVER).filter((line) => lines.has(line))).toEqual([]);
    }
  });

  it("are asked for verb by verb", () => {
    expect(reviewsOf({ group: "apps", resource: "deployments/scale", verbs: ["get", "update"] })).toEqual([
      { verb: "get", group: "apps", resource: "deployments", subresource: "scale" },
      { verb: "update", group: "apps", resource: "deployments", subresource: "scale" },
    ]);
    expect(reviewsOf({ group: "", resource: "configmaps", verbs: ["get"], name: "status" })).toEqual([
      { verb: "get", group: "", resource: "configmaps", name: "status" },
    ]);
  });
});

interface Guard {
  matchConditions: { expression: string }[];
  variables: { name: string; expression: string }[];
}

function guardOf(manifests: readonly Manifest[]): Guard {
  const found = manifests.find(({ kind, metadata }) => kind === "ValidatingAdmissionPolicy" && metadata.name === GUARD);
  const spec: unknown = found?.spec;
  return spec as Guard;
}

describe("the guard", () => {
  const guard = guardOf(shipped("standard"));
  const variable = (name: string): unknown =>
    JSON.parse(guard.variables.find((each) => each.name === name)?.expression ?? "");

  it("lets through the fields, annotations and scales that the actions change", () => {
    const fields = variable("fields") as Record<string, string[]>;
    const trimmed = Object.fromEntries(
      Object.entries(fields).map(([what, names]) => [what, names.filter((name) => name !== "")]),
    );
    expect(trimmed).toEqual(GUARDED.fields);
    expect(variable("annotations")).toEqual(GUARDED.annotations);
    expect(variable("scales")).toEqual(GUARDED.scales);
  });

  it("protects the namespaces that plans protect", () => {
    const prefixes = variable("protectedPrefixes") as string[];
    const names = [...prefixes.map((prefix) => `${prefix}*`), ...(variable("protectedNames") as string[])];
    expect(names).toEqual([...GUARDED.protectedNamespaces]);
  });

  it("has a field or a scale for every right to patch or update", () => {
    const patched = rightsOf("standard")
      .filter(({ verbs }) => verbs.includes("patch") && !verbs.includes("create"))
      .map(({ group, resource }) => `${group}/${resource}`);
    expect(patched.sort()).toEqual(Object.keys(GUARDED.fields).sort());
  });

  it("binds the same group as the role's binding, and denies", () => {
    const manifests = shipped("standard");
    const binding = manifests.find(({ kind }) => kind === "ValidatingAdmissionPolicyBinding");
    expect(binding?.spec).toEqual({ policyName: GUARD, validationActions: ["Deny"] });
    const [subject] = manifests.find(({ kind }) => kind === "ClusterRoleBinding")?.subjects ?? [];
    expect(guard.matchConditions[0]?.expression).toContain(`in [${JSON.stringify(subject?.name)}]`);
  });
});

describe("the Helm chart", () => {
  const byName = (manifests: readonly Manifest[]) =>
    manifests.toSorted((a, b) => (`${a.kind} ${a.metadata.name}` < `${b.kind} ${b.metadata.name}` ? -1 : 1));

  it.each([
    ["standard", false],
    ["scale-only", false],
    ["standard", true],
  ] as const)("equals the overlay %s (people: %s)", (mode, human) => {
    expect(byName(helm({ ...chartDefaults(), mode, human }))).toEqual(byName(shipped(mode as Overlay, { human })));
  });

  it("binds and guards whoever it is told", () => {
    const manifests = helm({
      mode: "standard",
      human: true,
      subjects: { groups: [], users: ["genops@shop.iam.gserviceaccount.com"] },
    });
    const user = { apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "genops@shop.iam.gserviceaccount.com" };
    const bindings = manifests.filter(({ kind }) => kind === "ClusterRoleBinding");
    expect(bindings.map(({ subjects }) => subjects)).toEqual([[user], [user]]);
    expect(guardOf(manifests).matchConditions[0]?.expression).toContain(
      'request.userInfo.username in ["genops@shop.iam.gserviceaccount.com"]',
    );
  });
});
