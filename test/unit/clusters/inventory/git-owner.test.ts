import { describe, expect, it } from "vitest";
import type { ManagedFields } from "../../../../shared/clusters/connections/types.ts";
import { gitOwnerOf } from "../../../../shared/clusters/inventory/git-owner.ts";
import { deployment } from "../../../support/cluster-objects.ts";

const REPLICAS = { "f:spec": { "f:replicas": {} } };
const IMAGE = { "f:spec": { "f:template": {} } };

function managed(manager: string, fieldsV1: ManagedFields["fieldsV1"] = REPLICAS): { managedFields: ManagedFields[] } {
  return { managedFields: [{ manager, operation: "Apply", fieldsV1: fieldsV1 ?? null }] };
}

function ownerOf(parts: Partial<Parameters<typeof deployment>[0]>, kind: "Deployment" | "CronJob" = "Deployment") {
  return gitOwnerOf(deployment({ namespace: "a", name: "web", ...parts }), kind);
}

const TRACKED = { annotations: { "argocd.argoproj.io/tracking-id": "shop:apps/Deployment:a/web" } };
const FLUX = { "kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system" };

describe("gitOwnerOf", () => {
  it("reads Argo CD's marks, and the field from managedFields", () => {
    expect(ownerOf({ ...TRACKED, metadata: managed("argocd-controller") })).toEqual({
      tool: "argocd",
      source: "shop",
      ownsReplicas: true,
      suspended: false,
    });
    expect(ownerOf({ ...TRACKED, metadata: managed("argocd-controller", IMAGE) })?.ownsReplicas).toBe(false);
    expect(ownerOf({ labels: { "argocd.argoproj.io/instance": "shop" }, metadata: managed("kubectl") })).toMatchObject({
      tool: "argocd",
      source: "shop",
      ownsReplicas: false,
    });
  });

  it("takes what Argo CD applied without server-side apply from kubectl's annotation", () => {
    const applied = (spec: object) => ({
      annotations: {
        ...TRACKED.annotations,
        "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify({ spec }),
      },
      metadata: managed("genops-enforcer"),
    });
    expect(ownerOf(applied({ replicas: 3 }))?.ownsReplicas).toBe(true);
    expect(ownerOf(applied({}))?.ownsReplicas).toBe(false);
    const broken = { ...TRACKED.annotations, "kubectl.kubernetes.io/last-applied-configuration": "{" };
    expect(ownerOf({ annotations: broken, metadata: managed("x") })?.ownsReplicas).toBe(false);
  });

  it("reads Flux, and whether its reconciling is disabled", () => {
    expect(ownerOf({ labels: FLUX, metadata: managed("kustomize-controller") })).toEqual({
      tool: "flux",
      source: "flux-system/apps",
      ownsReplicas: true,
      suspended: false,
    });
    const annotations = { "kustomize.toolkit.fluxcd.io/reconcile": "disabled" };
    expect(ownerOf({ labels: FLUX, annotations, metadata: managed("kustomize-controller") })?.suspended).toBe(true);
    expect(
      ownerOf({ labels: { "helm.toolkit.fluxcd.io/name": "shop" }, metadata: managed("helm-controller") }),
    ).toMatchObject({
      tool: "flux",
      source: "shop",
      ownsReplicas: true,
    });
  });

  it("takes Helm for a tool that applies once", () => {
    const annotations = { "meta.helm.sh/release-name": "shop" };
    expect(ownerOf({ annotations, metadata: managed("helm") })).toEqual({
      tool: "helm",
      source: "shop",
      ownsReplicas: false,
      suspended: false,
    });
    expect(ownerOf({ metadata: managed("Helm") })?.tool).toBe("helm");
    expect(ownerOf({ labels: { "app.kubernetes.io/managed-by": "Helm" }, metadata: managed("x") })?.tool).toBe("helm");
  });

  it("knows a tool by the field's manager where marks are missing, and nobody where nothing tells", () => {
    expect(ownerOf({ metadata: managed("argocd-application-controller") })).toEqual({
      tool: "argocd",
      ownsReplicas: true,
      suspended: false,
    });
    expect(ownerOf({ metadata: managed("kubectl-client-side-apply") })).toBeUndefined();
    expect(ownerOf({})).toBeUndefined();
  });

  it("takes the field for owned where a file leaves managedFields out", () => {
    expect(ownerOf(TRACKED)?.ownsReplicas).toBe(true);
  });

  it("looks at suspend for jobs", () => {
    const metadata = managed("kustomize-controller", { "f:spec": { "f:suspend": {} } });
    expect(ownerOf({ labels: FLUX, metadata }, "CronJob")?.ownsReplicas).toBe(true);
    expect(ownerOf({ labels: FLUX, metadata })?.ownsReplicas).toBe(false);
  });
});
