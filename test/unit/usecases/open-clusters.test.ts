import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { type OpenClusterDeps, openCluster } from "../../../shared/usecases/open-clusters.ts";
import { openCredentials } from "../../../shared/usecases/open-credentials.ts";
import { createFolders } from "../../support/collect-deps.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { json, serve } from "../../support/identity/server.ts";
import { startTwoClouds } from "../../support/identity/two-clouds.ts";
import { startKubeServer } from "../../support/kube-server/start.ts";
import { writeKubeconfig } from "../../support/kubeconfig-file.ts";

const folders = createFolders();
const running: { close(): Promise<void> }[] = [];
afterAll(() => folders.clean());
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.close()));
});

async function started<T extends { close(): Promise<void> }>(starting: Promise<T>): Promise<T> {
  const server = await starting;
  running.push(server);
  return server;
}

async function depsFor(target?: "aws" | "azure" | "gcp"): Promise<OpenClusterDeps> {
  const clock = createFakeClock("2026-11-22T06:00:00.000Z");
  const clouds =
    target === undefined
      ? { home: "local" as const, credentials: {}, allowStaticCredentials: true, environment: {}, clock }
      : await started(startTwoClouds({ home: target === "gcp" ? "azure" : "gcp", target }));
  return {
    credentials: openCredentials(clouds),
    allowStaticCredentials: true,
    baseDir: await folders.make(),
    environment: {},
    clock,
    randomness: { id: () => "r", fraction: () => 0 },
    version: "1.2.3",
    runId: "run-9",
  };
}

describe("a configured cluster", () => {
  it("on EKS is described, and asked with a token that is signed here", async () => {
    const kube = await started(startKubeServer());
    const authority = { data: Buffer.from(kube.certificateAuthority).toString("base64") };
    const eks = await started(
      serve(() => json(200, { cluster: { endpoint: kube.url, certificateAuthority: authority } })),
    );
    const config = { name: "prod", provider: "eks", cluster: "demo", region: "us-west-2", eksUrl: eks.url } as const;
    const client = await openCluster(config, await depsFor("aws"), { dryRun: false, repeats: 0 });
    // The server does not know whose signature it is: it was asked, twice, each time with a token of EKS's form.
    await expect(client.version()).rejects.toMatchObject({ code: "unavailable", place: { source: "prod" } });
    const sent = kube.requests.map(({ headers }) => headers);
    expect(sent).toMatchObject([
      {
        authorization: expect.stringMatching(/^Bearer k8s-aws-v1\./) as string,
        "user-agent": "genops/1.2.3 run=run-9",
      },
      { authorization: expect.stringMatching(/^Bearer k8s-aws-v1\./) as string },
    ]);
  });

  it("on AKS is asked with an Entra token, on GKE with Google's", async () => {
    const kube = await started(startKubeServer());
    const data = Buffer.from(kube.certificateAuthority).toString("base64");
    const kubeconfig = `clusters:\n- cluster: { certificate-authority-data: ${data}, server: "${kube.url}" }\n`;
    const arm = await started(
      serve(({ method }) =>
        method === "GET"
          ? json(200, { properties: { disableLocalAccounts: true } })
          : json(200, { kubeconfigs: [{ name: "clusterUser", value: Buffer.from(kubeconfig).toString("base64") }] }),
      ),
    );
    const container = await started(
      serve(() => json(200, { endpoint: new URL(kube.url).host, masterAuth: { clusterCaCertificate: data } })),
    );
    const aks = { provider: "aks", cluster: "c", subscription: "s", resourceGroup: "g", armUrl: arm.url } as const;
    const gke = { provider: "gke", cluster: "c", project: "p", location: "l", containerUrl: container.url } as const;
    const options = { dryRun: true, repeats: 0 };
    const clients = [
      await openCluster({ name: "a", ...aks }, await depsFor("azure"), options),
      await openCluster({ name: "g", ...gke }, await depsFor("gcp"), options),
    ];
    for (const client of clients) await expect(client.version()).rejects.toMatchObject({ code: "unavailable" });
    expect(kube.requests.map(({ headers }) => headers["authorization"])).toEqual([
      expect.stringContaining("Bearer entra for 6dae42f8-4368-4678-94ff-3960e28e3630/.default"),
      expect.stringContaining("Bearer entra for 6dae42f8-4368-4678-94ff-3960e28e3630/.default"),
      "Bearer token of genops@p-1.iam.gserviceaccount.com",
      "Bearer token of genops@p-1.iam.gserviceaccount.com",
    ]);
    expect(clients.map(({ dryRun }) => dryRun)).toEqual([true, true]);
  });

  it("of a kubeconfig is found beside genops.yaml", async () => {
    const kube = await started(startKubeServer());
    const deps = await depsFor();
    const { url: server, certificateAuthority, tokens } = kube;
    await writeKubeconfig(deps.baseDir, { server, certificateAuthority, user: { token: tokens.admin } });
    const config = { name: "dev", provider: "kubeconfig", kubeconfig: "kubeconfig.yaml" } as const;
    const client = await openCluster(config, deps, { dryRun: false });
    expect(await client.list("v1", "Node")).toHaveLength(3);
    const home = { ...deps, baseDir: "/", environment: { HOME: deps.baseDir } };
    expect(await openCluster({ ...config, kubeconfig: "~/kubeconfig.yaml" }, home, { dryRun: false })).toBeDefined();
    await expect(openCluster({ ...config, context: "prod" }, deps, { dryRun: false })).rejects.toThrow(
      "cluster dev: there is no context prod",
    );
  });

  it("that is a snapshot is read from its file", async () => {
    const deps = await depsFor();
    const config = { name: "old", provider: "snapshot", location: "dump.json" } as const;
    await expect(openCluster(config, deps, { dryRun: true })).rejects.toMatchObject({ code: "config" });
    const node = { apiVersion: "v1", kind: "Node", metadata: { name: "n" } };
    await writeFile(path.join(deps.baseDir, "dump.json"), JSON.stringify(node));
    expect(await (await openCluster(config, deps, { dryRun: true })).list("v1", "Node")).toEqual([node]);
  });
});
