import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { ClusterConfig } from "../../../shared/config/types.ts";
import {
  joinCluster,
  readEntry,
  registeredClusters,
  unjoinCluster,
} from "../../../shared/usecases/cluster-registry.ts";
import type { Runtime } from "../../../shared/usecases/runtime.ts";
import { createClusterWorld } from "../../support/cluster-world.ts";
import { createFolders } from "../../support/collect-deps.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { createCertificate } from "../../support/identity/certificate.ts";
import { json, serve } from "../../support/identity/server.ts";
import { type KubeServer, type KubeServerOptions, startKubeServer } from "../../support/kube-server/start.ts";
import { writeKubeconfig } from "../../support/kubeconfig-file.ts";

const folders = createFolders();
const running: { close(): Promise<void> }[] = [];
afterAll(() => folders.clean());
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.close()));
});

async function start(options: KubeServerOptions = {}): Promise<KubeServer> {
  const server = await startKubeServer(options);
  running.push(server);
  return server;
}

async function emptyRuntime(yaml = ""): Promise<Runtime> {
  const makeFolder = () => folders.make();
  const folder = await folders.make();
  return (await createClusterWorld({ folder, makeFolder, clusters: [], clock: createFakeClock(), yaml })).runtime;
}

async function entry(name: string, server: string, ca: string, token: string): Promise<ClusterConfig> {
  const kubeconfig = await writeKubeconfig(await folders.make(), { server, certificateAuthority: ca, user: { token } });
  return { name, provider: "kubeconfig", kubeconfig };
}

const entryOf = (name: string, { url, certificateAuthority, tokens }: KubeServer, token = tokens.admin) =>
  entry(name, url, certificateAuthority, token);

function outcomes(steps: readonly { step: string; outcome: string }[]): Record<string, string> {
  return Object.fromEntries(steps.map(({ step, outcome }) => [step, outcome]));
}

describe("joining a cluster", () => {
  it("goes layer by layer, asks for every right and records the cluster's identity", async () => {
    const server = await start();
    const runtime = await emptyRuntime();
    const found = await joinCluster(runtime, await entryOf("dev", server));
    expect(outcomes(found.steps)).toEqual({
      address: "passed",
      DNS: "passed",
      TCP: "passed",
      TLS: "passed",
      authentication: "passed",
      authorization: "passed",
      answers: "passed",
      rights: "passed",
    });
    const uid = server.get({ apiVersion: "v1", kind: "Namespace", name: "kube-system" })?.metadata.uid;
    expect(found).toMatchObject({ cluster: "dev", joined: true, identity: { uid } });
    expect(await registeredClusters(runtime)).toMatchObject([
      { config: { name: "dev", provider: "kubeconfig" }, from: "joined", joined: { uid } },
    ]);
    const review = server.requests.find(({ path }) => path.endsWith("selfsubjectaccessreviews"));
    expect(review?.body).toContain('"resourceAttributes"');
  });

  it("stops at rights that reading needs, and warns of those that enforcement needs", async () => {
    const server = await start({ authorization: "rbac" });
    const rbac = (verbs: string[]) => ({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "r" },
      rules: [{ apiGroups: ["*"], resources: ["*"], verbs }],
    });
    server.apply({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: "r" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "r" },
      subjects: [{ kind: "User", name: "genops-enforcer", apiGroup: "rbac.authorization.k8s.io" }],
    });
    const runtime = await emptyRuntime();
    const cluster = await entryOf("dev", server, server.tokens.enforcer);
    server.apply(rbac(["get"]));
    const blind = await joinCluster(runtime, cluster);
    expect([blind.joined, outcomes(blind.steps)["rights"]]).toEqual([false, "failed"]);
    expect(blind.missing.read).toContain("list deployments.apps");
    server.apply(rbac(["get", "list"]));
    const reader = await joinCluster(runtime, cluster);
    expect([reader.joined, outcomes(reader.steps)["rights"]]).toEqual([true, "warning"]);
    expect(reader.missing).toMatchObject({ read: [], write: expect.arrayContaining(["patch deployments.apps"]) });
    const scaling = await joinCluster(runtime, { ...cluster, rights: "scale-only" });
    expect(scaling.missing.write).toContain("update deployments.apps/scale");
    expect(scaling.missing.write.filter((right) => !right.endsWith("/scale"))).toEqual([]);
  });

  it.each([
    ["DNS", "https://no-such-host.invalid:6443", /name of the API server is not known/],
    ["TCP", "https://127.0.0.1:1", /no connection to the API server/],
  ] as const)("names %s as the layer that failed", async (layer, address, message) => {
    const found = await joinCluster(await emptyRuntime(), await entry("dev", address, createCertificate().cert, "t"));
    expect(found.joined).toBe(false);
    const failed = found.steps.filter(({ outcome }) => outcome === "failed");
    expect(failed).toMatchObject([{ step: layer, detail: expect.stringMatching(message) as string }]);
    expect(found.steps.at(-1)).toMatchObject({ step: "rights", outcome: "skipped" });
  });

  it("names TLS, authentication and authorization", async () => {
    const server = await start({ authorization: "rbac" });
    const runtime = await emptyRuntime();
    const failedStep = async (cluster: ClusterConfig) =>
      (await joinCluster(runtime, cluster)).steps.find(({ outcome }) => outcome === "failed")?.step;
    expect(await failedStep(await entry("a", server.url, createCertificate().cert, "t"))).toBe("TLS");
    expect(await failedStep(await entryOf("a", server, "nobody"))).toBe("authentication");
    expect(await failedStep(await entryOf("a", server, server.tokens.enforcer))).toBe("authorization");
    const other = createCertificate();
    const page = await serve(() => json(200, { hello: true }), other);
    running.push(page);
    expect(await failedStep(await entry("a", page.url, other.cert, "t"))).toBe("answers");
    expect(await failedStep({ name: "a", provider: "kubeconfig", kubeconfig: "/nowhere" })).toBe("address");
    expect(await registeredClusters(runtime)).toEqual([]);
  });

  it("refuses one cluster under two names, and another cluster where something is held", async () => {
    const [first, second] = [await start({ name: "one" }), await start({ name: "two" })];
    const runtime = await emptyRuntime();
    await joinCluster(runtime, await entryOf("dev", first));
    await expect(joinCluster(runtime, await entryOf("dev-2", first))).rejects.toMatchObject({
      code: "refused",
      message: "dev-2 is the cluster that is known as dev: unjoin that one first",
    });
    await hold(runtime, "dev");
    await expect(joinCluster(runtime, await entryOf("dev", second))).rejects.toThrow("dev was another cluster before");
    expect((await joinCluster(runtime, await entryOf("dev", first))).joined).toBe(true);
    await expect(joinCluster(runtime, { name: "x", provider: "snapshot", location: "f" })).rejects.toMatchObject({
      code: "usage",
    });
  });
});

async function hold(runtime: Runtime, cluster: string): Promise<void> {
  const document = {
    cluster,
    clusterUid: "u",
    holds: { "uid-1": { state: "active" }, "uid-2": { state: "gone" } },
    own: {},
  };
  await runtime.lake.put(`enforcement/clusters/${cluster}.json`, new TextEncoder().encode(JSON.stringify(document)));
}

describe("leaving a cluster", () => {
  it("is refused while something is held there, unless forced; then it says what stays", async () => {
    const server = await start();
    const runtime = await emptyRuntime();
    await joinCluster(runtime, await entryOf("dev", server));
    await hold(runtime, "dev");
    await expect(unjoinCluster(runtime, "dev", { force: false })).rejects.toMatchObject({
      code: "refused",
      message: expect.stringContaining("1 changes are held in dev (uid-1)") as string,
    });
    expect(await unjoinCluster(runtime, "dev", { force: true })).toEqual({ cluster: "dev", left: ["uid-1"] });
    expect(await registeredClusters(runtime)).toEqual([]);
  });

  it("knows what there is not, and what stands in genops.yaml", async () => {
    const runtime = await emptyRuntime('clusters: [{ name: old, provider: snapshot, location: "dump.json" }]\n');
    await expect(unjoinCluster(runtime, "dev", { force: false })).rejects.toMatchObject({ code: "usage" });
    await expect(unjoinCluster(runtime, "old", { force: false })).rejects.toThrow("stands in genops.yaml");
    expect(await registeredClusters(runtime)).toMatchObject([{ config: { name: "old" }, from: "configuration" }]);
  });
});

describe("an entry", () => {
  it("follows the rules of genops.yaml", () => {
    expect(readEntry({ name: "prod", provider: "eks", region: "us-west-2" })).toMatchObject({ cluster: "prod" });
    expect(() => readEntry({ name: "prod", provider: "eks" })).toThrow(/cluster prod: .*region/s);
  });
});
