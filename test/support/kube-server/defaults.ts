import { clone, isTree, listOf, treeOf } from "./tree.ts";
import type { KubeObject, Tree } from "./types.ts";

/** Puts what is missing in place, in a tree of one's own. */
function fill(tree: Tree, defaults: Tree): void {
  for (const [key, value] of Object.entries(defaults)) tree[key] ??= clone(value);
}

const POD: Tree = {
  restartPolicy: "Always",
  terminationGracePeriodSeconds: 30,
  dnsPolicy: "ClusterFirst",
  securityContext: {},
  schedulerName: "default-scheduler",
};
const CONTAINER: Tree = {
  resources: {},
  terminationMessagePath: "/dev/termination-log",
  terminationMessagePolicy: "File",
};
const ROLLING: Tree = { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" } };

function fillPod(spec: Tree): void {
  fill(spec, POD);
  for (const container of [...listOf(spec["containers"]), ...listOf(spec["initContainers"])]) {
    if (!isTree(container)) continue;
    const image = String(container["image"] ?? "");
    const latest = !/:[^/]+$/.test(image) || image.endsWith(":latest");
    fill(container, { ...CONTAINER, imagePullPolicy: latest ? "Always" : "IfNotPresent" });
    for (const port of listOf(container["ports"])) if (isTree(port)) fill(port, { protocol: "TCP" });
  }
}

function fillTemplate(spec: Tree, more: Tree = {}): void {
  const template = treeOf(spec["template"]);
  const pod = treeOf(template["spec"]);
  fill(pod, more);
  fillPod(pod);
  const metadata = treeOf(template["metadata"]);
  spec["template"] = { ...template, metadata, spec: pod };
}

/** A Job knows its pods by its uid and name, and takes their labels where it has none of its own. */
function fillJob(spec: Tree, { metadata }: KubeObject): void {
  fill(spec, {
    backoffLimit: 6,
    completionMode: "NonIndexed",
    suspend: false,
    podReplacementPolicy: "TerminatingOrFailed",
  });
  if (spec["completions"] === undefined && spec["parallelism"] === undefined) spec["completions"] = 1;
  fill(spec, { parallelism: 1, manualSelector: false });
  fillTemplate(spec);
  const { name, uid = "" } = metadata;
  const template = treeOf(treeOf(spec["template"])["metadata"]);
  const known = { "batch.kubernetes.io/job-name": name, "job-name": name };
  const ids = { "batch.kubernetes.io/controller-uid": uid, "controller-uid": uid };
  template["labels"] = { ...treeOf(template["labels"]), ...known, ...ids };
  fill(spec, { selector: { matchLabels: { "batch.kubernetes.io/controller-uid": uid } } });
  metadata.labels ??= clone(treeOf(template["labels"])) as Record<string, string>;
}

const BY_KIND: Readonly<Record<string, (spec: Tree, object: KubeObject) => void>> = {
  "v1/Pod": (spec) => {
    fillPod(spec);
    fill(spec, { enableServiceLinks: true, preemptionPolicy: "PreemptLowerPriority", priority: 0 });
  },
  "v1/Namespace": (spec, { metadata }) => {
    fill(spec, { finalizers: ["kubernetes"] });
    metadata.labels = { ...metadata.labels, "kubernetes.io/metadata.name": metadata.name };
  },
  "v1/Service": (spec) => fill(spec, { type: "ClusterIP", sessionAffinity: "None" }),
  "apps/v1/Deployment": (spec) => {
    fill(spec, { replicas: 1, strategy: ROLLING, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 });
    fillTemplate(spec);
  },
  "apps/v1/ReplicaSet": (spec) => {
    fill(spec, { replicas: 1 });
    fillTemplate(spec);
  },
  "apps/v1/StatefulSet": (spec) => {
    fill(spec, {
      replicas: 1,
      podManagementPolicy: "OrderedReady",
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0, maxUnavailable: 1 } },
      revisionHistoryLimit: 10,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
    });
    fillTemplate(spec);
  },
  "apps/v1/DaemonSet": (spec) => {
    fill(spec, {
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
      revisionHistoryLimit: 10,
    });
    fillTemplate(spec);
  },
  "batch/v1/Job": fillJob,
  "batch/v1/CronJob": (spec) => {
    fill(spec, {
      concurrencyPolicy: "Allow",
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    });
    const template = treeOf(spec["jobTemplate"]);
    const job = treeOf(template["spec"]);
    fillTemplate(job);
    spec["jobTemplate"] = { ...template, metadata: treeOf(template["metadata"]), spec: job };
  },
  "autoscaling/v2/HorizontalPodAutoscaler": (spec) => {
    const cpu = {
      type: "Resource",
      resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } },
    };
    fill(spec, { minReplicas: 1, metrics: [cpu] });
  },
  "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy": (spec) => {
    fill(spec, { failurePolicy: "Fail" });
    const constraints = treeOf(spec["matchConstraints"]);
    fill(constraints, { matchPolicy: "Equivalent", namespaceSelector: {}, objectSelector: {} });
    for (const rule of listOf(constraints["resourceRules"])) if (isTree(rule)) fill(rule, { scope: "*" });
    spec["matchConstraints"] = constraints;
  },
  "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding": (spec) => {
    const resources = spec["matchResources"];
    if (isTree(resources)) fill(resources, { matchPolicy: "Equivalent", namespaceSelector: {}, objectSelector: {} });
  },
  "karpenter.sh/v1/NodePool": (spec) => {
    const disruption = treeOf(spec["disruption"]);
    fill(disruption, { budgets: [{ nodes: "10%" }], consolidateAfter: "0s" });
    const template = treeOf(spec["template"]);
    const node = treeOf(template["spec"]);
    fill(node, { expireAfter: "720h" });
    Object.assign(spec, { disruption, template: { ...template, spec: node } });
  },
};

/** The object as the server keeps it: what the API fills in is filled in. Only fields that our code may meet in a comparison. */
export function withDefaults(object: KubeObject): KubeObject {
  const rule = BY_KIND[`${object.apiVersion}/${object.kind}`];
  if (rule === undefined) return object;
  const result = clone(object);
  const spec = treeOf(result.spec);
  rule(spec, result);
  result.spec = spec;
  return result;
}
