import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { isUnknownOutcome } from "../../../../shared/clusters/connections/errors.ts";
import type { KubeClient } from "../../../../shared/clusters/connections/types.ts";
import { clientOf, startStub, status, trainer, trainerObject } from "../../../support/kube-stub.ts";

const at = { uid: "u-1", resourceVersion: "41" };
const pod = { apiVersion: "v1", kind: "Pod", namespace: "ml", name: "trainer-x" };

describe("what goes over the wire", () => {
  it("a merge patch carries uid and version in its body and names its field manager", async () => {
    const stub = await startStub(() => ({ status: 200, body: trainerObject }));
    const patch = { metadata: { annotations: { a: "b", gone: null } }, spec: { replicas: 1 } };
    expect(await clientOf(stub).mergePatch(trainer, patch, at)).toEqual(trainerObject);
    expect(stub.seen).toMatchObject([
      {
        method: "PATCH",
        path: "/apis/apps/v1/namespaces/ml/deployments/trainer",
        query: { fieldManager: "genops-enforcer" },
        headers: {
          "content-type": "application/merge-patch+json",
          "user-agent": "genops/1.2.3 run=run-7",
          authorization: "Bearer secret-token",
        },
        body: {
          metadata: { annotations: { a: "b", gone: null }, uid: "u-1", resourceVersion: "41" },
          spec: { replicas: 1 },
        },
      },
    ]);
  });

  it("an apply is server-side, not forced, and leaves managedFields out", async () => {
    const stub = await startStub(() => ({ status: 201, body: trainerObject }));
    const object = { ...trainerObject, metadata: { ...trainerObject.metadata, managedFields: [{ manager: "x" }] } };
    await clientOf(stub).apply(object);
    await clientOf(stub).apply(object, { force: true });
    expect(stub.seen.map(({ query }) => query)).toEqual([
      { fieldManager: "genops-enforcer", force: "false" },
      { fieldManager: "genops-enforcer", force: "true" },
    ]);
    expect(stub.seen[0]).toMatchObject({
      method: "PATCH",
      headers: { "content-type": "application/apply-patch+yaml" },
    });
    expect(stub.seen[0]?.body).toEqual(trainerObject);
  });

  it("a scale is a PUT of a Scale with uid and version", async () => {
    const stub = await startStub(() => ({ status: 200 }));
    await clientOf(stub).scale(trainer, 0, at);
    expect(stub.seen).toMatchObject([
      {
        method: "PUT",
        path: "/apis/apps/v1/namespaces/ml/deployments/trainer/scale",
        body: {
          apiVersion: "autoscaling/v1",
          kind: "Scale",
          metadata: { name: "trainer", namespace: "ml", uid: "u-1", resourceVersion: "41" },
          spec: { replicas: 0 },
        },
      },
    ]);
  });

  it("a delete insists on the uid, and says whether there was something", async () => {
    const stub = await startStub((_, count) => (count === 1 ? { status: 200 } : status(404, "NotFound", "gone")));
    const client = clientOf(stub);
    expect(await client.delete(trainer, { uid: "u-1" })).toBe(true);
    expect(await client.delete(trainer, at)).toBe(false);
    expect(stub.seen.map(({ body }) => body)).toMatchObject([
      { kind: "DeleteOptions", preconditions: { uid: "u-1" }, propagationPolicy: "Background" },
      { preconditions: { uid: "u-1", resourceVersion: "41" } },
    ]);
  });

  it("a right is asked for with every attribute that was named", async () => {
    const stub = await startStub((_, count) => ({ status: 201, body: { status: { allowed: count === 1 } } }));
    const client = clientOf(stub);
    const review = { verb: "patch", group: "apps", resource: "deployments", namespace: "ml" };
    expect([await client.mayI(review), await client.mayI(review)]).toEqual([true, false]);
    expect(stub.seen[0]).toMatchObject({
      path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
      body: { kind: "SelfSubjectAccessReview", spec: { resourceAttributes: review } },
    });
  });

  it("an object comes back with every field, and undefined when it is not there", async () => {
    const stub = await startStub((_, count) =>
      count === 1 ? { status: 200, body: trainerObject } : status(404, "NotFound", "no"),
    );
    const client = clientOf(stub);
    expect([await client.get(trainer), await client.get(trainer)]).toEqual([trainerObject, undefined]);
  });

  it("a server that compresses is understood, and connections are kept", async () => {
    const body = gzipSync(JSON.stringify(trainerObject));
    const stub = await startStub(() => ({ status: 200, body, headers: { "content-encoding": "gzip" } }));
    const client = clientOf(stub);
    for (let i = 0; i < 3; i++) expect(await client.get(trainer)).toEqual(trainerObject);
    expect(stub.connections()).toBe(1);
    expect(stub.seen[0]?.headers["accept-encoding"]).toBe("gzip");
  });

  it("the version and kinds are those of the server", async () => {
    const stub = await startStub(({ path }) =>
      path === "/version" ? { status: 200, body: { gitVersion: "v1.37.2" } } : status(404, "NotFound", "none"),
    );
    const client = clientOf(stub);
    expect(await client.version()).toBe("v1.37.2");
    expect(await client.resource("apps/v1", "Deployment")).toEqual({
      apiVersion: "apps/v1",
      kind: "Deployment",
      plural: "deployments",
      namespaced: true,
    });
    expect(await client.resource("keda.sh/v1alpha1", "ScaledObject")).toBeUndefined();
    await expect(client.list("keda.sh/v1alpha1", "ScaledObject")).rejects.toMatchObject({
      code: "refused",
      message: "the cluster does not serve ScaledObject of keda.sh/v1alpha1 (source dev)",
    });
  });
});

describe("a client in dry run", () => {
  const writes: Readonly<Record<string, (client: KubeClient) => Promise<unknown>>> = {
    mergePatch: (client) => client.mergePatch(trainer, {}, at),
    apply: (client) => client.apply(trainerObject),
    scale: (client) => client.scale(trainer, 1, at),
    delete: (client) => client.delete(trainer, at),
    evict: (client) => client.evict(pod, "u-9"),
  };

  it.each(Object.entries(writes))("sends %s with dryRun=All and nothing without", async (name, write) => {
    const stub = await startStub(() => ({ status: 200, body: trainerObject }));
    await write(clientOf(stub, { dryRun: true }));
    await write(clientOf(stub));
    expect(stub.seen.map(({ query }) => query["dryRun"])).toEqual(["All", undefined]);
    // The server ignores the query of a delete that has a body.
    if (name === "delete")
      expect(stub.seen.map(({ body }) => body)).toMatchObject([{ dryRun: ["All"] }, { kind: "DeleteOptions" }]);
    expect(JSON.stringify(stub.seen[1])).not.toContain("dryRun");
  });
});

describe("a list", () => {
  const page = (names: string[], next?: string) => ({
    status: 200,
    body: { metadata: { continue: next }, items: names.map((name) => ({ metadata: { name } })) },
  });

  it("is read page by page and gives its items their kind", async () => {
    const stub = await startStub(({ query }) => (query["continue"] === "p2" ? page(["b"]) : page(["a"], "p2")));
    const found = await clientOf(stub).list("v1", "Pod", { namespace: "ml", labelSelector: "app=x" });
    expect(found.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(["Pod a", "Pod b"]);
    expect(stub.seen.map(({ path, query }) => [path, query])).toEqual([
      ["/api/v1/namespaces/ml/pods", { limit: "500", labelSelector: "app=x" }],
      ["/api/v1/namespaces/ml/pods", { limit: "500", continue: "p2", labelSelector: "app=x" }],
    ]);
  });

  it("begins again when the server has forgotten where it was", async () => {
    const expired = status(410, "Expired", "The provided continue parameter is too old");
    const stub = await startStub(({ query }, count) => {
      if (query["continue"] === undefined) return page(["a"], "p2");
      return count === 2 ? expired : page(["b"]);
    });
    expect((await clientOf(stub).list("v1", "Pod")).map(({ metadata }) => metadata.name)).toEqual(["a", "b"]);
    expect(stub.seen).toHaveLength(4);
  });

  it("is asked for at once when pages go out of date again and again", async () => {
    const stub = await startStub(({ query }) => {
      if (query["limit"] === undefined) return page(["a", "b"]);
      return query["continue"] === undefined ? page(["a"], "p2") : status(410, "Expired", "too old");
    });
    expect(await clientOf(stub).list("v1", "Pod")).toHaveLength(2);
    expect(stub.seen).toHaveLength(7);
  });
});

describe("an eviction", () => {
  const budget = { causes: [{ reason: "DisruptionBudget", message: "needs 1 healthy pods" }] };
  const refusal = "Cannot evict pod as it would violate the pod's disruption budget.";
  it.each([
    ["evicted", { status: 201 }, { outcome: "evicted" }],
    ["gone", status(404, "NotFound", "no pod"), { outcome: "gone" }],
    ["replaced by one of its name", status(409, "Conflict", "uid"), { outcome: "gone" }],
    ["blocked by a budget", status(429, "TooManyRequests", refusal, budget), { outcome: "blocked" }],
  ] as const)("says when the pod is %s", async (_, said, outcome) => {
    const stub = await startStub(() => said);
    expect(await clientOf(stub).evict(pod, "u-9")).toEqual(outcome);
    expect(stub.seen).toMatchObject([
      {
        path: "/api/v1/namespaces/ml/pods/trainer-x/eviction",
        body: { apiVersion: "policy/v1", kind: "Eviction", deleteOptions: { preconditions: { uid: "u-9" } } },
      },
    ]);
  });

  it("passes the budget's Retry-After on", async () => {
    const said = {
      ...(status(429, "TooManyRequests", refusal) as object),
      status: 429,
      headers: { "retry-after": "10" },
    };
    const stub = await startStub(() => said);
    expect(await clientOf(stub).evict(pod, "u-9")).toEqual({ outcome: "blocked", retryAfterMs: 10_000 });
  });

  it("is refused where two budgets overlap, and never becomes a delete", async () => {
    const text = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
    const stub = await startStub(() => status(500, "InternalError", text));
    const failure = clientOf(stub).evict(pod, "u-9");
    await expect(failure).rejects.toMatchObject({
      code: "refused",
      message: expect.stringContaining("more than one PodDisruptionBudget") as string,
    });
    expect(stub.seen.map(({ method }) => method)).toEqual(["POST"]);
    expect(await failure.catch(isUnknownOutcome)).toBe(false);
  });
});
