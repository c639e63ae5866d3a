import type { Scope } from "../../../core/finding.ts";
import type { Governance, Inventory } from "../../inventory/types.ts";

/** How a want's scopes are answered in one cluster. */
export interface ScopeMatch {
  /** A workload, namespace (without `namespace` dimension of its own: its name) or pool (no namespace) of this governance. */
  includes(governance: Governance, namespace: string | undefined): boolean;
}

const PROVIDERS: Readonly<Record<Inventory["provider"], string | undefined>> = {
  eks: "aws",
  aks: "azure",
  gke: "gcp",
  kubeconfig: undefined,
  snapshot: undefined,
};
const OBJECT_DIMENSIONS = ["team", "project", "environment", "cost_center", "namespace"] as const;
type ObjectDimension = (typeof OBJECT_DIMENSIONS)[number];

/**
 * Which objects the scopes mean, or why the cluster cannot tell. Governance labels and the namespace are told by the objects; provider,
 * cluster and region by the cluster; everything else (service, account, `tag:KEY`) by `match` of its configuration only. A scope whose
 * cluster-wide part says another cluster is left aside; when no scope is left, the cluster is not meant: `undefined`.
 */
export function matchScopes(
  scopes: readonly Scope[],
  inventory: Pick<Inventory, "cluster" | "provider" | "region">,
  match: Scope = {},
): ScopeMatch | { untold: string } | undefined {
  const told: Scope = { ...clusterScope(inventory), ...match };
  const parts: Scope[] = [];
  const untold: string[] = [];
  for (const scope of scopes) {
    const verdict = clusterPart(scope, told);
    if (verdict === "matches") parts.push(scope);
    else if (verdict !== "differs") untold.push(verdict.untold);
  }
  if (parts.length > 0) return objectMatch(parts);
  return untold[0] === undefined ? undefined : { untold: untold[0] };
}

function clusterScope({ cluster, provider, region }: Pick<Inventory, "cluster" | "provider" | "region">): Scope {
  const slug = PROVIDERS[provider];
  return {
    cluster: [cluster],
    ...(slug === undefined ? {} : { provider: [slug] }),
    ...(region === undefined ? {} : { region: [region] }),
  };
}

function clusterPart(scope: Scope, told: Scope): "matches" | "differs" | { untold: string } {
  let untold: string | undefined;
  for (const [dimension, values] of Object.entries(scope)) {
    if (isObjectDimension(dimension)) continue;
    const own = told[dimension];
    if (own === undefined) untold ??= dimension;
    else if (!own.some((value) => values.includes(value))) return "differs";
  }
  return untold === undefined ? "matches" : { untold };
}

function objectMatch(scopes: readonly Scope[]): ScopeMatch {
  const known = new Map<string, boolean>();
  const decide = (governance: Governance, namespace: string | undefined) =>
    scopes.some((scope) =>
      OBJECT_DIMENSIONS.every((dimension) => {
        const values = scope[dimension];
        return values === undefined || isAccepted(values, dimensionOf(dimension, governance, namespace));
      }),
    );
  return {
    includes(governance, namespace) {
      const key = JSON.stringify([governance, namespace]);
      const found = known.get(key) ?? decide(governance, namespace);
      known.set(key, found);
      return found;
    },
  };
}

function dimensionOf(dimension: ObjectDimension, governance: Governance, namespace: string | undefined): string {
  return dimension === "namespace" ? (namespace ?? "") : governance[dimension];
}

/** In scopes `""` means "has no value", which objects call `unallocated`. */
function isAccepted(values: readonly string[], value: string): boolean {
  return values.includes(value) || (value === "unallocated" && values.includes(""));
}

function isObjectDimension(dimension: string): dimension is ObjectDimension {
  return OBJECT_DIMENSIONS.some((name) => name === dimension);
}
