import { messageOf } from "../../../core/errors.ts";
import { inParallel } from "../../../core/in-parallel.ts";
import { canonicalJson } from "../../../core/json.ts";
import type { KubeObject, ObjectRef } from "../../connections/types.ts";
import { numberAt, textAt } from "../../inventory/fields.ts";
import { isWanted } from "../hold/hold.ts";
import { autoscalerName, losesAutoscaler } from "../hold/keda.ts";
import type { Look } from "../hold/verdict.ts";
import type { Facts } from "../hold/wanted.ts";
import type { ClusterHolds, Hold } from "../types.ts";
import { AT_ONCE, type Run } from "./run.ts";

/** What was seen of an object, and the version of its hold that had been read before: only for that one it may be decided on. */
export interface Seen {
  ref: ObjectRef;
  basis: string;
  live: KubeObject | undefined;
  facts: Facts;
  event?: NonNullable<Look["event"]>;
  /** Somebody else's write came first, so many times. */
  conflicts: number;
}

/** Equal for equal holds. */
export function versionOf(hold: Hold | undefined): string {
  if (hold === undefined) return "";
  const plain: unknown = JSON.parse(
    JSON.stringify(hold, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value)),
  );
  return canonicalJson(plain);
}

/** Reads objects and what is needed beside them. `document` must have been read before. Those that cannot be read are left out, and told. */
export async function lookAt(run: Run, document: ClusterHolds, refs: readonly ObjectRef[]): Promise<Map<string, Seen>> {
  const seen = await inParallel(refs, AT_ONCE, (ref) => lookAtOne(run, ref, document.holds[ref.uid]));
  return new Map(seen.filter((each) => each !== undefined).map((each) => [each.ref.uid, each]));
}

async function lookAtOne(run: Run, ref: ObjectRef, hold: Hold | undefined): Promise<Seen | undefined> {
  try {
    const live = await run.deps.client.get(ref);
    return { ref, basis: versionOf(hold), live, facts: await factsOf(run, hold, live), conflicts: 0 };
  } catch (error) {
    run.deps.log(messageOf(error));
    return undefined;
  }
}

/** Only what a restore needs: the bounds of an autoscaler, and whether KEDA has made its own again. */
export async function factsOf(run: Run, hold: Hold | undefined, live: KubeObject | undefined): Promise<Facts> {
  if (hold === undefined || live === undefined) return {};
  if (hold.originals["/spec/replicas"] !== undefined && !isWanted(hold, "/spec/replicas")) {
    const autoscaler = boundsFor(live, await autoscalersIn(run, live.metadata.namespace ?? ""));
    return autoscaler === undefined ? {} : { autoscaler };
  }
  if (!losesAutoscaler(hold)) return {};
  const namespace = live.metadata.namespace ?? "";
  const names = (await autoscalersIn(run, namespace, "fresh")).map(({ metadata }) => metadata.name);
  return { autoscalerIsBack: names.includes(autoscalerName(live)) };
}

function autoscalersIn(run: Run, namespace: string, how?: "fresh"): Promise<readonly KubeObject[]> {
  const known = how === "fresh" ? undefined : run.autoscalers.get(namespace);
  const read =
    known ??
    run.deps.client.list("autoscaling/v2", "HorizontalPodAutoscaler", { namespace }).catch((error: unknown) => {
      // With scale-only rights they cannot be read; the original is then put back as it was.
      run.deps.log(messageOf(error));
      return [];
    });
  run.autoscalers.set(namespace, read);
  return read;
}

function boundsFor(live: KubeObject, autoscalers: readonly KubeObject[]): Facts["autoscaler"] {
  const own = autoscalers.find((each) => {
    const target = (key: string) => textAt(each, "spec", "scaleTargetRef", key);
    return target("kind") === live.kind && target("name") === live.metadata.name;
  });
  if (own === undefined) return undefined;
  const min = numberAt(own, "spec", "minReplicas") ?? 1;
  return { min, max: numberAt(own, "spec", "maxReplicas") ?? Number.MAX_SAFE_INTEGER };
}
