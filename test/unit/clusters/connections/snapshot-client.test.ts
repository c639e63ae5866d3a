import { describe, expect, it } from "vitest";
import { createSnapshotClient } from "../../../../shared/clusters/connections/snapshot-client.ts";
import { trainer, trainerObject } from "../../../support/kube-stub.ts";

const pods = {
  kind: "PodList",
  apiVersion: "v1",
  items: [
    { metadata: { name: "a", namespace: "ml", labels: { app: "x", tier: "gpu" } }, status: { phase: "Running" } },
    { metadata: { name: "b", namespace: "ml", labels: { app: "y" } }, status: { phase: "Pending" } },
    { metadata: { name: "a", namespace: "web" } },
  ],
};
const list = {
  apiVersion: "v1",
  kind: "List",
  items: [trainerObject, { apiVersion: "v1", kind: "Node", metadata: { name: "n" } }],
};

function open(text: string) {
  return createSnapshotClient({ cluster: "old", file: "dump.yaml", text });
}

describe("a snapshot", () => {
  const client = open(
    JSON.stringify({
      kind: "List",
      apiVersion: "v1",
      items: [...list.items, ...pods.items.map((item) => ({ apiVersion: "v1", kind: "Pod", ...item }))],
    }),
  );

  it("gives its objects as they stand in the file", async () => {
    expect(await client.get(trainer)).toEqual(trainerObject);
    expect(await client.get({ ...trainer, namespace: "other" })).toBeUndefined();
    expect(await client.get({ apiVersion: "v1", kind: "Node", name: "n" })).toBeDefined();
    expect(await client.resource("apps/v1", "Deployment")).toMatchObject({ plural: "deployments", namespaced: true });
    expect(await client.resource("v1", "Node")).toMatchObject({ plural: "nodes", namespaced: false });
    expect(await client.resource("batch/v1", "Job")).toBeUndefined();
    expect(await client.version()).toBe("snapshot");
  });

  it.each([
    [{}, 3],
    [{ namespace: "ml" }, 2],
    [{ labelSelector: "app=x,tier" }, 1],
    [{ labelSelector: "app in (x, y)" }, 2],
    [{ labelSelector: "app notin (x)" }, 2],
    [{ labelSelector: "app!=x" }, 2],
    [{ labelSelector: "!app" }, 1],
    [{ fieldSelector: "status.phase=Running" }, 1],
    [{ fieldSelector: "status.phase!=Running,metadata.namespace=ml" }, 1],
  ])("selects like a server: %j", async (options, count) => {
    expect(await client.list("v1", "Pod", options)).toHaveLength(count);
  });

  it("can be read and not written", async () => {
    const at = { uid: "u-1", resourceVersion: "41" };
    const refused = { code: "refused", message: expect.stringContaining("old is a snapshot (dump.yaml)") as string };
    await expect(client.mergePatch(trainer, {}, at)).rejects.toMatchObject(refused);
    await expect(client.apply(trainerObject)).rejects.toMatchObject(refused);
    await expect(client.scale(trainer, 1, at)).rejects.toMatchObject(refused);
    await expect(client.delete(trainer, at)).rejects.toMatchObject(refused);
    await expect(client.evict(trainer, "u")).rejects.toMatchObject(refused);
    const rights = ["list", "patch"].map((verb) => client.mayI({ verb, group: "apps", resource: "deployments" }));
    expect(await Promise.all(rights)).toEqual([true, false]);
  });

  it("may be YAML documents, Lists of one kind among them", async () => {
    const text = `---\napiVersion: v1\nkind: Namespace\nmetadata: { name: ml }\n---\n${JSON.stringify(pods)}\n---\n`;
    expect(await open(text).list("v1", "Pod")).toHaveLength(3);
    expect(await open(text).get({ apiVersion: "v1", kind: "Namespace", name: "ml" })).toBeDefined();
  });

  it.each([
    ["{", "not JSON"],
    ["a: [", "not YAML"],
    ["just text", "document 1 is neither a Kubernetes object nor a List"],
    [JSON.stringify({ kind: "List", items: [{}] }), "document 1 is neither"],
    ["a: &a [1]\nb: *a", "alias"],
  ])("that is none is refused: %s", (text, message) => {
    expect(() => open(text)).toThrow(new RegExp(message, "i"));
  });
});
