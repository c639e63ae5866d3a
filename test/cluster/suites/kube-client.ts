import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isUnknownOutcome, kubeFailureOf } from "../../../shared/clusters/connections/errors.ts";
import { createKubeClient } from "../../../shared/clusters/connections/kube-client.ts";
import type { KubeClient, KubeObject, ObjectName } from "../../../shared/clusters/connections/types.ts";
import { checkCluster } from "../../../shared/clusters/health/check-cluster.ts";
import { preflight } from "../../../shared/clusters/health/preflight.ts";
import { rightsFor } from "../../../shared/clusters/health/rights.ts";
import { GenOpsError } from "../../../shared/core/errors.ts";
import { inParallel } from "../../../shared/core/in-parallel.ts";
import { createSystemClock, createSystemRandomness } from "../../../shared/platforms/local/system.ts";
import type { ClusterTarget } from "../target.ts";

const NAMESPACE = `client-${process.pid}`;
const MANY = 510;

const namespace: KubeObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } };

function deployment(name: string, replicas: number): KubeObject {
  const labels = { app: name };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: NAMESPACE },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "c", image: "registry.example/c:1" }] } },
    },
  };
}

function configMap(name: string, data: Readonly<Record<string, string>> = {}): KubeObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: NAMESPACE }, data };
}

/** Suspended at first: nothing but us touches it, until midnight of New Year's Eve at least. */
function cronJob(name: string, suspend: boolean): KubeObject {
  const spec = { restartPolicy: "Never", containers: [{ name: "c", image: "registry.example/c:1" }] };
  const jobTemplate = { spec: { template: { spec } } };
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name, namespace: NAMESPACE },
    spec: { schedule: "0 0 31 12 *", concurrencyPolicy: "Forbid", suspend, jobTemplate },
  };
}

function budget(name: string, minAvailable: number): KubeObject {
  const metadata = { name, namespace: NAMESPACE };
  const spec = { minAvailable, selector: { matchLabels: { app: name } } };
  return { apiVersion: "policy/v1", kind: "PodDisruptionBudget", metadata, spec };
}

function nameOf({ apiVersion, kind, metadata }: KubeObject): ObjectName {
  const { name, namespace: inside } = metadata;
  return { apiVersion, kind, name, ...(inside === undefined ? {} : { namespace: inside }) };
}

function preconditionsOf({ metadata: { uid = "", resourceVersion = "" } }: KubeObject) {
  return { uid, resourceVersion };
}

async function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}

async function failureOf(work: Promise<unknown>): Promise<GenOpsError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof GenOpsError) return error;
  throw new Error(`expected a GenOpsError, got ${String(error)}`);
}

/** What our client promises (`KubeClient`), on the fake server and on the real control planes alike. */
export function kubeClientContract(name: string, target: () => ClusterTarget): void {
  const open = (token: keyof ClusterTarget["tokens"] | "wrong" = "admin", dryRun = false): KubeClient => {
    const { server, certificateAuthority, tokens, name: cluster } = target();
    const value = token === "wrong" ? "nobody-knows-this" : tokens[token];
    return createKubeClient({
      cluster,
      access: { server, certificateAuthority, token: async () => ({ value, expiresAt: new Date(8.64e15) }) },
      clock: createSystemClock(),
      randomness: createSystemRandomness(),
      dryRun,
      version: "test",
      runId: "contract",
    });
  };
  const there = async (object: KubeObject): Promise<KubeObject> => {
    const found = await open().get(nameOf(object));
    if (found === undefined) throw new Error(`${object.metadata.name} is not there`);
    return found;
  };

  const scaleNow = async (client: KubeClient, object: KubeObject, replicas: number): Promise<void> =>
    client.scale(nameOf(object), replicas, preconditionsOf(await there(object)));

  describe(`our client on ${name}`, () => {
    beforeAll(async () => {
      await open().apply(namespace);
      await target().eventually(
        () => open().get({ apiVersion: "v1", kind: "ServiceAccount", namespace: NAMESPACE, name: "default" }),
        (account) => account !== undefined || target().teach !== undefined,
      );
    });
    afterAll(async () => {
      const { uid = "" } = (await there(namespace)).metadata;
      await open().delete(nameOf(namespace), { uid });
    });

    it("discovers kinds and the version, and knows what is not served or not there", async () => {
      const client = open();
      expect(await client.version()).toMatch(/^v1\.\d+/);
      expect(await client.resource("apps/v1", "Deployment")).toMatchObject({ plural: "deployments", namespaced: true });
      expect(await client.resource("v1", "Node")).toMatchObject({ plural: "nodes", namespaced: false });
      expect(await client.resource("no.such/v1", "Thing")).toBeUndefined();
      expect(await client.get({ ...nameOf(configMap("none")) })).toBeUndefined();
      expect((await failureOf(client.list("no.such/v1", "Thing"))).code).toBe("refused");
    });

    it("patches exactly the version and the object that were read", async () => {
      const client = open();
      const made = await client.apply(cronJob("patched", true));
      const read = await there(made);
      const changed = await client.mergePatch(nameOf(made), { spec: { suspend: null } }, preconditionsOf(read));
      expect(changed["spec"]).toMatchObject({ suspend: false });
      expect(changed.metadata.managedFields?.map(({ manager }) => manager)).toContain("genops-enforcer");

      const again = { spec: { suspend: true } };
      const stale = await failureOf(client.mergePatch(nameOf(made), again, preconditionsOf(read)));
      expect([stale.code, isUnknownOutcome(stale)]).toEqual(["conflict", false]);
      const { resourceVersion = "" } = (await there(made)).metadata;
      const foreign = { uid: "00000000-0000-4000-8000-000000000000", resourceVersion };
      expect((await failureOf(client.mergePatch(nameOf(made), again, foreign))).code).toBe("conflict");
      const gone = { ...nameOf(made), name: "gone" };
      expect((await failureOf(client.mergePatch(gone, {}, foreign))).code).toBe("conflict");
      expect((await there(made))["spec"]).toMatchObject({ suspend: false });
    });

    it("applies its own fields and does not take others' without force", async () => {
      const client = open();
      await client.apply(configMap("applied", { a: "1" }));
      await client.apply(configMap("applied", { a: "2" }));
      const read = await there(configMap("applied"));
      expect(read["data"]).toEqual({ a: "2" });
      // Read back with its managedFields, it can be applied as it is.
      await client.apply(read);
      await client.mergePatch(nameOf(read), { data: { b: "theirs" } }, { uid: read.metadata.uid ?? "" });
      expect((await there(read))["data"]).toEqual({ a: "2", b: "theirs" });
    });

    it("scales with the version that was read", async () => {
      const client = open();
      const made = await client.apply(deployment("scaled", 2));
      const read = preconditionsOf(made);
      // Its controller may change it at any time: then it is read again.
      await target().eventually(() => succeeds(scaleNow(client, made, 1)), Boolean);
      expect((await there(made))["spec"]).toMatchObject({ replicas: 1 });
      expect((await failureOf(client.scale(nameOf(made), 0, read))).code).toBe("conflict");
      const wrong = client.mergePatch(nameOf(made), { spec: { replicas: -1 } }, { uid: read.uid });
      expect((await failureOf(wrong)).code).toBe("refused");
    });

    it("deletes only the object that is meant, and says when there was none", async () => {
      const client = open();
      const made = await client.apply(configMap("deleted"));
      const other = { uid: "00000000-0000-4000-8000-000000000000" };
      expect((await failureOf(client.delete(nameOf(made), other))).code).toBe("conflict");
      const { uid = "" } = made.metadata;
      expect(await client.delete(nameOf(made), { uid })).toBe(true);
      expect(await client.delete(nameOf(made), { uid })).toBe(false);
    });

    it("in dry run changes nothing, whatever it is told", async () => {
      const made = await open().apply(deployment("dry", 2));
      const pod = await target().eventually(
        async () => (await open().list("v1", "Pod", { namespace: NAMESPACE, labelSelector: "app=dry" }))[0],
        (found) => found !== undefined,
      );
      const settled = async () => (await there(made)).metadata.generation;
      const before = { generation: await settled(), spec: (await there(made))["spec"] };
      const dry = open("admin", true);
      const { uid } = preconditionsOf(await there(made));
      await dry.mergePatch(nameOf(made), { spec: { replicas: 0 } }, { uid });
      await dry.apply(configMap("dry-made"));
      await target().eventually(() => succeeds(scaleNow(dry, made, 0)), Boolean);
      if (pod !== undefined)
        expect(await dry.evict(nameOf(pod), pod.metadata.uid ?? "")).toEqual({ outcome: "evicted" });
      expect(await dry.delete(nameOf(made), { uid })).toBe(true);
      expect({ generation: await settled(), spec: (await there(made))["spec"] }).toEqual(before);
      expect(await open().get(nameOf(configMap("dry-made")))).toBeUndefined();
      if (pod !== undefined) expect((await there(pod)).metadata.deletionTimestamp).toBeUndefined();
    });

    it("evicts as far as disruption budgets allow", async () => {
      const client = open();
      await client.apply(budget("guarded", 1));
      await client.apply(deployment("guarded", 1));
      const [pod] = await target().eventually(
        () =>
          client.list("v1", "Pod", {
            namespace: NAMESPACE,
            labelSelector: "app=guarded",
            fieldSelector: "status.phase=Running",
          }),
        (found) => found.length === 1,
      );
      if (pod === undefined) throw new Error("no pod");
      expect((await client.evict(nameOf(pod), pod.metadata.uid ?? "")).outcome).toBe("blocked");
      const guard = await there(budget("guarded", 1));
      await client.delete(nameOf(guard), { uid: guard.metadata.uid ?? "" });
      const evicted = await target().eventually(
        () => client.evict(nameOf(pod), pod.metadata.uid ?? ""),
        ({ outcome }) => outcome !== "blocked",
      );
      expect(evicted.outcome).toBe("evicted");
      const gone = { ...nameOf(pod), name: "no-such-pod" };
      expect(await client.evict(gone, "u")).toEqual({ outcome: "gone" });
    });

    it(`lists ${MANY} objects page by page`, async () => {
      const client = open();
      const names = Array.from({ length: MANY }, (_, index) => `many-${index}`);
      const labels = { set: "many" };
      await inParallel(names, 16, (each) =>
        client.apply({ ...configMap(each), metadata: { name: each, namespace: NAMESPACE, labels } }),
      );
      const found = await client.list("v1", "ConfigMap", { namespace: NAMESPACE, labelSelector: "set=many" });
      expect(new Set(found.map(({ metadata }) => metadata.name))).toEqual(new Set(names));
      expect(found[0]).toMatchObject({ apiVersion: "v1", kind: "ConfigMap" });
    });

    it("is refused what it has no right to, and knows it before", async () => {
      const enforcer = open("enforcer");
      const review = { verb: "patch", group: "", resource: "secrets", namespace: "kube-system" };
      expect([await enforcer.mayI(review), await open().mayI(review)]).toEqual([false, true]);
      const forbidden = await failureOf(enforcer.list("v1", "Secret", { namespace: "kube-system" }));
      expect([forbidden.code, kubeFailureOf(forbidden)?.layer]).toEqual(["refused", "403"]);
      const unknown = await failureOf(open("wrong").version());
      expect([unknown.code, kubeFailureOf(unknown)?.layer]).toEqual(["unavailable", "401"]);
    });

    it("passes the preflight with every right, and finds the cluster's identity", async () => {
      const found = await preflight(async () => open(), rightsFor("standard"));
      expect(found.steps.filter(({ outcome }) => outcome !== "passed")).toEqual([]);
      const system = await there({ apiVersion: "v1", kind: "Namespace", metadata: { name: "kube-system" } });
      expect(found.identity?.uid).toBe(system.metadata.uid);
    });

    it("is looked at by the health check", async () => {
      const found = await checkCluster("c", async () => open(), createSystemClock());
      expect(found).toMatchObject({ connected: true, problems: [], version: await open().version() });
      const { ready = 0, total = 0 } = found.nodes ?? {};
      expect([ready > 0, ready <= total]).toEqual([true, true]);
    });
  });
}
