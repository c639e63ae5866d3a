import type { Clock } from "../../ports/clock.ts";
import { describeName, objectPath } from "./addresses.ts";
import type { Ask } from "./connection.ts";
import { refusedHere } from "./errors.ts";
import type { HttpAnswer } from "./http.ts";
import { retryAfterMs } from "./retry.ts";
import { readStatus } from "./status.ts";
import type { KubeClient, ObjectName, Resource } from "./types.ts";

type Eviction = Awaited<ReturnType<KubeClient["evict"]>>;

/** One eviction. A 429 is a disruption budget's answer here, unless it is the server's own overload, which is waited for as usual. */
export async function evictPod(
  { ask, cluster, clock, dryRun }: { ask: Ask; cluster: string; clock: Clock; dryRun: readonly string[] },
  pods: Resource,
  pod: ObjectName,
  uid: string,
): Promise<Eviction> {
  const what = `evict ${describeName(pod)}`;
  const { name, namespace } = pod;
  const dry = dryRun.length === 0 ? {} : { dryRun };
  const answer = await ask({
    method: "POST",
    path: `${objectPath(pods, pod)}/eviction`,
    query: dryRun.length === 0 ? {} : { dryRun: dryRun.join() },
    body: {
      apiVersion: "policy/v1",
      kind: "Eviction",
      metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
      deleteOptions: { preconditions: { uid }, ...dry },
    },
    what,
    accept: (each) => isBlocked(each) || isOverlap(each) || each.status === 404 || each.status === 409,
  });
  if (isOverlap(answer)) throw refusedHere(cluster, `${what}: ${readStatus(answer).message ?? "budgets overlap"}`);
  if (isBlocked(answer)) {
    const wait = retryAfterMs(answer.headers, clock.now());
    return { outcome: "blocked", ...(wait === undefined ? {} : { retryAfterMs: wait }) };
  }
  // 409: another pod has its name by now.
  return { outcome: answer.status === 404 || answer.status === 409 ? "gone" : "evicted" };
}

function isBlocked(answer: HttpAnswer): boolean {
  if (answer.status !== 429) return false;
  const { message = "", details } = readStatus(answer);
  return /disruption/i.test(message) || details?.causes?.some(({ reason }) => reason === "DisruptionBudget") === true;
}

function isOverlap(answer: HttpAnswer): boolean {
  return answer.status === 500 && /more than one PodDisruptionBudget/i.test(readStatus(answer).message ?? "");
}
