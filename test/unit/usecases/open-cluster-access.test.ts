import { afterEach, describe, expect, it, vi } from "vitest";
import { type ManagedCluster, openClusterAccess } from "../../../shared/usecases/open-cluster-access.ts";
import { openCredentials } from "../../../shared/usecases/open-credentials.ts";
import { createFakeClock } from "../../support/fake-clock.ts";
import { type Asked, json, type Reply, serve, type TestServer } from "../../support/identity/server.ts";
import { checkSignature } from "../../support/identity/sigv4.ts";
import { startTwoClouds } from "../../support/identity/two-clouds.ts";

const PEM = "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n";
const CA = Buffer.from(PEM).toString("base64");
const running: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.close()));
});

async function start(answer: (asked: Asked) => Reply): Promise<TestServer> {
  const server = await serve(answer);
  running.push(server);
  return server;
}

/** Credentials as a function in another cloud has them. */
async function credentialsFor(target: "aws" | "azure" | "gcp") {
  const clouds = await startTwoClouds({ home: target === "gcp" ? "azure" : "gcp", target });
  running.push(clouds);
  return openCredentials(clouds);
}

describe("an EKS cluster", () => {
  const eks = { provider: "eks", cluster: "demo", region: "eu-central-1" } as const;
  const found = json(200, {
    cluster: { endpoint: "https://ABC.gr7.eu-central-1.eks.amazonaws.com/", certificateAuthority: { data: CA } },
  });
  const open = async (answer: (asked: Asked) => Reply) => {
    const server = await start(answer);
    const cluster: ManagedCluster = { ...eks, eksUrl: server.url };
    const clock = createFakeClock("2026-11-22T06:00:00.000Z");
    return { server, clock, access: openClusterAccess(cluster, await credentialsFor("aws"), clock) };
  };

  it("is described by one signed request, and reached with a token that is signed here", async () => {
    const { server, clock, access } = await open(() => found);
    const { server: api, certificateAuthority, token } = await access;
    expect([api, certificateAuthority]).toEqual(["https://ABC.gr7.eu-central-1.eks.amazonaws.com", PEM]);
    expect(await token()).toMatchObject({
      value: expect.stringMatching(/^k8s-aws-v1\./) as string,
      expiresAt: new Date("2026-11-22T06:15:00Z"),
    });
    expect(server.asked.map(({ method, url }) => `${method} ${url.pathname}`)).toEqual(["GET /clusters/demo"]);
    const [asked] = server.asked;
    const keys = { ASIAFEDERATED0000001: { secretAccessKey: "federated", sessionToken: "session" } };
    expect(asked === undefined ? asked : checkSignature(asked, keys, clock.now())).toEqual({
      fault: undefined,
      accessKeyId: "ASIAFEDERATED0000001",
    });
  });

  it.each([
    [403, "AccessDeniedException", "config", /grant eks:DescribeCluster on the cluster demo/],
    [404, "ResourceNotFoundException", "config", /there is no EKS cluster demo in eu-central-1/],
    [503, "ServerException", "unavailable", /could not be described: 503/],
  ] as const)("answers %d with what to do", async (status, type, code, message) => {
    const { access } = await open(() => json(status, { __type: type }));
    await expect(access).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
  });

  it("that is being created is asked for again later", async () => {
    const { access } = await open(() => json(200, { cluster: { status: "CREATING" } }));
    await expect(access).rejects.toMatchObject({ code: "unavailable" });
  });

  it("whose API does not answer is unavailable", async () => {
    const server = await serve(() => found);
    await server.close();
    const credentials = await credentialsFor("aws");
    const clock = createFakeClock("2026-11-22T06:00:00.000Z");
    await expect(openClusterAccess({ ...eks, eksUrl: server.url }, credentials, clock)).rejects.toMatchObject({
      code: "unavailable",
    });
  });
});

describe("an AKS cluster", () => {
  const path = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/demo";
  const kubeconfig = `apiVersion: v1\nclusters:\n- cluster: { certificate-authority-data: ${CA}, server: "https://demo.hcp.azmk8s.io:443" }\n  name: demo\nusers:\n- name: u\n  user: { exec: {} }\n`;
  const answerTo =
    (local: boolean, config = kubeconfig) =>
    (asked: Asked) =>
      asked.method === "GET"
        ? json(200, { properties: { disableLocalAccounts: !local } })
        : json(200, { kubeconfigs: [{ name: "clusterUser", value: Buffer.from(config).toString("base64") }] });
  const open = async (answer: (asked: Asked) => Reply) => {
    const server = await start(answer);
    const cluster = {
      provider: "aks",
      cluster: "demo",
      subscription: "s",
      resourceGroup: "rg",
      armUrl: server.url,
    } as const;
    const access = openClusterAccess(cluster, await credentialsFor("azure"), createFakeClock());
    return { server, access };
  };

  it("gives its address to the user's role, and takes Entra tokens for the AKS application", async () => {
    const { server, access } = await open(answerTo(false));
    const { server: api, certificateAuthority, token } = await access;
    expect([api, certificateAuthority]).toEqual(["https://demo.hcp.azmk8s.io:443", PEM]);
    expect((await token()).value).toContain("entra for 6dae42f8-4368-4678-94ff-3960e28e3630/.default");
    expect(server.asked.map(({ method, url }) => `${method} ${url.pathname}`)).toEqual([
      `GET ${path}`,
      `POST ${path}/listClusterUserCredential`,
    ]);
    expect(server.asked[0]?.headers["authorization"]).toContain(`Bearer entra for ${server.url}/.default`);
  });

  it("is refused while it has local accounts: their certificates are static keys", async () => {
    const { server, access } = await open(answerTo(true));
    await expect(access).rejects.toMatchObject({
      code: "config",
      message: expect.stringContaining("--disable-local-accounts") as string,
    });
    expect(server.asked.filter(({ method }) => method === "POST")).toEqual([]);
  });

  it.each([
    [403, "config", /Azure Kubernetes Service Cluster User Role/],
    [404, "config", /there is no AKS cluster demo in resource group rg/],
    [500, "unavailable", /could not be read: 500/],
  ] as const)("answers %d with what to do", async (status, code, message) => {
    const { access } = await open(() => json(status, { error: { code: "x" } }));
    await expect(access).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
  });

  it("without a usable kubeconfig is unavailable", async () => {
    const { access } = await open(answerTo(false, "clusters: []"));
    await expect(access).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("a GKE cluster", () => {
  const byAddress = { endpoint: "203.0.113.7", masterAuth: { clusterCaCertificate: CA } };
  const dns = (allowExternalTraffic: boolean) => ({
    ...byAddress,
    controlPlaneEndpointsConfig: {
      dnsEndpointConfig: { endpoint: "gke-1.europe-west3.gke.goog", allowExternalTraffic },
    },
  });
  const open = async (answer: (asked: Asked) => Reply) => {
    const server = await start(answer);
    const cluster = { provider: "gke", cluster: "demo", project: "p-1", location: "europe-west3" } as const;
    const credentials = await credentialsFor("gcp");
    const access = openClusterAccess({ ...cluster, containerUrl: server.url }, credentials, createFakeClock());
    return { server, access };
  };

  it("is reached by its address and its own CA, with the access token", async () => {
    const { server, access } = await open(() => json(200, byAddress));
    const { server: api, certificateAuthority, token } = await access;
    expect([api, certificateAuthority]).toEqual(["https://203.0.113.7", PEM]);
    expect(await token()).toEqual({
      value: "token of genops@p-1.iam.gserviceaccount.com",
      expiresAt: new Date("2099-01-01T00:00:00Z"),
    });
    expect(server.asked.map(({ url }) => url.pathname)).toEqual([
      "/v1/projects/p-1/locations/europe-west3/clusters/demo",
    ]);
  });

  it("is reached by its DNS endpoint where that is open", async () => {
    expect(await (await open(() => json(200, dns(true)))).access).toMatchObject({
      server: "https://gke-1.europe-west3.gke.goog",
    });
    expect(await (await open(() => json(200, dns(false)))).access).toMatchObject({ server: "https://203.0.113.7" });
  });

  it.each([
    [403, "config", /grant roles\/container.clusterViewer/],
    [404, "config", /there is no GKE cluster demo in p-1, europe-west3/],
    [503, "unavailable", /could not be read: 503/],
  ] as const)("answers %d with what to do", async (status, code, message) => {
    const { access } = await open(() => json(status, { error: { code: status } }));
    await expect(access).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
  });

  it("that is being created is asked for again later", async () => {
    const { access } = await open(() => json(200, {}));
    await expect(access).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("on a person's machine", () => {
  it("the SDK's own sign-in opens the cluster", async () => {
    const server = await start(() =>
      json(200, { cluster: { endpoint: "https://x.example", certificateAuthority: { data: CA } } }),
    );
    vi.stubEnv("AWS_ACCESS_KEY_ID", "ASIAPERSON0000000001");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "mine");
    vi.stubEnv("AWS_SESSION_TOKEN", "t");
    const credentials = openCredentials({
      home: "local",
      credentials: {},
      allowStaticCredentials: false,
      environment: {},
      clock: createFakeClock(),
    });
    const cluster = { provider: "eks", cluster: "demo", region: "us-west-2", eksUrl: server.url } as const;
    await openClusterAccess(cluster, credentials, createFakeClock());
    expect(server.asked[0]?.headers["authorization"]).toContain("Credential=ASIAPERSON0000000001/");
  });
});
