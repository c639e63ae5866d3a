import { KubeFailure } from "../../../shared/clusters/connections/errors.ts";
import type { KubeClient, KubeObject, ObjectName } from "../../../shared/clusters/connections/types.ts";
import { readStoredHolds } from "../../../shared/clusters/enforcement/hold/document.ts";
import type { ClusterHolds, Step } from "../../../shared/clusters/enforcement/types.ts";
import { GenOpsError } from "../../../shared/core/errors.ts";
import { planOf } from "../../support/enforcement/plans.ts";
import { createEnforcer, type Enforcer, type EnforcerOptions } from "../../support/enforcement/world.ts";
import { createFakeClock, type FakeClock } from "../../support/fake-clock.ts";
import type { KubeObject as AnyObject } from "../../support/kube-server/types.ts";
import { createMemoryLake, type MemoryLake } from "../../support/memory-lake.ts";
import type { ClusterTarget } from "../target.ts";
import { type Lab, openLab } from "./lab.ts";

/** A lab with a lake, and enforcers on both. */
export interface EnforcementLab {
  lab: Lab;
  clock: FakeClock;
  store: MemoryLake;
  enforcer(options?: Partial<EnforcerOptions>): Enforcer;
  /** Makes an object and waits until its controller has seen it. */
  make(object: AnyObject): Promise<KubeObject>;
  live(object: AnyObject): Promise<KubeObject>;
  plan(...steps: readonly Step[]): ReturnType<typeof planOf>;
  /** What people wrote of these objects. */
  written(objects: readonly AnyObject[]): Promise<readonly object[]>;
  holds(): Promise<ClusterHolds | undefined>;
}

export async function openEnforcementLab(target: ClusterTarget): Promise<EnforcementLab> {
  const lab = await openLab(target);
  await lab.client.call("PATCH", `/api/v1/namespaces/${lab.namespace}`, {
    body: { metadata: { labels: { "genops.ai/enforce": "block" } } },
    patch: "merge",
  });
  const clock = createFakeClock(new Date().toISOString());
  const store = createMemoryLake(() => clock.now());
  const { name: cluster, server, certificateAuthority, tokens } = target;
  const reach = { cluster, server, certificateAuthority, token: tokens.enforcer };
  const enforcer = (options: Partial<EnforcerOptions> = {}) => createEnforcer(reach, { clock, store, ...options });
  const { client } = enforcer().deps;
  const identity = await client.get({ apiVersion: "v1", kind: "Namespace", name: "kube-system" });
  const clusterUid = identity?.metadata.uid ?? "";

  async function live(object: AnyObject): Promise<KubeObject> {
    const found = await client.get(nameOf(object));
    if (found === undefined) throw new Error(`${object.kind} ${object.metadata.name} is not there`);
    return found;
  }

  return {
    lab,
    clock,
    store,
    enforcer,
    async make(object) {
      await lab.make(object);
      await lab.settled(object, isSeen);
      return live(object);
    },
    live,
    plan: (...steps) => planOf(cluster, clusterUid, steps),
    written: async (objects) => Promise.all(objects.map(async (object) => writtenBy(await live(object)))),
    holds: () => readStoredHolds(store, cluster),
  };
}

function nameOf({ apiVersion, kind, metadata: { namespace, name } }: AnyObject): ObjectName {
  return { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name };
}

function isSeen({ kind, metadata, status }: AnyObject): boolean {
  const observed = status?.["observedGeneration"];
  if (kind === "Deployment" || kind === "StatefulSet") return observed === metadata.generation;
  return kind !== "ScaledObject" || Array.isArray(status?.["conditions"]);
}

/** Without versions, owners of fields and status, and without the revision that the Deployment controller notes in its own time. */
function writtenBy({ apiVersion, kind, metadata, spec = {} }: KubeObject): object {
  const { name, namespace, uid, labels, annotations = {} } = metadata;
  const { "deployment.kubernetes.io/revision": _, ...notes } = annotations;
  return { apiVersion, kind, name, namespace, uid, labels, notes, spec };
}

/** A client whose every answer to a write is lost, the write itself not. */
export function losingAnswers(client: KubeClient): KubeClient {
  const lost = () =>
    new GenOpsError("unavailable", "the answer was lost", {
      cause: new KubeFailure("the answer was lost", { layer: "answer", unknownOutcome: true }),
    });
  return {
    ...client,
    async mergePatch(...call) {
      await client.mergePatch(...call);
      throw lost();
    },
  };
}
