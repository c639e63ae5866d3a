import { afterAll, afterEach, describe, expect, it } from "vitest";
import { HEALTH_KEY, HealthDocument } from "../../../shared/clusters/health/targets.ts";
import { listFindings } from "../../../shared/governance/findings/finding-store.ts";
import { readDocument } from "../../../shared/ledger/json-document.ts";
import { checkClusters, createHealth, watchHealth } from "../../../shared/usecases/cluster-health.ts";
import { createClusterWorld } from "../../support/cluster-world.ts";
import { createFolders } from "../../support/collect-deps.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { json, serve } from "../../support/identity/server.ts";
import { type KubeServer, type KubeServerOptions, startKubeServer } from "../../support/kube-server/start.ts";

const folders = createFolders();
const running: { close(): Promise<void> }[] = [];
afterAll(() => folders.clean());
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.close()));
});

async function cluster(name: string, options: KubeServerOptions = {}): Promise<KubeServer> {
  const server = await startKubeServer({ name, ...options });
  running.push(server);
  return server;
}

async function worldOf(servers: readonly KubeServer[], yaml = "") {
  const clock = createFakeClock("2026-11-22T06:00:00.000Z");
  const clusters = servers.map(({ name, url, certificateAuthority, tokens }) => ({
    name,
    url,
    certificateAuthority,
    token: tokens.admin,
  }));
  const makeFolder = () => folders.make();
  return { clock, ...(await createClusterWorld({ folder: await folders.make(), makeFolder, clusters, clock, yaml })) };
}

const genopsPod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "genops-0", namespace: "genops-system" },
  spec: { containers: [{ name: "c", image: "genops" }] },
  status: { phase: "Running" },
};
const service = (ingress: unknown) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "genops-ai", namespace: "genops-system" },
  spec: { ports: [{ port: 80 }] },
  status: { loadBalancer: { ingress: [ingress] } },
});

describe("the guide's health check", () => {
  it("counts pods, finds the endpoint, nodes and the server's speed", async () => {
    const aws = await cluster("aws-cluster");
    aws.apply(genopsPod);
    aws.apply(service({ hostname: "lb.example.com" }));
    const azure = await cluster("azure-cluster");
    const { runtime } = await worldOf([aws, azure]);
    expect(await checkClusters(runtime)).toMatchObject([
      {
        cluster: "aws-cluster",
        connected: true,
        pods: 1,
        endpoint: "lb.example.com",
        nodes: { ready: 3, total: 3 },
        latencyMs: 0,
        problems: [],
        passed: 1,
        failed: 0,
      },
      { cluster: "azure-cluster", connected: true, pods: 0, passed: 0, failed: 1 },
    ]);
    expect(await checkClusters(runtime, ["aws-cluster"])).toHaveLength(1);
    await expect(checkClusters(runtime, ["other"])).rejects.toMatchObject({ code: "usage" });
  });

  it("names the layer at which a cluster cannot be reached", async () => {
    const gone = await cluster("gone");
    await gone.disappear();
    const { runtime } = await worldOf([gone]);
    expect(await checkClusters(runtime)).toMatchObject([
      {
        connected: false,
        layer: "tcp",
        failed: 1,
        problems: [expect.stringContaining("no connection to the API server (TCP)") as string],
      },
    ]);
  });

  it("tells what may not be read and goes on", async () => {
    const strict = await cluster("strict", { authorization: "rbac" });
    const world = await worldOf([strict]);
    const config = world.runtime.config;
    const enforcer = { name: "strict", url: strict.url, certificateAuthority: strict.certificateAuthority };
    const { runtime } = await createClusterWorld({
      folder: config.baseDir,
      makeFolder: () => folders.make(),
      clusters: [{ ...enforcer, token: strict.tokens.enforcer }],
      clock: world.clock,
    });
    const [found] = await checkClusters(runtime);
    expect(found).toMatchObject({ connected: true, failed: 1 });
    expect(found?.problems.join()).toContain("403");
    expect(found?.nodes).toBeUndefined();
  });
});

describe("health", () => {
  const due = { type: "genops.schedule.due", data: { task: "health" } } as const;

  it("tells an outage after three looks, once, and the end of it after two", async () => {
    const aws = await cluster("aws-cluster");
    const { runtime, clock, events } = await worldOf([aws]);
    const round = async () => {
      clock.advance(60_000);
      return (await watchHealth(runtime)).changed.map(({ name, state }) => `${name} ${state}`);
    };
    expect(await round()).toEqual([]);
    await aws.disappear();
    expect([await round(), await round(), await round(), await round()]).toEqual([[], [], ["aws-cluster down"], []]);
    expect(events.filter(({ type }) => type === "genops.health.changed")).toMatchObject([
      { subject: "cluster/aws-cluster", data: { state: "down", before: "up", kind: "cluster", name: "aws-cluster" } },
    ]);
    expect(await listFindings({ store: runtime.lake })).toMatchObject([
      { kind: "cluster", rule: "cluster-down", level: "critical", state: "open", subject: "cluster/aws-cluster" },
    ]);
    await aws.reappear();
    expect([await round(), await round(), await round()]).toEqual([[], ["aws-cluster up"], []]);
    expect(await listFindings({ store: runtime.lake })).toMatchObject([
      { state: "resolved", resolution: "it answers again" },
    ]);
    expect((await readDocument(runtime.lake, HEALTH_KEY, HealthDocument))?.value.targets).toMatchObject({
      "cluster/aws-cluster": { state: "up" },
    });
  });

  it("tells a change again when telling failed", async () => {
    const aws = await cluster("aws-cluster");
    await aws.disappear();
    const { runtime, clock } = await worldOf([aws]);
    const told: string[] = [];
    let broken = true;
    const events: typeof runtime.events = {
      publish: async ({ id }) => {
        if (broken) throw new Error("the bus is away");
        told.push(id);
      },
    };
    for (let i = 0; i < 2; i++) await watchHealth({ ...runtime, events });
    await expect(watchHealth({ ...runtime, events })).rejects.toThrow("the bus is away");
    broken = false;
    clock.advance(60_000);
    await watchHealth({ ...runtime, events });
    expect(told.filter((id) => id.startsWith("health/"))).toEqual([
      "health/cluster/aws-cluster/2026-11-22T06:00:00.000Z/down",
    ]);
  });

  it("looks at the guide's endpoints, too", async () => {
    let status = 200;
    const server = await serve(({ url }) => json(url.pathname === "/health" ? status : 404, {}));
    running.push(server);
    const yaml = `multicloud: { primary: { provider: aws, endpoint: "${server.url}" }, failover: { healthThreshold: 1 } }\n`;
    const { runtime } = await worldOf([], yaml);
    expect(await watchHealth(runtime)).toEqual({ looked: 1, changed: [] });
    status = 503;
    expect((await watchHealth(runtime)).changed).toMatchObject([
      { kind: "endpoint", name: "primary", state: "down", detail: `${server.url}/health: 503` },
    ]);
  });

  it("does nothing where there is nothing, and refuses what is not its schedule", async () => {
    const { runtime } = await worldOf([]);
    expect(await watchHealth(runtime)).toEqual({ looked: 0, changed: [] });
    const lines: unknown[] = [];
    const log = { info: (message: string) => void lines.push(message), warn: () => {}, error: () => {} };
    const tracer = { span: <T>(_: string, __: object, work: () => Promise<T>) => work() };
    const invocation = { correlationId: "c", deadline: runtime.deadline, log, tracer };
    const event = { specversion: "1.0", id: "1", source: "x", time: "", datacontenttype: "application/json" } as const;
    await createHealth(runtime)({ ...event, ...due }, invocation);
    expect(lines).toEqual(["looked"]);
    await expect(createHealth(runtime)({ ...event, ...due, data: { task: "tell" } }, invocation)).rejects.toMatchObject(
      {
        code: "refused",
      },
    );
  });
});
