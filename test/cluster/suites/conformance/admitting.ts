import { expect, it } from "vitest";
import {
  configMap,
  deployment,
  job,
  namespace as namespaceObject,
  resourceQuota,
} from "../../../support/kube-objects.ts";
import type { KubeObject } from "../../../support/kube-server/types.ts";
import { collectionPath, type Lab, pathOf } from "../lab.ts";

const GROUP = "admissionregistration.k8s.io/v1";
const MESSAGE = "growth is frozen";

/** Quotas and admission policies. */
export function admitting(lab: () => Lab): void {
  it("refuses what a quota forbids, and leaves running pods alone", async () => {
    const { make, client, settled, pods, namespace, mergePatch } = lab();
    const object = deployment({ name: "quota", namespace, replicas: 2 });
    await make(object);
    await settled(object, ({ status }) => status?.["readyReplicas"] === 2);
    const quota = await make(
      resourceQuota({ name: "freeze", namespace, hard: { pods: "0", "count/jobs.batch": "0" } }),
    );
    await settled(quota, ({ status }) => (status?.["used"] as Record<string, string> | undefined)?.["pods"] === "2");
    expect(await pods("quota")).toHaveLength(2);
    const refused = job({ name: "refused", namespace });
    const answer = await client.call("POST", collectionPath(refused), { body: refused });
    expect([answer.status, answer.body["reason"]]).toEqual([403, "Forbidden"]);
    expect(answer.body["message"]).toContain(
      "exceeded quota: freeze, requested: count/jobs.batch=1, used: count/jobs.batch=0",
    );
    await mergePatch(object, { spec: { replicas: 3 } });
    const stuck = await settled(
      object,
      ({ status }) => status?.["observedGeneration"] === 2 && JSON.stringify(status).includes("ReplicaFailure"),
    );
    expect(stuck.status?.["replicas"]).toBe(2);
    await client.call("DELETE", pathOf(quota));
    await mergePatch(object, { spec: { replicas: 0 } });
    await settled(object, ({ status }) => (status?.["replicas"] ?? 0) === 0);
  });

  it("demands requests from every pod where a quota counts them", async () => {
    const { make, client, settled, namespace } = lab();
    const quota = await make(resourceQuota({ name: "cpu", namespace, hard: { "requests.cpu": "4" } }));
    await settled(quota, ({ status }) => status?.["used"] !== undefined);
    const containers = [{ name: "main", image: "registry.example/app:1" }];
    const body = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "unstated" },
      spec: { containers, automountServiceAccountToken: false },
    };
    const refused = () =>
      client.call("POST", `/api/v1/namespaces/${namespace}/pods`, { body, query: { dryRun: "All" } });
    const { body: status } = await lab().target.eventually(refused, (answer) =>
      String(answer.body["message"]).includes("quota"),
    );
    expect(status["message"]).toContain("must specify requests.cpu");
    await client.call("DELETE", pathOf(quota));
  });

  function policy(name: string, label: string): { policy: KubeObject; binding: KubeObject } {
    const rule = { apiGroups: ["apps"], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"] };
    return {
      policy: {
        apiVersion: GROUP,
        kind: "ValidatingAdmissionPolicy",
        metadata: { name },
        spec: {
          failurePolicy: "Fail",
          matchConstraints: { resourceRules: [{ ...rule, resources: ["deployments", "deployments/scale"] }] },
          validations: [
            {
              expression: "object.spec.replicas <= (oldObject == null ? 0 : oldObject.spec.replicas)",
              message: MESSAGE,
            },
          ],
        },
      },
      binding: {
        apiVersion: GROUP,
        kind: "ValidatingAdmissionPolicyBinding",
        metadata: { name },
        spec: {
          policyName: name,
          validationActions: ["Deny"],
          matchResources: { namespaceSelector: { matchLabels: { [label]: "yes" } } },
        },
      },
    };
  }

  it("denies by policy what grows, also through /scale, until the binding is gone", async () => {
    const { make, client, mergePatch, unique, target } = lab();
    const space = unique("frozen");
    const name = unique("policy");
    const label = `genops.ai/${name}`;
    target.teach?.(name, ({ object, oldObject }) => {
      const before = oldObject === undefined ? 0 : Number(oldObject.spec?.["replicas"]);
      return Number(object?.spec?.["replicas"]) <= before ? undefined : MESSAGE;
    });
    await make(namespaceObject(space, { labels: { [label]: "yes" } }));
    const object = deployment({ name: "growing", namespace: space, replicas: 1 });
    await make(object);
    const { policy: rule, binding } = policy(name, label);
    await make(rule);
    await make(binding);
    const grow = () => mergePatch(object, { spec: { replicas: 5 } }, { query: { dryRun: "All" } });
    const denied = await target.eventually(grow, ({ status }) => status !== 200);
    expect([denied.status, denied.body["reason"]]).toEqual([422, "Invalid"]);
    expect(denied.body["message"]).toContain(
      `ValidatingAdmissionPolicy '${name}' with binding '${name}' denied request: ${MESSAGE}`,
    );
    const patch = { patch: "merge", body: { spec: { replicas: 5 } } } as const;
    expect((await client.call("PATCH", `${pathOf(object)}/scale`, patch)).status).toBe(422);
    const fresh = deployment({ name: "new", namespace: space, replicas: 1 });
    expect((await client.call("POST", collectionPath(fresh), { body: fresh })).status).toBe(422);
    expect((await mergePatch(object, { spec: { replicas: 0 } })).status).toBe(200);
    const elsewhere = deployment({ name: "elsewhere", namespace: lab().namespace, replicas: 0 });
    await make(elsewhere);
    expect((await mergePatch(elsewhere, { spec: { replicas: 1 } })).status).toBe(200);
    await client.call("DELETE", pathOf(binding));
    expect((await target.eventually(grow, ({ status }) => status === 200)).status).toBe(200);
  });

  it("only warns where the binding says so, and refuses Warn beside Deny", async () => {
    const { make, client, mergePatch, unique, target } = lab();
    const space = unique("warned");
    const name = unique("policy");
    const label = `genops.ai/${name}`;
    target.teach?.(name, () => MESSAGE);
    await make(namespaceObject(space, { labels: { [label]: "yes" } }));
    const object = await make(deployment({ name: "warned", namespace: space, replicas: 0 }));
    const { policy: rule, binding } = policy(name, label);
    await make(rule);
    const spec = { ...binding.spec, validationActions: ["Warn", "Deny"] };
    const both = await client.call("POST", collectionPath(binding), { body: { ...binding, spec } });
    expect([both.status, both.body["reason"]]).toEqual([422, "Invalid"]);
    await make({ ...binding, spec: { ...binding.spec, validationActions: ["Warn", "Audit"] } });
    const grow = () => mergePatch(object, { spec: { replicas: 1 } }, { query: { dryRun: "All" } });
    const warned = await target.eventually(grow, ({ headers }) => headers["warning"] !== undefined);
    expect(warned.status).toBe(200);
    expect(String(warned.headers["warning"])).toContain(MESSAGE);
  });

  it("gives a policy the parameters that its binding names, and denies when they are missing", async () => {
    const { make, client, mergePatch, unique, target } = lab();
    const space = unique("params");
    const name = unique("policy");
    const label = `genops.ai/${name}`;
    target.teach?.(name, ({ object, params }) => {
      const limit = Number((params?.["data"] as Record<string, string> | undefined)?.["limit"]);
      return Number(object?.spec?.["replicas"]) <= limit ? undefined : MESSAGE;
    });
    await make(namespaceObject(space, { labels: { [label]: "yes" } }));
    const object = await make(deployment({ name: "limited", namespace: space, replicas: 0 }));
    const { policy: rule, binding } = policy(name, label);
    const validations = [{ expression: "object.spec.replicas <= int(params.data.limit)", message: MESSAGE }];
    await make({ ...rule, spec: { ...rule.spec, paramKind: { apiVersion: "v1", kind: "ConfigMap" }, validations } });
    const paramRef = { name: "limit", namespace: space, parameterNotFoundAction: "Deny" };
    await make({ ...binding, spec: { ...binding.spec, paramRef } });
    const scaleTo = (replicas: number) => mergePatch(object, { spec: { replicas } }, { query: { dryRun: "All" } });
    const denied = await target.eventually(
      () => scaleTo(1),
      ({ status }) => status !== 200,
    );
    expect(denied.status).toBe(422);
    await make(configMap({ name: "limit", namespace: space, data: { limit: "3" } }));
    expect(
      (
        await target.eventually(
          () => scaleTo(3),
          ({ status }) => status === 200,
        )
      ).status,
    ).toBe(200);
    expect((await scaleTo(4)).body["message"]).toContain(MESSAGE);
    await client.call("DELETE", pathOf(binding));
    expect(
      (
        await target.eventually(
          () => scaleTo(4),
          ({ status }) => status === 200,
        )
      ).status,
    ).toBe(200);
  });

  it("keeps the name rules of the API", async () => {
    const object = configMap({ name: "Not_A_Name", namespace: lab().namespace });
    const { status, body } = await lab().client.call("POST", collectionPath(object), { body: object });
    expect([status, body["reason"]]).toEqual([422, "Invalid"]);
  });
}
