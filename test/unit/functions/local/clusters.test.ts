import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { clustersYaml } from "../../../support/cluster-world.ts";
import { createFolders } from "../../../support/collect-deps.ts";
import { type KubeServer, startKubeServer } from "../../../support/kube-server/start.ts";
import { writeKubeconfig } from "../../../support/kubeconfig-file.ts";
import { genops } from "./cli-support.ts";

const folders = createFolders();
const running: KubeServer[] = [];
afterAll(() => folders.clean());
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.close()));
});

async function start(name: string): Promise<KubeServer> {
  const server = await startKubeServer({ name });
  running.push(server);
  return server;
}

async function configured(servers: readonly KubeServer[]): Promise<string> {
  const folder = await folders.make();
  const places = servers.map(({ name, url, certificateAuthority, tokens }) => ({
    name,
    url,
    certificateAuthority,
    token: tokens.admin,
  }));
  await writeFile(path.join(folder, "genops.yaml"), await clustersYaml(() => folders.make(), places));
  return folder;
}

describe("genops clusters health", () => {
  it("prints the guide's lines and its summary, and exits with 1 when one failed", async () => {
    const aws = await start("aws-cluster");
    aws.apply({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "genops-0", namespace: "genops-system" },
      spec: { containers: [{ name: "c", image: "genops" }] },
      status: { phase: "Running" },
    });
    const azure = await start("azure-cluster");
    await azure.disappear();
    const folder = await configured([aws, azure]);
    const { code, stdout } = await genops(folder, ["clusters", "health"]);
    const lines = stdout.split("\n").filter((line) => !/answered in \d+ ms|\(TCP\)/.test(line));
    expect([code, ...lines]).toEqual([
      1,
      "🌐 Multi-Cloud GenOps Health Check",
      "====================================",
      "",
      "📋 Checking aws-cluster...",
      "  ✅ Cluster connectivity OK",
      "  ✅ 1 GenOps pods running",
      "  ⚠️  No external endpoint found",
      "  ✅ 3 of 3 nodes ready",
      "",
      "📋 Checking azure-cluster...",
      "  ❌ Cannot connect to azure-cluster",
      "",
      "====================================",
      "Summary: 1 passed, 1 failed",
      "",
    ]);
    const one = await genops(folder, ["clusters", "health", "aws-cluster", "--format", "json"]);
    expect(one.code).toBe(0);
    expect(one.json()).toMatchObject({
      clusters: [{ cluster: "aws-cluster", connected: true, pods: 1, nodes: { ready: 3, total: 3 } }],
      summary: { passed: 1, failed: 0 },
    });
  });
});

describe("genops clusters list, join, unjoin", () => {
  it("records a cluster that is described by flags, lists it and forgets it", async () => {
    const server = await start("dev");
    const folder = await configured([]);
    const { url, certificateAuthority, tokens } = server;
    const user = { token: tokens.admin };
    const file = await writeKubeconfig(await folders.make(), { server: url, certificateAuthority, user });
    const joined = await genops(folder, ["clusters", "join", "dev", "--provider", "kubeconfig", "--kubeconfig", file]);
    expect(joined.stdout).toMatch(/✅ DNS: .*✅ rights: all \d+ rights are given\ndev is joined \(v1\./s);
    expect(joined.code).toBe(0);
    const listed = await genops(folder, ["clusters", "list", "--format", "json"]);
    expect(listed.json()).toMatchObject({ clusters: [{ name: "dev", provider: "kubeconfig", from: "joined" }] });
    expect((await genops(folder, ["clusters", "unjoin", "dev"])).stdout).toBe("dev is forgotten.\n");
  });

  it("exits with 1 and the failing layer when a cluster cannot be read", async () => {
    const server = await start("dev");
    await server.disappear();
    const { code, stdout } = await genops(await configured([server]), ["clusters", "join", "dev"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/❌ TCP: .*no connection.*dev was not joined\./s);
  });
});
