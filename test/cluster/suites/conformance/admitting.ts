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
import type { CallOptions } from "../raw-client.ts";

const GROUP = "admissionregistration.k8s.io/v1";
const MESSAGE = "growth is frozen";

function wants(object: string): string {
  return `has(${object}.spec.replicas) ? ${object}.spec.replicas : (request.subResource == 'scale' ? 0 : 1)`;
}

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
          variables: [
            { name: "wants", expression: wants("object") },
            { name: "had", expression: `oldObject == null ? 0 : (${wants("oldObject")})` },
          ],
          validations: [
            {
              expression: "variables.wants <= variables.had",
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

  /** One policy after the other on a ConfigMap; what each says to a patch of it, tried in a dry run. */
  async function verdicts(
    rules: Readonly<Record<string, object>>,
    options: CallOptions = {},
  ): Promise<Record<string, string>> {
    const { make, client, mergePatch, unique, target } = lab();
    const space = unique("verdicts");
    const label = `genops.ai/${space}`;
    await make(namespaceObject(space, { labels: { [label]: "yes" } }));
    const object = await make(
      configMap({ name: "judged", namespace: space, data: { a: "1" }, labels: { team: "ml" } }),
    );
    const rule = { apiGroups: [""], apiVersions: ["v1"], operations: ["UPDATE"], resources: ["configmaps"] };
    const patch = () =>
      mergePatch(object, { data: { b: "2" } }, { ...options, query: { dryRun: "All", ...options.query } });
    const found: Record<string, string> = {};
    for (const [title, spec] of Object.entries(rules)) {
      const name = unique("policy");
      const metadata = { name };
      const matchConstraints = { resourceRules: [rule] };
      await make({
        apiVersion: GROUP,
        kind: "ValidatingAdmissionPolicy",
        metadata,
        spec: { matchConstraints, ...spec },
      });
      const binding: KubeObject = {
        apiVersion: GROUP,
        kind: "ValidatingAdmissionPolicyBinding",
        metadata,
        spec: {
          policyName: name,
          validationActions: ["Deny"],
          matchResources: { namespaceSelector: { matchLabels: { [label]: "yes" } } },
        },
      };
      await make(binding);
      const { status, body } = await target.eventually(patch, (answer) => answer.status !== 200);
      found[title] = `${status} ${String(body["message"]).split("denied request: ")[1] ?? ""}`;
      await client.call("DELETE", pathOf(binding));
      await target.eventually(patch, (answer) => answer.status === 200);
    }
    return found;
  }

  const rule = (expression: string, more: object = {}) => ({ validations: [{ expression, ...more }] });
  /** Every one is true, so that its opposite is denied. */
  const TRUE = [
    "object.data.size() == 2 && size(object.data['b']) == 1",
    "object.data.all(key, key in ['a', 'b']) && !object.data.exists(key, key == 'c')",
    "[1, 2, 3].filter(n, n > 1).map(n, n * 2) == [4, 6]",
    "oldObject.data == {'a': '1'} && object.data != oldObject.data",
    "has(object.metadata.labels) && !has(object.metadata.annotations) && 'team' in object.metadata.labels",
    "object.metadata.labels['team'].startsWith('m') && object.metadata.name.matches('^jud.*d$')",
    "(int(object.data.a) + 2 * 3 - 1) % 4 == 2 && 7 / 2 == 3",
    "request.operation == 'UPDATE' && request.resource.resource == 'configmaps' && request.resource.group == ''",
    "request.userInfo.username == 'admin' && 'system:masters' in request.userInfo.groups",
    "!has(request.options.fieldManager) || request.options.fieldManager != 'nobody'",
    "namespaceObject.metadata.name == request.namespace && request.name == 'judged'",
    "(object.data.a == '1' ? 'x' + 'y' : 'z') == \"xy\"",
    "object.data.missing == 'x' || object.data.a == '1'",
    "!(object.data.missing == 'x' && object.data.a == '2')",
  ];

  it("reads expressions as CEL has them", async () => {
    const opposites = Object.fromEntries(
      TRUE.map((text, index) => [text, rule(`!(${text})`, { message: `no ${index}` })]),
    );
    const wished = Object.fromEntries(TRUE.map((text, index) => [text, `422 no ${index}`]));
    expect(await verdicts(opposites)).toEqual(wished);
  });

  it("takes an error for a denial unless the policy ignores failures, and a reason for what is answered", async () => {
    const found = await verdicts({
      plain: rule("object.data.a == '2'"),
      forbidden: rule("false", { message: "no", reason: "Forbidden" }),
      told: rule("false", { messageExpression: "'b is ' + object.data.b", message: "no" }),
      missing: rule("object.data.missing == 'x'"),
      ignored: {
        failurePolicy: "Ignore",
        validations: [{ expression: "object.data.missing == 'x'" }, { expression: "false", message: "second" }],
      },
      conditional: {
        matchConditions: [{ name: "is", expression: "request.name == 'judged'" }],
        ...rule("false", { message: "matched" }),
      },
    });
    expect(found).toEqual({
      plain: "422 failed expression: object.data.a == '2'",
      forbidden: "403 no",
      told: "422 b is 2",
      missing: "422 expression 'object.data.missing == 'x'' resulted in error: no such key: missing",
      ignored: "422 second",
      conditional: "422 matched",
    });
  });

  it("sees an apply that creates as CREATE, a deletion with what was there, an eviction as its own request", async () => {
    const { make, client, unique, target } = lab();
    const space = unique("operations");
    const label = `genops.ai/${space}`;
    await make(namespaceObject(space, { labels: { [label]: "yes" } }));
    const kept = await make(configMap({ name: "kept", namespace: space, labels: { keep: "yes" } }));
    const loose = await make(configMap({ name: "loose", namespace: space, labels: { keep: "no" } }));
    await make(deployment({ name: "app", namespace: space }));
    const pods = async () => {
      const { body } = await client.call("GET", `/api/v1/namespaces/${space}/pods`);
      return body["items"] as KubeObject[];
    };
    const [pod] = await target.eventually(pods, ([each]) => each?.status?.["phase"] === "Running");
    const name = unique("policy");
    const rule = { apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*/*"] };
    const expression = [
      "request.operation == 'DELETE' && request.resource.resource == 'configmaps' && oldObject.metadata.labels['keep'] == 'yes'",
      "request.operation == 'CREATE' && request.resource.resource == 'configmaps' && oldObject == null",
      "request.operation == 'CREATE' && request.resource.resource == 'pods' && request.subResource == 'eviction' && object.kind == 'Eviction'",
    ].join(" || ");
    const validations = [{ expression: `!(${expression})`, message: MESSAGE }];
    const spec = { matchConstraints: { resourceRules: [rule] }, validations };
    await make({ apiVersion: GROUP, kind: "ValidatingAdmissionPolicy", metadata: { name }, spec });
    const { binding } = policy(name, label);
    await make(binding);
    const remove = (object: KubeObject) => client.call("DELETE", pathOf(object), { query: { dryRun: "All" } });
    const denied = await target.eventually(
      () => remove(kept),
      ({ status }) => status !== 200,
    );
    expect([denied.status, denied.body["message"]]).toEqual([422, expect.stringContaining(MESSAGE)]);
    expect((await remove(loose)).status).toBe(200);
    const fresh = configMap({ name: "fresh", namespace: space });
    const apply = { patch: "apply", query: { fieldManager: "git" } } as const;
    expect((await client.call("PATCH", pathOf(fresh), { ...apply, body: fresh })).status).toBe(422);
    const changed = { ...configMap({ name: "loose", namespace: space }), data: { a: "1" } };
    expect((await client.call("PATCH", pathOf(loose), { ...apply, body: changed })).status).toBe(200);
    const victim = { name: pod?.metadata.name, namespace: space };
    const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: victim };
    const path = `/api/v1/namespaces/${space}/pods/${victim.name}/eviction`;
    expect((await client.call("POST", path, { body: eviction })).status).toBe(422);
    await client.call("DELETE", pathOf(binding));
    const evict = () => client.call("POST", path, { body: eviction });
    expect((await target.eventually(evict, ({ status }) => status === 201)).status).toBe(201);
  });

  it("keeps the name rules of the API", async () => {
    const object = configMap({ name: "Not_A_Name", namespace: lab().namespace });
    const { status, body } = await lab().client.call("POST", collectionPath(object), { body: object });
    expect([status, body["reason"]]).toEqual([422, "Invalid"]);
  });
}
