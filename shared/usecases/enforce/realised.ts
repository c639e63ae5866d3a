import { LOOK_BACK, type RealisedSaving, realisedSaving } from "../../clusters/costs/realised-saving.ts";
import { activeLayers } from "../../clusters/enforcement/hold/hold.ts";
import type { ClusterHolds } from "../../clusters/enforcement/types.ts";
import type { ClusterConfig } from "../../config/types.ts";
import { type Decimal, sum, ZERO } from "../../core/decimal.ts";
import { messageOf } from "../../core/errors.ts";
import { addDays, dayOf } from "../../core/period.ts";
import { settledThrough } from "../../ledger/settledness.ts";
import { clusterDays } from "../cluster-days.ts";
import type { Runtime } from "../runtime.ts";

/** What is held in a cluster was to save, and what its bill says. */
export interface ClusterSaving extends RealisedSaving {
  cluster: string;
}

const PROVIDERS: Readonly<Partial<Record<ClusterConfig["provider"], string>>> = {
  eks: "aws",
  aks: "azure",
  gke: "gcp",
};

/**
 * The planned saving of everything that a cluster holds now, beside the bill since the first of it. A cluster whose rows of the bill are not
 * known (`clusters[].match`), or whose bill cannot be read, says what is missing instead.
 */
export async function clusterSaving(
  runtime: Runtime,
  config: ClusterConfig | undefined,
  holds: ClusterHolds,
): Promise<ClusterSaving | undefined> {
  const held = [...Object.values(holds.holds).flatMap(activeLayers), ...Object.values(holds.own)];
  const plannedPerHour = sum(held.map(({ savesPerHour }) => savesPerHour));
  const since = held.map(({ appliedAt }) => appliedAt).sort()[0];
  const { cluster } = holds;
  // What only stops growth was not meant to save anything.
  if (since === undefined || plannedPerHour === ZERO) return undefined;
  if (config?.match === undefined)
    return { cluster, plannedPerHour, days: 0, waitsFor: "clusters[].match, which says what of the bill it is" };
  try {
    return { cluster, ...(await compared(runtime, { ...config, match: config.match }, { plannedPerHour, since })) };
  } catch (error) {
    return { cluster, plannedPerHour, days: 0, waitsFor: messageOf(error) };
  }
}

async function compared(
  runtime: Runtime,
  { provider, match }: Pick<ClusterConfig, "provider"> & { match: NonNullable<ClusterConfig["match"]> },
  { plannedPerHour, since }: { plannedPerHour: Decimal; since: string },
): Promise<RealisedSaving> {
  const today = dayOf(runtime.clock.evaluationNow());
  const appliedOn = since.slice(0, 10);
  const days = await clusterDays(runtime, match, { start: addDays(appliedOn, -LOOK_BACK), end: addDays(today, 1) });
  const through = settledThrough(runtime.config.settledAfterDays, PROVIDERS[provider] ?? "default", today);
  return realisedSaving({ days, plannedPerHour, appliedOn, settledThrough: through });
}
