import { afterEach, describe, expect, it } from "vitest";
import type { DoctorCheck } from "../../../../shared/usecases/doctor/check.ts";
import { shipped } from "../../../support/deploy-manifests.ts";
import { type KubeServer, type KubeServerOptions, startKubeServer } from "../../../support/kube-server/start.ts";
import { writeKubeconfig } from "../../../support/kubeconfig-file.ts";
import { createSigner } from "../../../support/self-signed.ts";
import { checkOf, examined, folders } from "./support.ts";

const running: KubeServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.close()));
  await folders.clean();
});

type Manifests = ReturnType<typeof shipped>;

async function start(manifests: Manifests = shipped("standard"), options: KubeServerOptions = {}): Promise<KubeServer> {
  const server = await startKubeServer({ authorization: "rbac", ...options });
  running.push(server);
  // What the guard's CEL says of the probe is proven on the real control plane (test/cluster).
  server.policies.register(
    ({ metadata }) => metadata.name === "genops-guard",
    ({ caller, object, name }) =>
      caller.groups.includes("genops:enforcer") && object?.kind === "ResourceQuota" && !name.startsWith("genops-")
        ? "GenOps makes, changes and deletes only quotas of its own"
        : undefined,
  );
  for (const manifest of manifests) server.apply(structuredClone(manifest) as Parameters<KubeServer["apply"]>[0]);
  server.apply({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "ml", labels: { "genops.ai/enforce": "throttle" } },
  });
  return server;
}

interface Asked {
  token?: string;
  certificateAuthority?: string;
  rights?: "standard" | "scale-only";
}

/** What the doctor says about one cluster, without the words before the colon. */
async function checked(server: KubeServer, asked: Asked = {}): Promise<Record<string, DoctorCheck[]>> {
  const { token = server.tokens.enforcer, certificateAuthority = server.certificateAuthority, rights } = asked;
  const kubeconfig = await writeKubeconfig(await folders.make(), {
    server: server.url,
    certificateAuthority,
    user: { token },
  });
  const cluster = { name: "dev", provider: "kubeconfig", kubeconfig, ...(rights === undefined ? {} : { rights }) };
  const checks = await examined(
    JSON.stringify({ lake: "file:./lake", sources: [], clusters: [cluster], allowStaticCredentials: true }),
  );
  const ours = checks.filter(({ what }) => what.startsWith("cluster dev: "));
  return Object.groupBy(ours, ({ what }) => what.replace("cluster dev: ", "")) as Record<string, DoctorCheck[]>;
}

describe("the doctor, of a cluster as shipped", () => {
  it("finds everything well, and stores nothing", async () => {
    const server = await start();
    const before = server.snapshot();
    const checks = await checked(server);
    expect(checks).toMatchObject({
      connection: [{ ok: true, detail: expect.stringMatching(/^Kubernetes v1\.\d+/) as string }],
      "opted in": [{ ok: true, detail: expect.stringMatching(/^1 of \d+ namespaces/) as string }],
      guard: [{ ok: true, detail: expect.stringContaining("holds this identity") as string }],
      rights: [{ ok: true, detail: expect.stringMatching(/^all \d+ rights of the mode standard/) as string }],
      "no other rights": [{ ok: true, detail: expect.stringMatching(/^none of \d+ rights/) as string }],
    });
    expect(Object.values(checks).flat()).toHaveLength(5);
    expect(server.snapshot()).toEqual(before);
  });

  it("asks only for rights of kinds that are served", async () => {
    const server = await start(shipped("standard"), { without: ["keda.sh", "karpenter.sh", "argoproj.io"] });
    expect((await checked(server))["rights"]).toMatchObject([{ ok: true }]);
    const asked = server.requests.filter(({ path }) => path.includes("selfsubjectaccessreviews"));
    expect(JSON.stringify(asked.map(({ body }) => body))).not.toContain("keda.sh");
  });

  it("knows the mode scale-only, whose guard cannot be tried", async () => {
    const server = await start(shipped("scale-only"));
    expect(await checked(server, { rights: "scale-only" })).toMatchObject({
      guard: [{ ok: true, checked: false }],
      rights: [{ ok: true, detail: expect.stringContaining("scale-only") as string }],
      "no other rights": [{ ok: true }],
    });
  });
});

describe("the doctor, of a cluster where something is wrong, says that", () => {
  it("rights are missing, each with its line and how to give it", async () => {
    const server = await start(shipped("scale-only"));
    const lines = (await checked(server))["rights"] ?? [];
    expect(lines.map(({ missing }) => missing)).toEqual(
      expect.arrayContaining(["patch deployments.apps", "create resourcequotas", "patch nodes"]),
    );
    expect(lines.every(({ ok, grant }) => !ok && grant?.includes("overlays/standard") === true)).toBe(true);
  });

  it("rights are given that must never be", async () => {
    const server = await start(
      shipped("standard").map((each) =>
        each.kind === "ClusterRole"
          ? { ...each, rules: [...(each.rules ?? []), { apiGroups: [""], resources: ["secrets"], verbs: ["get"] }] }
          : each,
      ),
    );
    expect((await checked(server))["no other rights"]).toMatchObject([
      { ok: false, detail: expect.stringContaining("we may get secrets") as string },
    ]);
  });

  it("the identity is a cluster administrator", async () => {
    const server = await start();
    const lines = (await checked(server, { token: server.tokens.admin }))["no other rights"] ?? [];
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.every(({ ok }) => !ok)).toBe(true);
  });

  it("the guard is missing: a failure for standard, a warning for scale-only", async () => {
    const without = (mode: "standard" | "scale-only") =>
      shipped(mode).filter(({ kind }) => !kind.startsWith("Validating"));
    const guard = (await checked(await start(without("standard"))))["guard"];
    expect(guard).toMatchObject([{ ok: false, missing: "the policy genops-guard" }]);
    const careful = (await checked(await start(without("scale-only")), { rights: "scale-only" }))["guard"];
    expect(careful).toMatchObject([{ ok: true, warning: true }]);
  });

  it("the guard is there and does not hold us", async () => {
    const server = await start();
    server.policies.register(
      ({ metadata }) => metadata.name === "genops-guard",
      () => undefined,
    );
    expect((await checked(server))["guard"]).toMatchObject([
      { ok: false, missing: "our group or user name in the guard" },
    ]);
  });

  it("no admission policies are served", async () => {
    const manifests = shipped("standard").filter(({ kind }) => !kind.startsWith("Validating"));
    const server = await start(manifests, { without: ["admissionregistration.k8s.io"] });
    expect(await checked(server)).toMatchObject({ guard: [{ ok: true, warning: true }], rights: [{ ok: true }] });
  });

  it("nobody has opted in", async () => {
    const server = await start();
    server.patch({ apiVersion: "v1", kind: "Namespace", name: "ml" }, { metadata: { labels: null } });
    expect((await checked(server))["opted in"]).toMatchObject([{ ok: true, warning: true }]);
  });

  it.each([
    ["the token is unknown", { token: "nobody" }, /^authentication: /],
    ["the certificate is another's", { certificateAuthority: "other" }, /^TLS: /],
  ])("%s", async (_, asked, detail) => {
    const server = await start();
    const authority = createSigner().certificate;
    const parts = "certificateAuthority" in asked ? { certificateAuthority: authority } : asked;
    const checks = await checked(server, parts);
    expect(checks).toMatchObject({ connection: [{ ok: false, detail: expect.stringMatching(detail) as string }] });
    expect(Object.keys(checks)).toEqual(["connection"]);
  });

  it("we may not even read kube-system", async () => {
    const server = await start([]);
    expect((await checked(server))["connection"]).toMatchObject([
      { ok: false, detail: expect.stringMatching(/^authorization: /) as string, missing: "get namespaces" },
    ]);
  });

  it("nothing listens", async () => {
    const server = await start();
    await server.disappear();
    expect((await checked(server))["connection"]).toMatchObject([
      { ok: false, detail: expect.stringMatching(/^TCP: /) as string },
    ]);
  });

  it("a snapshot is never written", async () => {
    const cluster = { name: "dev", provider: "snapshot", location: "./objects.json" };
    const checks = await examined(JSON.stringify({ lake: "file:./lake", sources: [], clusters: [cluster] }));
    expect(checkOf(checks, "cluster dev")).toMatchObject({ ok: true, checked: false });
  });
});
