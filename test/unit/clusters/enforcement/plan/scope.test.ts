import { describe, expect, it } from "vitest";
import { matchScopes } from "../../../../../shared/clusters/enforcement/plan/scope.ts";
import type { Scope } from "../../../../../shared/core/finding.ts";

const eks = { cluster: "prod-1", provider: "eks" as const, region: "us-west-2" };
const ml = { team: "ml", project: "vision", environment: "dev", cost_center: "unallocated" };

function includes(
  scopes: readonly Scope[],
  namespace = "training",
  match?: Scope,
  cluster: Parameters<typeof matchScopes>[1] = eks,
) {
  const found = matchScopes(scopes, cluster, match);
  return found === undefined || "untold" in found ? found : found.includes(ml, namespace);
}

describe("a scope in a cluster", () => {
  it.each([
    [{}, true],
    [{ team: ["ml", "web"] }, true],
    [{ team: ["web"] }, false],
    [{ team: ["ml"], environment: ["prod"] }, false],
    [{ project: ["vision"], environment: ["dev"] }, true],
    [{ cost_center: [""] }, true],
    [{ cost_center: ["unallocated"] }, true],
    [{ team: [""] }, false],
    [{ namespace: ["training"] }, true],
    [{ namespace: ["other"] }, false],
    [{ provider: ["aws"], cluster: ["prod-1"], region: ["us-west-2"] }, true],
  ] as const)("%j: %s", (scope, expected) => {
    expect(includes([scope])).toBe(expected);
  });

  it.each([
    [{ provider: ["gcp"] }],
    [{ cluster: ["other"] }],
    [{ region: ["eu-west-1"], service: ["x"] }],
  ] as Scope[][])("%j means another cluster", (scope) => {
    expect(includes([scope])).toBeUndefined();
  });

  it("knows the provider of AKS and GKE, and of no other", () => {
    expect(includes([{ provider: ["azure"] }], "a", {}, { ...eks, provider: "aks" })).toBe(true);
    expect(includes([{ provider: ["gcp"] }], "a", {}, { ...eks, provider: "gke" })).toBe(true);
    expect(includes([{ provider: ["aws"] }], "a", {}, { cluster: "c", provider: "kubeconfig" })).toEqual({
      untold: "provider",
    });
    expect(
      includes([{ provider: ["aws"] }], "a", { provider: ["aws"] }, { cluster: "c", provider: "kubeconfig" }),
    ).toBe(true);
  });

  it("asks the configuration for what a cluster cannot tell", () => {
    const scope = { account: ["111"], service: ["AmazonEC2"] };
    expect(includes([scope])).toEqual({ untold: "account" });
    expect(includes([scope], "a", { account: ["111"], service: ["AmazonEC2", "AmazonEKS"] })).toBe(true);
    expect(includes([scope], "a", { account: ["222"], service: ["AmazonEC2"] })).toBeUndefined();
  });

  it("means what any of several scopes means", () => {
    expect(includes([{ team: ["web"] }, { environment: ["dev"] }])).toBe(true);
    expect(includes([{ service: ["x"] }, { environment: ["dev"] }])).toBe(true);
    expect(includes([{ provider: ["gcp"] }, { service: ["x"] }])).toEqual({ untold: "service" });
    expect(includes([])).toBeUndefined();
  });
});
