import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../../../shared/clusters/connections/types.ts";
import { buildInventory } from "../../../../shared/clusters/inventory/build-inventory.ts";
import { deployment, namespace, object, sourcesOf, workload } from "../../../support/cluster-objects.ts";

function hpa(
  namespaceName: string,
  name: string,
  target: { apiVersion?: string; kind?: string; name: string },
): KubeObject {
  const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", ...target };
  return object(
    "autoscaling/v2",
    "HorizontalPodAutoscaler",
    { namespace: namespaceName, name },
    { spec: { scaleTargetRef } },
  );
}

function scaledObject(
  namespaceName: string,
  name: string,
  scaleTargetRef: { name: string; kind?: string },
): KubeObject {
  return object("keda.sh/v1alpha1", "ScaledObject", { namespace: namespaceName, name }, { spec: { scaleTargetRef } });
}

function inventoryOf(...objects: KubeObject[]) {
  return buildInventory(sourcesOf([namespace("a"), namespace("b"), ...objects]));
}

function ownersOf(...objects: KubeObject[]) {
  return Object.fromEntries(
    inventoryOf(...objects).workloads.map(({ ref, replicaOwner }) => [
      `${ref.namespace}/${ref.kind}/${ref.name}`,
      replicaOwner.kind,
    ]),
  );
}

describe("who decides the replica count", () => {
  it("is an HPA of the same namespace, kind, name and API group, whatever the version", () => {
    const owners = ownersOf(
      deployment({ namespace: "a", name: "web" }),
      deployment({ namespace: "b", name: "web" }),
      workload("apps/v1", "StatefulSet", { namespace: "a", name: "web" }),
      workload("argoproj.io/v1alpha1", "Rollout", { namespace: "a", name: "web" }),
      hpa("a", "web", { apiVersion: "apps/v1beta2", name: "web" }),
      hpa("b", "other", { apiVersion: "argoproj.io/v1alpha1", name: "web" }),
    );
    expect(owners).toEqual({
      "a/Deployment/web": "hpa",
      "b/Deployment/web": "nobody",
      "a/StatefulSet/web": "nobody",
      "a/Rollout/web": "nobody",
    });
  });

  it("is the ScaledObject before the HPA that KEDA makes of it; it means a Deployment unless it says otherwise", () => {
    const made = hpa("a", "keda-hpa-web", { name: "web" });
    const { workloads } = inventoryOf(
      deployment({ namespace: "a", name: "web" }),
      workload("apps/v1", "StatefulSet", { namespace: "a", name: "db" }),
      scaledObject("a", "web", { name: "web" }),
      scaledObject("a", "db", { name: "db", kind: "StatefulSet" }),
      made,
    );
    expect(workloads[0]?.replicaOwner).toMatchObject({ kind: "keda", autoscaler: made });
    expect(workloads[1]?.replicaOwner).toMatchObject({ kind: "keda", scaledObject: { metadata: { name: "db" } } });
    expect(workloads[1]?.replicaOwner).not.toHaveProperty("autoscaler");
  });

  it("is any controller that we do not know, also one above the HPA", () => {
    const operator = object("db.example.com/v1", "Postgres", { namespace: "a", name: "main" });
    const owned = hpa("a", "web", { name: "web" });
    const above = {
      ...owned,
      metadata: {
        ...owned.metadata,
        ownerReferences: [{ apiVersion: "x.dev/v1", kind: "App", name: "app", uid: "u", controller: true }],
      },
    };
    const { workloads } = inventoryOf(
      workload("apps/v1", "StatefulSet", { namespace: "a", name: "db", owner: operator }),
      deployment({ namespace: "a", name: "web" }),
      above,
    );
    const owners = Object.fromEntries(workloads.map(({ ref, replicaOwner }) => [ref.name, replicaOwner]));
    expect(owners).toEqual({
      db: { kind: "operator", owner: { apiVersion: "db.example.com/v1", kind: "Postgres", name: "main" } },
      web: { kind: "operator", owner: { apiVersion: "x.dev/v1", kind: "App", name: "app" } },
    });
    expect(workloads.find(({ ref }) => ref.name === "db")?.controller).toMatchObject({
      kind: "Postgres",
      name: "main",
    });
  });

  it("is not the CronJob above a Job, but Kueue and JobSets are left alone", () => {
    const cron = object("batch/v1", "CronJob", { namespace: "a", name: "nightly" }, { spec: {} });
    const set = object("jobset.x-k8s.io/v1alpha2", "JobSet", { namespace: "a", name: "train" });
    const job = (name: string, more: object) => workload("batch/v1", "Job", { namespace: "a", name, ...more });
    const owners = ownersOf(
      cron,
      job("nightly-1", { owner: cron }),
      job("queued", { labels: { "kueue.x-k8s.io/queue-name": "gpu" } }),
      job("member", { owner: set }),
    );
    expect(owners).toEqual({
      "a/CronJob/nightly": "nobody",
      "a/Job/nightly-1": "nobody",
      "a/Job/queued": "operator",
      "a/Job/member": "operator",
    });
  });

  it("names two autoscalers of one target", () => {
    const { problems } = inventoryOf(
      deployment({ namespace: "a", name: "web" }),
      hpa("a", "one", { name: "web" }),
      hpa("a", "two", { name: "web" }),
    );
    expect(problems).toEqual(["Deployment a/web is the target of two: HorizontalPodAutoscaler one and two"]);
  });
});
