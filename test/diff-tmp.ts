import { startControlPlane } from "./support/control-planes.ts";
import { startKubeServer } from "./support/kube-server/start.ts";
import * as o from "./support/kube-objects.ts";
import { openLab, pathOf } from "./cluster/suites/lab.ts";
import { poll, once } from "./cluster/target.ts";
import { createRawClient } from "./cluster/suites/raw-client.ts";
const real = await startControlPlane({ name: "r" });
const fake = await startKubeServer({ name: "r", authorization: "rbac" });
const rc = createRawClient({ name: "r", provider: "aws", server: real.server, certificateAuthority: real.ca, tokens: real.tokens, eventually: poll });
const fc = createRawClient({ name: "r", provider: "aws", server: fake.url, certificateAuthority: fake.certificateAuthority, tokens: fake.tokens, eventually: once });
import { collectionPath } from "./cluster/suites/lab.ts";
const ns = "diff";
const objects = [
  o.namespace(ns, { labels: { "genops.ai/enforce": "block" } }),
  o.deployment({ name: "web", namespace: ns, replicas: 2, requests: { cpu: "100m", memory: "64Mi" } }),
  o.statefulSet({ name: "db", namespace: ns, replicas: 1 }),
  o.job({ name: "j", namespace: ns }), o.cronJob({ name: "c", namespace: ns }),
  o.hpa({ name: "h", namespace: ns, target: "web", min: 1, max: 4 }),
  o.deployment({ name: "kw", namespace: ns, replicas: 2 }),
  o.scaledObject({ name: "so", namespace: ns, target: "kw", min: 1, max: 4 }),
  o.nodePool({ name: "np", limits: { cpu: "10" } }),
  o.node({ name: "extra", nodePool: "np", gpus: 1 }),
  o.pdb({ name: "p", namespace: ns, app: "web", minAvailable: 1 }),
  o.resourceQuota({ name: "q", namespace: ns, hard: { pods: "100", "count/jobs.batch": "10", "requests.nvidia.com/gpu": "4" } }),
  o.rollout({ name: "ro", namespace: ns, replicas: 1 }),
  { apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingAdmissionPolicy", metadata: { name: "v" }, spec: { matchConstraints: { resourceRules: [{ apiGroups: ["zz"], apiVersions: ["v1"], operations: ["CREATE"], resources: ["deployments"] }] }, validations: [{ expression: "true" }] } },
  { apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingAdmissionPolicyBinding", metadata: { name: "v" }, spec: { policyName: "v", validationActions: ["Deny"], matchResources: { namespaceSelector: { matchLabels: { a: "b" } } } } },
];
for (const object of objects) {
  const a = await rc.call("POST", collectionPath(object), { body: object });
  const b = await fc.call("POST", collectionPath(object), { body: object });
  if (a.status !== 201 || b.status !== 201) console.log(object.kind, a.status, b.status, JSON.stringify(a.body).slice(0, 400), JSON.stringify(b.body).slice(0, 400));
}
await new Promise((r) => setTimeout(r, 6000));
function flat(x: any, p = "", out: Record<string, string> = {}): Record<string, string> {
  if (x !== null && typeof x === "object" && Object.keys(x).length > 0) { for (const k of Object.keys(x)) { const key = Array.isArray(x) && x[k]?.type ? `[${x[k].type}]` : k; flat(x[k], `${p}/${key}`, out); } } else out[p] = JSON.stringify(x);
  return out;
}
const skip = /managedFields|uid|resourceVersion|[tT]imestamp|lastTransitionTime|lastUpdateTime|lastProbeTime|startTime|\/message|heartbeat|startedAt|controller-uid|Heartbeat|Hash|pod-template-hash/;
for (const object of objects) {
  const a = flat((await rc.call("GET", pathOf(object))).body), b = flat((await fc.call("GET", pathOf(object))).body);
  const lines = [];
  for (const k of new Set([...Object.keys(a), ...Object.keys(b)])) if (!skip.test(k) && a[k] !== b[k]) lines.push(`   ${k}: real ${a[k]} fake ${b[k]}`);
  console.log(object.kind, object.metadata.name, lines.length ? "\n" + lines.join("\n") : "same");
}
for (const res of ["/api/v1/namespaces/diff/pods?labelSelector=app=web", "/apis/apps/v1/namespaces/diff/replicasets?labelSelector=app=web", "/apis/autoscaling/v2/namespaces/diff/horizontalpodautoscalers", "/api/v1/nodes"]) {
  const [p, q] = res.split("?"); const query = q ? { labelSelector: q.split("labelSelector=")[1]! } : {};
  const A = (await rc.call("GET", p!, { query })).body["items"] as any[], B = (await fc.call("GET", p!, { query })).body["items"] as any[];
  const a = flat(A.at(-1)), b = flat(B.at(-1)); const lines = [];
  for (const k of new Set([...Object.keys(a), ...Object.keys(b)])) if (!skip.test(k) && a[k] !== b[k]) lines.push(`   ${k}: real ${a[k]} fake ${b[k]}`);
  console.log(res, A.length, B.length, "\n" + lines.join("\n"));
}
// managed fields
for (const [obj] of [[objects[1]], [objects[7]], [objects[5]]] as any) {
  const f = (x: any) => (x.metadata.managedFields ?? []).map((m: any) => `${m.manager}/${m.operation}/${m.subresource ?? ""}/${m.apiVersion}: ${JSON.stringify(m.fieldsV1)}`).join("\n  ");
  console.log("REAL", f((await rc.call("GET", pathOf(obj))).body)); console.log("FAKE", f((await fc.call("GET", pathOf(obj))).body));
}
rc.close(); fc.close(); await fake.close(); await real.stop();
