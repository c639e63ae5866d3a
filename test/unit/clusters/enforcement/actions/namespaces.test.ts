import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../../../../shared/clusters/connections/types.ts";
import type { Verdict } from "../../../../../shared/clusters/enforcement/actions/common/action.ts";
import { denyAll } from "../../../../../shared/clusters/enforcement/actions/deny-all.ts";
import { denyGrowth } from "../../../../../shared/clusters/enforcement/actions/deny-growth.ts";
import { freezeQuota } from "../../../../../shared/clusters/enforcement/actions/freeze-quota.ts";
import { ARGO, namespaceSubject, proposed } from "../../../../support/action-subjects.ts";
import { deployed, deployment, object, pod, workload } from "../../../../support/cluster-objects.ts";
import { inventoryOf, opted } from "../../../../support/plan-world.ts";

const web = deployed({ namespace: "ml", name: "web", nodes: ["a", "b"], cpu: "500m", memory: "1Gi" });
const bare = pod({ namespace: "ml", name: "notebook", node: "a", cpu: "250m", memory: "1Gi", gpu: "2" });
const withoutPolicies = { admissionPolicies: false, keda: true, karpenter: true, rollouts: false, metrics: false };

function made(verdict: Verdict): readonly KubeObject[] {
  const { write } = proposed(verdict);
  if (write.kind !== "objects") throw new Error(write.kind);
  return write.objects;
}

describe("row 1, denying growth", () => {
  const { subject, context } = namespaceSubject([opted("ml"), ...web], "ml");
  const policyOf = (verdict: Verdict) => JSON.stringify(made(verdict)[0]);

  it("warns for a run, then denies, then is done", () => {
    const actions = [0, 1].map((held) => made(denyGrowth.propose({ ...subject, held }, context))[1]?.["spec"]);
    expect(actions).toMatchObject([{ validationActions: ["Warn", "Audit"] }, { validationActions: ["Deny"] }]);
    expect(denyGrowth.propose({ ...subject, held: 2 }, context)).toBe("done");
  });

  it("is bound to this namespace, and only while it is opted in", () => {
    const [policy, binding] = made(denyGrowth.propose(subject, context));
    expect(binding?.["spec"]).toMatchObject({
      policyName: policy?.metadata.name,
      matchResources: {
        namespaceSelector: {
          matchExpressions: [
            { key: "kubernetes.io/metadata.name", operator: "In", values: ["ml"] },
            { key: "genops.ai/enforce", operator: "In", values: ["freeze", "throttle", "block"] },
          ],
        },
      },
    });
    for (const each of [policy, binding]) {
      expect(each?.metadata.labels).toEqual({ "genops.ai/enforcement": "0123456789abcdef01234567" });
    }
  });

  it("asks for replicas and scale, never for pods", () => {
    const [policy] = made(denyGrowth.propose(subject, context));
    expect(policy?.["spec"]).toMatchObject({
      failurePolicy: "Ignore",
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: ["apps"],
            resources: ["deployments", "deployments/scale", "statefulsets", "statefulsets/scale"],
          },
          { apiGroups: ["batch"], resources: ["jobs", "cronjobs"] },
          { apiGroups: ["argoproj.io"], resources: ["rollouts", "rollouts/scale"] },
        ],
      },
      validations: [{ expression: "variables.wants <= variables.had" }],
    });
    expect(policyOf(denyGrowth.propose(subject, context))).not.toContain('"pods"');
  });

  it("lets the cluster's own parts, GenOps and what is spared through", () => {
    const [spared] = subject.workloads;
    const text = policyOf(denyGrowth.propose({ ...subject, spared: spared === undefined ? [] : [spared] }, context));
    expect(text).toContain("startsWith('system:')");
    expect(text).toContain("genops-enforcer");
    expect(text).toContain("in ['deployments/web'])");
  });

  it("needs a server that serves admission policies", () => {
    const inventory = inventoryOf([opted("ml"), ...web], { features: withoutPolicies });
    const old = namespaceSubject([], "ml", {}, inventory);
    expect(denyGrowth.propose(old.subject, old.context)).toBe("not-mine");
  });

  it("tells how to make both objects by hand", () => {
    const { commands } = proposed(denyGrowth.propose(subject, context));
    expect(commands).toHaveLength(2);
    expect(commands[1]).toMatch(
      /^printf %s '\{.*ValidatingAdmissionPolicyBinding.*\}' \| kubectl --context test apply --server-side/,
    );
  });
});

describe("row 2, a quota of what there is", () => {
  const hard = (verdict: Verdict) => made(verdict)[0]?.["spec"];

  it("counts pods, Jobs, GPUs, and cpu and memory where every pod has requests", () => {
    const cron = workload("batch/v1", "CronJob", { namespace: "ml", name: "nightly" });
    const { subject, context } = namespaceSubject([opted("ml"), ...web, bare, cron], "ml");
    expect(hard(freezeQuota.propose(subject, context))).toEqual({
      hard: {
        pods: "3",
        "count/jobs.batch": "1",
        "requests.nvidia.com/gpu": "2",
        "requests.cpu": "1250m",
        "requests.memory": String(3 * 1024 ** 3),
      },
    });
  });

  it("names no cpu and memory when one pod has no requests, or pods of it would be refused", () => {
    const free = pod({ namespace: "ml", name: "free", node: "a" });
    const { subject, context } = namespaceSubject([opted("ml"), ...web, free], "ml");
    expect(hard(freezeQuota.propose(subject, context))).toEqual({
      hard: { pods: "3", "count/jobs.batch": "0", "requests.nvidia.com/gpu": "0" },
    });
  });

  it("counts what workloads ask for when that is more than runs, and not what has ended", () => {
    const ended = pod({ namespace: "ml", name: "ended", phase: "Succeeded" });
    const inventory = inventoryOf([opted("ml"), deployment({ namespace: "ml", name: "web", replicas: 7 }), ended], {
      features: withoutPolicies,
    });
    const { subject, context } = namespaceSubject([], "ml", {}, inventory);
    expect(hard(freezeQuota.propose(subject, context))).toMatchObject({ hard: { pods: "7" } });
  });

  it("is for what row 1 does not see", () => {
    const { subject, context } = namespaceSubject([opted("ml"), ...web], "ml");
    expect(freezeQuota.propose(subject, context)).toBe("not-mine");
    const loose = namespaceSubject([opted("ml"), ...web, bare], "ml", { held: 1 });
    expect(freezeQuota.propose(loose.subject, loose.context)).toBe("done");
  });

  it("does not stop what is let alone", () => {
    const { subject, context } = namespaceSubject([opted("ml"), ...web, bare], "ml");
    expect(freezeQuota.propose({ ...subject, spared: subject.workloads }, context)).toEqual({
      leftOut: "a quota would also stop Deployment web, which is let alone",
    });
  });
});

describe("row 14, no new pods", () => {
  it("is for what has no lever of its own", () => {
    const { subject, context } = namespaceSubject([opted("ml"), ...web], "ml");
    expect(denyAll.propose(subject, context)).toBe("not-mine");
    const loose = namespaceSubject([opted("ml"), bare], "ml");
    expect(made(denyAll.propose(loose.subject, loose.context))[0]).toMatchObject({
      kind: "ResourceQuota",
      metadata: { namespace: "ml", name: "genops-block-01234567" },
      spec: { hard: { pods: "0" } },
    });
    const tracked = namespaceSubject(
      [opted("ml"), deployment({ namespace: "ml", name: "web", annotations: ARGO })],
      "ml",
    );
    expect(made(denyAll.propose(tracked.subject, tracked.context))).toHaveLength(1);
    expect(denyAll.propose({ ...loose.subject, held: 1 }, loose.context)).toBe("done");
  });

  it("never hits what is let alone, or an operator's", () => {
    const loose = namespaceSubject([opted("ml"), bare, deployment({ namespace: "ml", name: "web" })], "ml");
    expect(denyAll.propose({ ...loose.subject, spared: loose.subject.workloads }, loose.context)).toMatchObject({
      leftOut: expect.stringContaining("Deployment web"),
    });
    const owner = object("postgresql.cnpg.io/v1", "Cluster", { namespace: "ml", name: "db" });
    const operated = namespaceSubject([opted("ml"), bare, deployment({ namespace: "ml", name: "db", owner })], "ml");
    expect(denyAll.propose(operated.subject, operated.context)).toMatchObject({
      leftOut: expect.stringContaining("Deployment db"),
    });
  });
});
