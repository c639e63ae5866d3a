import { describe, expect, it } from "vitest";
import { scaleToFloor } from "../../../../../shared/clusters/enforcement/actions/scale-to-floor.ts";
import { ARGO, changes, FLUX, hpa, proposed, workloadSubject } from "../../../../support/action-subjects.ts";
import { deployment, object, workload } from "../../../../support/cluster-objects.ts";
import { capsOf, opted } from "../../../../support/plan-world.ts";

const web = deployment({ namespace: "ml", name: "web", replicas: 5 });

function propose(objects = [web], more: Parameters<typeof workloadSubject>[1] = {}) {
  const { subject, context } = workloadSubject([opted("ml"), ...objects], more);
  return scaleToFloor.propose(subject, context);
}

describe("row 9, scaling to the floor", () => {
  it("leaves one replica", () => {
    const verdict = propose();
    expect(changes(verdict)).toEqual({ "/spec/replicas": "5 → 1" });
    expect(proposed(verdict)).toMatchObject({
      pods: 4,
      frees: { uid: "deployment-ml-web", pods: 4 },
      reverse: "scales it to 5 again, unless somebody changed it meanwhile",
      commands: ["kubectl --context test --namespace ml scale deployment.apps/web --current-replicas=5 --replicas=1"],
    });
  });

  it("leaves what prod's floor or a disruption budget asks for", () => {
    const prod = deployment({
      namespace: "ml",
      name: "web",
      replicas: 5,
      labels: { "genops.ai/environment": "production" },
    });
    expect(changes(propose([prod], { settings: { caps: capsOf({ prodFloor: 2 }) } }))).toEqual({
      "/spec/replicas": "5 → 2",
    });
    const budget = object(
      "policy/v1",
      "PodDisruptionBudget",
      { namespace: "ml", name: "web" },
      {
        spec: { minAvailable: 4, selector: { matchLabels: { app: "web" } } },
      },
    );
    expect(changes(propose([web, budget]))).toEqual({ "/spec/replicas": "5 → 4" });
  });

  it("never scales up", () => {
    expect(propose([deployment({ namespace: "ml", name: "web", replicas: 1 })])).toBe("done");
    expect(propose([deployment({ namespace: "ml", name: "web", replicas: 0 })])).toBe("done");
  });

  it("is not for workloads with an autoscaler", () => {
    expect(propose([web, hpa(web, { max: 5 })])).toBe("not-mine");
    expect(propose([workload("batch/v1", "CronJob", { namespace: "ml", name: "c" })])).toBe("not-mine");
  });

  it("names the operator that would put it back", () => {
    const cluster = object("postgresql.cnpg.io/v1", "Cluster", { namespace: "ml", name: "db" });
    const owned = deployment({ namespace: "ml", name: "web", replicas: 5, owner: cluster });
    expect(propose([owned])).toEqual({
      leftOut: "it belongs to Cluster db (postgresql.cnpg.io/v1), which would put it back",
    });
  });

  it("leaves out replicas that Git owns, with the exact snippet", () => {
    const tracked = { ...web, metadata: { ...web.metadata, annotations: ARGO } };
    expect(propose([tracked])).toEqual({
      leftOut: "Argo CD shop owns /spec/replicas and would put it back",
      hint: expect.stringMatching(
        /kind: Deployment\n.*name: web\n.*namespace: ml\n.*jsonPointers:\n.*- \/spec\/replicas/,
      ),
    });
  });

  it("suspends Flux on the object where the configuration says so, and says both in one patch", () => {
    const tracked = { ...web, metadata: { ...web.metadata, labels: FLUX } };
    expect(propose([tracked])).toMatchObject({ leftOut: expect.stringContaining("Flux flux-system/apps owns") });
    const verdict = propose([tracked], { settings: { gitOps: "suspend-flux" } });
    expect(changes(verdict)).toEqual({
      "/spec/replicas": "5 → 1",
      "/metadata/annotations/kustomize.toolkit.fluxcd.io~1reconcile": 'absent → "disabled"',
    });
    expect(proposed(verdict).commands[0]).toContain("--type=merge");
  });

  it("does not stop at Helm, which applies once", () => {
    const released = { ...web, metadata: { ...web.metadata, annotations: { "meta.helm.sh/release-name": "web" } } };
    expect(changes(propose([released]))).toEqual({ "/spec/replicas": "5 → 1" });
  });
});
