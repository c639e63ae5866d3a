import { expect, it } from "vitest";
import { configMap, deployment } from "../../../support/kube-objects.ts";
import { asObject, collectionPath, type Lab, pathOf } from "../lab.ts";

/** Discovery, creation, lists. */
export function reading(lab: () => Lab): void {
  it("tells what it serves", async () => {
    const { client } = lab();
    const [core, groups, apps, version] = await Promise.all(
      ["/api/v1", "/apis", "/apis/apps/v1", "/version"].map((path) => client.call("GET", path)),
    );
    const names = (body: unknown) => (body as { resources: { name: string }[] }).resources.map(({ name }) => name);
    expect(names(core?.body)).toEqual(expect.arrayContaining(["pods", "pods/eviction", "nodes", "resourcequotas"]));
    expect(names(apps?.body)).toEqual(
      expect.arrayContaining(["deployments", "deployments/scale", "deployments/status"]),
    );
    const served = ((groups?.body["groups"] ?? []) as { name: string }[]).map(({ name }) => name);
    expect(served).toEqual(expect.arrayContaining(["apps", "batch", "policy", "keda.sh", "karpenter.sh"]));
    expect(version?.body["gitVersion"]).toMatch(/^v1\.\d+\.\d+/);
  });

  it("marks the kinds of a namespace and the kinds that scale", async () => {
    const { body } = await lab().client.call("GET", "/apis/apps/v1");
    const rows = body["resources"] as { name: string; namespaced: boolean; kind: string; group?: string }[];
    expect(rows.find(({ name }) => name === "deployments")).toMatchObject({ namespaced: true, kind: "Deployment" });
    expect(rows.find(({ name }) => name === "deployments/scale")).toMatchObject({
      kind: "Scale",
      group: "autoscaling",
    });
  });

  it("answers 404 for a group that it does not serve", async () => {
    expect((await lab().client.call("GET", "/apis/nobody.example.com/v1")).status).toBe(404);
  });

  it("says that it is ready, also to somebody without a token", async () => {
    expect((await lab().client.call("GET", "/readyz", { token: "" })).status).not.toBe(404);
    expect((await lab().client.call("GET", "/readyz")).body["text"]).toBe("ok");
  });

  it("gives a new object uid, version, generation and time", async () => {
    const { metadata } = await lab().make(deployment({ name: "new", namespace: lab().namespace, replicas: 0 }));
    expect(metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(Number(metadata.resourceVersion)).toBeGreaterThan(0);
    expect(metadata.generation).toBe(1);
    expect(metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  it("fills in what was left out", async () => {
    const { namespace, make } = lab();
    const object = deployment({ name: "defaults", namespace });
    delete object.spec?.["replicas"];
    const made = await make(object);
    expect(made.spec).toMatchObject({ replicas: 1, revisionHistoryLimit: 10, strategy: { type: "RollingUpdate" } });
  });

  it("answers 409 AlreadyExists for a name that is taken, 404 for what is not there", async () => {
    const { client, namespace, make } = lab();
    const object = configMap({ name: "taken", namespace });
    await make(object);
    const again = await client.call("POST", collectionPath(object), { body: object });
    expect([again.status, again.body["reason"]]).toEqual([409, "AlreadyExists"]);
    const missing = await client.call("GET", pathOf(configMap({ name: "missing", namespace })));
    expect([missing.status, missing.body["reason"]]).toEqual([404, "NotFound"]);
  });

  it("answers 404 for an object of a namespace that is not there", async () => {
    const object = configMap({ name: "a", namespace: "no-such-namespace" });
    const { status, body } = await lab().client.call("POST", collectionPath(object), { body: object });
    expect([status, body["reason"]]).toEqual([404, "NotFound"]);
  });

  it("lists in pages that show one moment, each object once", async () => {
    const { client, namespace, make } = lab();
    for (const index of [1, 2, 3, 4, 5])
      await make(configMap({ name: `page-${index}`, namespace, labels: { page: "1" } }));
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    const query = { limit: "2", labelSelector: "page=1" };
    const names: string[] = [];
    let next = "";
    do {
      const page = await client.call("GET", path, { query: next === "" ? query : { ...query, continue: next } });
      expect(page.status).toBe(200);
      names.push(...(page.body["items"] as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name));
      next = String((page.body.metadata as { continue?: string } | undefined)?.continue ?? "");
    } while (next !== "");
    expect(names).toEqual(["page-1", "page-2", "page-3", "page-4", "page-5"]);
  });

  it("answers 400 to a place in a list that it never gave", async () => {
    const path = `/api/v1/namespaces/${lab().namespace}/configmaps`;
    expect((await lab().client.call("GET", path, { query: { limit: "1", continue: "nonsense" } })).status).toBe(400);
  });

  it("selects pods by their phase and by their node", async () => {
    const { make, settled, client, namespace, pods } = lab();
    const object = deployment({ name: "phases", namespace, replicas: 1 });
    await make(object);
    await settled(object, ({ status }) => status?.["readyReplicas"] === 1);
    const [pod] = await pods("phases");
    const count = async (fieldSelector: string) => {
      const { body } = await client.call("GET", `/api/v1/namespaces/${namespace}/pods`, {
        query: { fieldSelector, labelSelector: "app=phases" },
      });
      return (body["items"] as unknown[]).length;
    };
    expect(await count("status.phase=Running")).toBe(1);
    expect(await count("status.phase!=Running")).toBe(0);
    expect(await count(`spec.nodeName=${String(pod?.spec?.["nodeName"])}`)).toBe(1);
    expect(
      (await client.call("GET", `/api/v1/namespaces/${namespace}/pods`, { query: { fieldSelector: "spec.no=1" } }))
        .status,
    ).toBe(400);
  });

  it("selects by labels and by the name", async () => {
    const { client, namespace, make } = lab();
    await make(configMap({ name: "red", namespace, labels: { colour: "red", size: "s" } }));
    await make(configMap({ name: "blue", namespace, labels: { colour: "blue" } }));
    const found = async (query: Record<string, string>) => {
      const { body } = await client.call("GET", `/api/v1/namespaces/${namespace}/configmaps`, { query });
      return (body["items"] as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name);
    };
    expect(await found({ labelSelector: "colour=red" })).toEqual(["red"]);
    expect(await found({ labelSelector: "colour in (red,blue),!size" })).toEqual(["blue"]);
    expect(await found({ labelSelector: "colour,colour!=red" })).toEqual(["blue"]);
    expect(await found({ labelSelector: "colour notin (blue),size" })).toEqual(["red"]);
    expect(await found({ fieldSelector: "metadata.name=blue" })).toEqual(["blue"]);
  });

  it("makes the rest of a generated name", async () => {
    const { client, namespace } = lab();
    const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { generateName: "gen-" } };
    const made = await client.call("POST", `/api/v1/namespaces/${namespace}/configmaps`, { body });
    expect(asObject(made.body).metadata.name).toMatch(/^gen-[a-z0-9]+$/);
  });
}
