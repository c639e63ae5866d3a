import type { Workload } from "../../inventory/types.ts";
import type { PlacedPod } from "./cluster-state.ts";

/**
 * Which pods go first when a workload gets fewer, as its controller chooses: a StatefulSet the highest ordinals; others those that are not
 * ready, cheap by annotation, crowded on one node, young (by powers of two of their age), then by uid (kube-controller-manager,
 * `ActivePodsWithRanks`). A pod without a node goes before all of these and frees nothing.
 */
export function deletionOrder(
  pods: readonly PlacedPod[],
  { kind, now }: { kind: Workload["kind"] | undefined; now: string },
): PlacedPod[] {
  if (kind === "StatefulSet") return [...pods].sort((a, b) => ordinal(b) - ordinal(a));
  const siblings = Map.groupBy(pods, ({ home }) => home);
  const crowd = ({ home }: PlacedPod) => siblings.get(home)?.length ?? 0;
  const ages = new Map(pods.map((placed) => [placed, ageRank(placed, Date.parse(now))]));
  return [...pods].sort(
    (a, b) =>
      Number(isUp(a)) - Number(isUp(b)) ||
      a.pod.deletionCost - b.pod.deletionCost ||
      crowd(b) - crowd(a) ||
      (ages.get(a) ?? 0) - (ages.get(b) ?? 0) ||
      compare(a.pod.uid, b.pod.uid),
  );
}

/** `LogarithmicScaleDown`: pods of about one age are equals. */
function ageRank({ pod }: PlacedPod, now: number): number {
  const age = now - Date.parse(pod.createdAt ?? "");
  return Number.isNaN(age) ? 0 : Math.floor(Math.log2(Math.max(1, age)));
}

function isUp({ pod }: PlacedPod): boolean {
  return pod.phase === "Running" && pod.ready;
}

function ordinal({ pod }: PlacedPod): number {
  return Number(/-(\d+)$/.exec(pod.name)?.[1] ?? -1);
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
