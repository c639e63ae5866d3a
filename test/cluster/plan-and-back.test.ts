import { afterAll, beforeAll, describe, expect } from "vitest";
import { type ControlPlane, startControlPlane } from "../support/control-planes.ts";
import { type KubeResponse, kubeRequest } from "../support/kube-request.ts";
import { install } from "./suites/guard-rails.ts";
import { describePlanAndBack } from "./suites/plan-and-back.ts";
import { poll } from "./target.ts";

/** Clusters of this file's own: with our rights as shipped, people's actions included, and the guard. */
describe.each(["aws", "azure", "gcp"] as const)("with the rights as shipped, %s", (provider) => {
  let plane: ControlPlane | undefined;

  beforeAll(async () => {
    const started = await startControlPlane({ name: `planned-${provider}`, provider });
    plane = started;
    await install(
      { request: (method, path, body, user = "admin") => kubeRequest(started, method, path, body, user) },
      "standard",
      { human: true },
    );
  });
  afterAll(() => plane?.stop());

  describePlanAndBack(`a real control plane of ${provider}`, () => {
    if (plane === undefined) throw new Error("the control plane has not started");
    const { name, server, ca, tokens } = plane;
    const admin = plane;
    return {
      name,
      provider,
      server,
      certificateAuthority: ca,
      tokens,
      eventually: poll,
      serviceAccount: (namespace, account) => tokenOf(admin, namespace, account),
    };
  });
});

/** Of a new service account that may do everything, as a Git tool's. */
async function tokenOf(plane: ControlPlane, namespace: string, name: string): Promise<string> {
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  await made(kubeRequest(plane, "POST", accounts, { metadata: { name } }));
  await made(
    kubeRequest(plane, "POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", {
      metadata: { name: `${namespace}-${name}` },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
      subjects: [{ kind: "ServiceAccount", namespace, name }],
    }),
  );
  const { status } = await made(kubeRequest(plane, "POST", `${accounts}/${name}/token`, { spec: {} }));
  return typeof status === "object" ? String(status["token"]) : "";
}

async function made(answer: Promise<KubeResponse>) {
  const { status, body } = await answer;
  expect(status, body.message).toBe(201);
  return body;
}
