import { afterEach, describe, expect, it } from "vitest";
import { createRawClient, type RawClient } from "../../cluster/suites/raw-client.ts";
import { once } from "../../cluster/target.ts";
import { configMap, cronJob, deployment, node, nodePool, scaledObject } from "../../support/kube-objects.ts";
import { type KubeServer, type KubeServerOptions, startKubeServer } from "../../support/kube-server/start.ts";

let server: KubeServer | undefined;
let client: RawClient | undefined;

afterEach(async () => {
  client?.close();
  await server?.close();
});

async function start(options: KubeServerOptions = {}): Promise<{ server: KubeServer; client: RawClient }> {
  server = await startKubeServer(options);
  const { name, url, certificateAuthority, tokens } = server;
  client = createRawClient({ name, provider: "aws", server: url, certificateAuthority, tokens, eventually: once });
  return { server, client };
}

const WEB = { apiVersion: "apps/v1", kind: "Deployment", namespace: "ml", name: "web" } as const;
const PATH = "/apis/apps/v1/namespaces/ml/deployments/web";
const STOP = { patch: "merge", body: { spec: { replicas: 0 } } } as const;

describe("faults of the fake server", () => {
  it("answers once as told, does nothing then, and goes on as before", async () => {
    const { server, client } = await start();
    server.apply(deployment({ name: "web", namespace: "ml", replicas: 2 }));
    server.faults.next({ method: "PATCH", path: "/web" }, { kind: "status", code: 429, retryAfterSeconds: 7 });
    const refused = await client.call("PATCH", PATH, STOP);
    expect([refused.status, refused.body["reason"], refused.headers["retry-after"]]).toEqual([
      429,
      "TooManyRequests",
      "7",
    ]);
    expect(server.get(WEB)?.spec?.["replicas"]).toBe(2);
    expect((await client.call("PATCH", PATH, STOP)).status).toBe(200);
    expect(server.requests.map(({ method, status }) => [method, status])).toEqual([
      ["PATCH", 429],
      ["PATCH", 200],
    ]);
  });

  it("breaks the connection before the write, or after it", async () => {
    const { server, client } = await start();
    server.apply(deployment({ name: "web", namespace: "ml", replicas: 2 }));
    server.faults.next({ method: "PATCH" }, { kind: "resetBefore" });
    await expect(client.call("PATCH", PATH, STOP)).rejects.toThrow(/ECONNRESET|hang up/);
    expect(server.get(WEB)?.spec?.["replicas"]).toBe(2);
    server.faults.next({ method: "PATCH" }, { kind: "resetAfter" });
    await expect(client.call("PATCH", PATH, STOP)).rejects.toThrow(/ECONNRESET|hang up/);
    expect(server.get(WEB)?.spec?.["replicas"]).toBe(0);
  });

  it("decides per request, always or until cleared", async () => {
    const { server, client } = await start();
    server.faults.always({ path: /configmaps/ }, { kind: "status", code: 503 });
    server.faults.decide(({ path }) => (path === "/version" ? { kind: "status", code: 500 } : undefined));
    expect((await client.call("GET", "/api/v1/configmaps")).status).toBe(503);
    expect((await client.call("GET", "/version")).status).toBe(500);
    server.faults.clear();
    expect((await client.call("GET", "/api/v1/configmaps")).status).toBe(200);
  });

  it("forgets lists that are being read: 410", async () => {
    const { server, client } = await start();
    for (const name of ["a", "b"]) server.apply(configMap({ name }));
    const path = "/api/v1/namespaces/default/configmaps";
    const first = await client.call("GET", path, { query: { limit: "1" } });
    const next = String((first.body.metadata as { continue?: string } | undefined)?.continue);
    server.expireLists();
    const late = await client.call("GET", path, { query: { limit: "1", continue: next } });
    expect([late.status, late.body["reason"]]).toEqual([410, "Expired"]);
  });

  it("disappears and comes back at the same address", async () => {
    const { server, client } = await start();
    await server.disappear();
    await expect(client.call("GET", "/version")).rejects.toThrow(/ECONNREFUSED/);
    await server.reappear();
    expect((await client.call("GET", "/version")).status).toBe(200);
  });

  it("ends tokens", async () => {
    const { server, client } = await start();
    const token = server.access.issue({ user: "somebody", groups: [] });
    expect((await client.call("GET", "/api", { token })).status).toBe(200);
    server.access.end(token);
    expect((await client.call("GET", "/api", { token })).status).toBe(401);
  });
});

describe("hooks of the fake server", () => {
  it("lets somebody else write between our read and our write", async () => {
    const { server, client } = await start();
    const { metadata } = server.apply(deployment({ name: "web", namespace: "ml", replicas: 2 }));
    const stop = server.onRequest({ method: "PATCH", path: "/web", dryRun: false }, () => {
      server.patch(WEB, { spec: { replicas: 5 } }, { as: "person" });
    });
    const version = server.get(WEB)?.metadata.resourceVersion;
    const body = { metadata: { uid: metadata.uid, resourceVersion: version }, spec: { replicas: 0 } };
    expect((await client.call("PATCH", PATH, { patch: "merge", body })).status).toBe(409);
    stop();
    expect((await client.call("PATCH", PATH, STOP)).status).toBe(200);
  });

  it("shows two states of one field when controllers wait for settle()", async () => {
    const { server } = await start({ controllers: "manual" });
    server.apply(deployment({ name: "web", namespace: "ml", replicas: 2 }));
    expect(server.get(WEB)?.status).toEqual({});
    server.settle();
    expect(server.get(WEB)?.status).toMatchObject({ readyReplicas: 2 });
  });

  it("serves no group that the cluster is said not to have", async () => {
    const { server, client } = await start({ without: ["keda.sh"] });
    expect((await client.call("GET", "/apis/keda.sh/v1alpha1")).status).toBe(404);
    expect((await client.call("GET", "/apis/keda.sh/v1alpha1/scaledobjects")).status).toBe(404);
    expect(() => server.apply(scaledObject({ name: "a", target: "b" }))).toThrow("no kind");
  });

  it("shows metrics that a test has put there", async () => {
    const { server, client } = await start();
    const usage = { cpu: "250m", memory: "64Mi" };
    server.apply({ apiVersion: "metrics.k8s.io/v1beta1", kind: "NodeMetrics", metadata: { name: "n" }, usage });
    const { body } = await client.call("GET", "/apis/metrics.k8s.io/v1beta1/nodes");
    expect(body["items"]).toMatchObject([{ metadata: { name: "n" }, usage }]);
  });

  it("asks a registered evaluator before the expressions, and fails loudly for CEL that it does not know", async () => {
    const { server, client } = await start();
    const group = "admissionregistration.k8s.io/v1";
    const rule = { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] };
    const validations = [{ expression: "url('https://example.com').getHost() == ''" }];
    const metadata = { name: "unknown" };
    const spec = { matchConstraints: { resourceRules: [rule] }, validations };
    server.apply({ apiVersion: group, kind: "ValidatingAdmissionPolicy", metadata, spec });
    const binding = { policyName: "unknown", validationActions: ["Deny"] };
    server.apply({ apiVersion: group, kind: "ValidatingAdmissionPolicyBinding", metadata, spec: binding });
    const create = () =>
      client.call("POST", "/api/v1/namespaces/default/configmaps", { body: configMap({ name: "a" }) });
    const { status, body } = await create();
    expect([status, body["message"]]).toEqual([500, expect.stringContaining("knows no CEL function url")]);
    server.policies.register(
      (policy) => policy.metadata.name === "unknown",
      ({ name }) => `not ${name}`,
    );
    expect((await create()).body["message"]).toContain("denied request: not a");
  });
});

describe("a snapshot", () => {
  it("is the same, stripped, after a change and its undoing", async () => {
    const { server } = await start();
    server.apply(deployment({ name: "web", namespace: "ml", replicas: 3 }));
    server.apply(scaledObject({ name: "web", namespace: "ml", target: "web" }));
    server.apply(cronJob({ name: "nightly", namespace: "ml" }));
    server.apply(nodePool({ name: "pool", limits: { cpu: "10" } }));
    server.apply(node({ name: "one", nodePool: "pool" }));
    const before = server.snapshot({ stripped: true });
    const full = server.snapshot();
    server.patch(WEB, { metadata: { annotations: { "genops.ai/original": "{}" } }, spec: { replicas: 1 } });
    expect(server.snapshot({ stripped: true })).not.toEqual(before);
    server.patch(WEB, { metadata: { annotations: { "genops.ai/original": null } }, spec: { replicas: 3 } });
    expect(server.snapshot({ stripped: true })).toEqual(before);
    expect(server.snapshot()).not.toEqual(full);
    expect(Object.keys(server.snapshot({ kinds: ["CronJob"] }))).toEqual(["batch/v1/CronJob/ml/nightly"]);
  });

  it("is a copy", async () => {
    const { server } = await start();
    const snapshot = server.snapshot({ kinds: ["Namespace"] });
    const space = snapshot["v1/Namespace//default"];
    if (space === undefined) throw new Error("no namespace");
    space.metadata.name = "changed";
    expect(server.get({ apiVersion: "v1", kind: "Namespace", name: "default" })?.metadata.name).toBe("default");
  });
});

describe("the speed of the fake server", () => {
  it("takes 1,000 patches at once, and lists 10,000 workloads in pages", async () => {
    const { server, client } = await start({ controllers: "manual" });
    for (let index = 0; index < 10_000; index++)
      server.apply(deployment({ name: `w-${index}`, namespace: "ml", replicas: 1 }));
    const path = "/apis/apps/v1/namespaces/ml/deployments";
    const patches = Array.from({ length: 1_000 }, (_, index) => client.call("PATCH", `${path}/w-${index}`, STOP));
    const answers = await Promise.all(patches);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    let found = 0;
    let next: string | undefined = "";
    while (next !== undefined) {
      const query: Record<string, string> = { limit: "500", ...(next === "" ? {} : { continue: next }) };
      const { body } = await client.call("GET", path, { query });
      found += (body["items"] as unknown[]).length;
      next = (body.metadata as { continue?: string } | undefined)?.continue;
    }
    expect(found).toBe(10_000);
  });
});
