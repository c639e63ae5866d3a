import { expect } from "vitest";
import type { ControlPlane } from "../support/control-planes.ts";
import { type KubeResponse, kubeRequest } from "../support/kube-request.ts";
import { onGuardedPlanes } from "./guarded-planes.ts";
import { describePlanAndBack } from "./suites/plan-and-back.ts";

onGuardedPlanes({ prefix: "planned", human: true }, (name, targetOf, planeOf) =>
  describePlanAndBack(name, () => ({
    ...targetOf(),
    serviceAccount: (namespace, account) => tokenOf(planeOf(), namespace, account),
  })),
);

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
