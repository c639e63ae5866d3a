import { expect, it } from "vitest";
import { configMap } from "../../../support/kube-objects.ts";
import { type Lab, pathOf } from "../lab.ts";

const RBAC = "rbac.authorization.k8s.io";

/** Who may what. */
export function access(lab: () => Lab): void {
  const reviewOf = async (token: string, resourceAttributes: object) => {
    const body = {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SelfSubjectAccessReview",
      spec: { resourceAttributes },
    };
    const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    const answer = await lab().client.call("POST", path, { body, token });
    expect(answer.status).toBe(201);
    return (answer.body.status as { allowed: boolean }).allowed;
  };

  it("answers 401 to a token that it does not know", async () => {
    const { status, body } = await lab().client.call("GET", "/api/v1/namespaces", { token: "nobody" });
    expect([status, body["reason"]]).toEqual([401, "Unauthorized"]);
  });

  it("answers 403 to somebody who may not, naming who wanted what", async () => {
    const { client, make, namespace, target } = lab();
    const object = await make(configMap({ name: "secretive", namespace }));
    const token = target.tokens.enforcer;
    const { status, body } = await client.call("PATCH", pathOf(object), {
      token,
      patch: "merge",
      body: { data: { a: "1" } },
    });
    expect([status, body["reason"]]).toEqual([403, "Forbidden"]);
    const why = `configmaps "secretive" is forbidden: User "genops-enforcer" cannot patch resource "configmaps" in API group "" in the namespace "${namespace}"`;
    expect(body["message"]).toContain(why);
    expect((await client.call("GET", `/api/v1/namespaces/${namespace}/configmaps`, { token })).status).toBe(403);
  });

  it("lets the person do everything", async () => {
    const { target } = lab();
    expect(
      await reviewOf(target.tokens.person, {
        verb: "delete",
        group: "apps",
        resource: "deployments",
        namespace: "default",
      }),
    ).toBe(true);
  });

  it("gives by role and binding exactly what they say, and SelfSubjectAccessReview tells it", async () => {
    const { client, make, namespace, target, mergePatch, unique } = lab();
    const token = target.tokens.enforcer;
    const object = await make(configMap({ name: "granted", namespace }));
    await make(configMap({ name: "other", namespace }));
    const rules = [
      { apiGroups: [""], resources: ["configmaps"], verbs: ["get", "patch"], resourceNames: ["granted"] },
      { apiGroups: ["apps"], resources: ["deployments/scale"], verbs: ["update"] },
    ];
    const role = { apiVersion: `${RBAC}/v1`, kind: "Role", metadata: { name: unique("role"), namespace }, rules };
    const roleRef = { apiGroup: RBAC, kind: "Role", name: role.metadata.name };
    const subjects = [{ apiGroup: RBAC, kind: "Group", name: "genops:enforcer" }];
    await make(role);
    await make({ ...role, kind: "RoleBinding", roleRef, subjects, rules: undefined });
    const granted = () => reviewOf(token, { verb: "patch", resource: "configmaps", namespace, name: "granted" });
    expect(await target.eventually(granted, (yes) => yes)).toBe(true);
    expect((await mergePatch(object, { data: { a: "1" } }, { token })).status).toBe(200);
    expect(await reviewOf(token, { verb: "patch", resource: "configmaps", namespace, name: "other" })).toBe(false);
    expect(
      await reviewOf(token, { verb: "patch", resource: "configmaps", namespace: "default", name: "granted" }),
    ).toBe(false);
    const scale = { verb: "update", group: "apps", resource: "deployments", subresource: "scale", namespace };
    expect(await reviewOf(token, scale)).toBe(true);
    expect(await reviewOf(token, { ...scale, subresource: "" })).toBe(false);
    expect(await reviewOf(token, { verb: "list", resource: "configmaps", namespace })).toBe(false);
    const path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
    const body = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectRulesReview", spec: { namespace } };
    const told = (await client.call("POST", path, { body, token })).body.status as { resourceRules: object[] };
    expect(told.resourceRules).toEqual(expect.arrayContaining([expect.objectContaining(rules[1] ?? {})]));
  });

  it("asks for `create` too when an apply would create", async () => {
    const { client, make, namespace, target, unique } = lab();
    const token = target.tokens.enforcer;
    const rules = [{ apiGroups: [""], resources: ["services"], verbs: ["patch"] }];
    const role = { apiVersion: `${RBAC}/v1`, kind: "Role", metadata: { name: unique("role"), namespace }, rules };
    await make(role);
    const roleRef = { apiGroup: RBAC, kind: "Role", name: role.metadata.name };
    const subjects = [{ apiGroup: RBAC, kind: "User", name: "genops-enforcer" }];
    await make({ ...role, kind: "RoleBinding", roleRef, subjects, rules: undefined });
    await target.eventually(
      () => reviewOf(token, { verb: "patch", resource: "services", namespace }),
      (yes) => yes,
    );
    const body = { apiVersion: "v1", kind: "Service", metadata: { name: "made" }, spec: { ports: [{ port: 80 }] } };
    const options = { token, body, patch: "apply", query: { fieldManager: "genops" } } as const;
    const { status } = await client.call("PATCH", `/api/v1/namespaces/${namespace}/services/made`, options);
    expect(status).toBe(403);
  });
}
