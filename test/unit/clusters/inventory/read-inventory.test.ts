import { afterEach, describe, expect, it } from "vitest";
import { createKubeClient } from "../../../../shared/clusters/connections/kube-client.ts";
import { createSnapshotClient } from "../../../../shared/clusters/connections/snapshot-client.ts";
import type { KubeObject } from "../../../../shared/clusters/connections/types.ts";
import { type ReadInventoryOptions, readInventory } from "../../../../shared/clusters/inventory/read-inventory.ts";
import { deployment, namespace, node, nodePool, object } from "../../../support/cluster-objects.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import { type KubeServer, type KubeServerOptions, startKubeServer } from "../../../support/kube-server/start.ts";

const servers: KubeServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function start(options: KubeServerOptions = {}): Promise<KubeServer> {
  const server = await startKubeServer({ nodes: 2, ...options });
  servers.push(server);
  return server;
}

/** What a person would write: the server gives uids and owners. */
function put(server: KubeServer, ...objects: KubeObject[]): void {
  for (const each of objects) {
    const { uid: _given, ...metadata } = each.metadata;
    server.apply(JSON.parse(JSON.stringify({ ...each, metadata })));
  }
}

function read(server: KubeServer, more: Partial<ReadInventoryOptions> = {}) {
  const clock = createFakeClock("2026-11-22T12:00:00.000Z");
  const client = createKubeClient({
    cluster: "test",
    access: {
      server: server.url,
      certificateAuthority: server.certificateAuthority,
      token: async () => ({ value: server.tokens.enforcer, expiresAt: new Date("2099-01-01T00:00:00Z") }),
    },
    clock,
    randomness: { id: () => "0".repeat(32), fraction: () => 0 },
    version: "1.0.0",
    runId: "run-1",
    repeats: 0,
  });
  return readInventory(client, { provider: "kubeconfig", protectedNamespaces: [], clock, ...more });
}

describe("readInventory", () => {
  it("finds workloads with their pods, owners and governance on a server", async () => {
    const server = await start();
    put(
      server,
      namespace("shop", {
        labels: { "genops.ai/enforce": "block", "genops.ai/team": "web", "genops.ai/environment": "prod" },
      }),
      deployment({
        namespace: "shop",
        name: "front",
        replicas: 3,
        cpu: "100m",
        memory: "64Mi",
        labels: { "genops.ai/team": "front" },
      }),
      object(
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        { namespace: "shop", name: "front" },
        {
          spec: {
            minReplicas: 1,
            maxReplicas: 5,
            scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "front" },
          },
        },
      ),
      nodePool("general", { consolidationPolicy: "WhenEmpty" }),
    );
    const inventory = await read(server, { region: "us-west-2" });
    const [front] = inventory.workloads.filter(({ ref }) => ref.name === "front");
    expect(front).toMatchObject({
      kind: "Deployment",
      class: "stateless",
      replicas: 3,
      replicaOwner: { kind: "hpa", autoscaler: { metadata: { name: "front" } } },
      governance: { team: "front", environment: "prod", project: "unallocated" },
      perReplica: { cpu: "0.1", memory: "67108864", gpu: "0" },
      protected: false,
    });
    expect(front?.pods).toHaveLength(3);
    expect(inventory.namespaces.find(({ name }) => name === "shop")).toMatchObject({
      optIn: "block",
      protected: false,
    });
    expect(inventory).toMatchObject({
      cluster: "test",
      region: "us-west-2",
      readAt: "2026-11-22T12:00:00.000Z",
      features: { admissionPolicies: true, keda: true, karpenter: true, rollouts: true, metrics: true },
    });
    expect(inventory.clusterUid).toBe(
      server.get({ apiVersion: "v1", kind: "Namespace", name: "kube-system" })?.metadata.uid,
    );
    expect(inventory.nodes).toHaveLength(2);
    expect(inventory.nodePools).toContainEqual(
      expect.objectContaining({ name: "general", removes: "empty", autoscaled: true }),
    );
    expect(inventory.problems).toEqual([]);
  });

  it("says what is not served, and does without", async () => {
    const server = await start({ without: ["keda.sh", "karpenter.sh", "argoproj.io", "metrics.k8s.io", "policy"] });
    const { features, problems } = await read(server);
    expect(features).toEqual({
      admissionPolicies: true,
      keda: false,
      karpenter: false,
      rollouts: false,
      metrics: false,
    });
    expect([...problems].sort()).toEqual([
      "metrics.k8s.io is not served: costs follow requests alone, not use",
      "poddisruptionbudgets (policy/v1) are not served",
    ]);
  });

  it("turns what may not be read into problems, and reads the rest", async () => {
    const server = await start();
    put(server, namespace("shop"), deployment({ namespace: "shop", name: "front" }));
    const forbidden = { kind: "status", code: 403, reason: "Forbidden", message: "no rights" } as const;
    for (const path of [
      /\/nodes$/,
      /\/api\/v1\/namespaces$/,
      /\/horizontalpodautoscalers$/,
      /cluster-autoscaler-status$/,
    ])
      server.faults.always({ method: "GET", path }, forbidden);
    const { workloads, nodes, clusterUid, problems } = await read(server);
    expect(workloads.map(({ ref }) => ref.name)).toEqual(["front"]);
    expect(nodes).toEqual([]);
    expect(clusterUid).not.toBe("");
    expect(problems.map((problem) => problem.split(":")[0]).sort()).toEqual([
      "horizontalpodautoscalers cannot be read",
      "namespaces cannot be read",
      "nodes cannot be read",
      "which node groups scale by themselves is unknown, so that nothing is saved there",
    ]);
  });

  it("lets an extension be down, but not the server", async () => {
    const server = await start();
    server.faults.always(
      { path: /metrics.k8s.io\/v1beta1\/pods$/ },
      { kind: "status", code: 503, reason: "ServiceUnavailable" },
    );
    expect((await read(server)).problems).toEqual([expect.stringContaining("pod metrics cannot be read")]);
    server.faults.always({ path: /\/deployments$/ }, { kind: "status", code: 503, reason: "ServiceUnavailable" });
    await expect(read(server)).rejects.toMatchObject({ code: "unavailable" });
  });

  it("reads a file", async () => {
    const items = [
      namespace("kube-system"),
      namespace("shop"),
      node({ name: "n1" }),
      deployment({ namespace: "shop", name: "front" }),
    ];
    const text = JSON.stringify({ apiVersion: "v1", kind: "List", items });
    const client = createSnapshotClient({ cluster: "file", file: "cluster.json", text });
    const clock = createFakeClock();
    const inventory = await readInventory(client, { provider: "snapshot", protectedNamespaces: [], clock });
    expect(inventory.workloads.map(({ ref }) => ref.name)).toEqual(["front"]);
    expect(inventory.problems).toEqual(["the file holds no pods"]);
  });
});
