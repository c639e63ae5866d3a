import * as z from "zod";
import { GenOpsError } from "../../../core/errors.ts";
import { canonicalJson } from "../../../core/json.ts";
import { addDays, type Day, dayOf } from "../../../core/period.ts";
import type { ClusterAllocation, OpenCostApi } from "../../../ports/billing-apis.ts";
import { fingerprint } from "../../paged/snapshot.ts";
import { readState, updateState } from "../../paged/state-document.ts";
import type { FetchContext } from "../fetcher.ts";

/** OpenCost's names for what is no workload (`reference/more-contracts.md` §4.2); they may be prefixed by the cluster. */
const SPECIAL = /(^|\/)__(idle|unallocated|unmounted|shared)__/;
/** So long after a day OpenCost may still correct it by its cloud's bill. */
const CORRECTED_DAYS = 3;

interface DayShares {
  lines: readonly string[];
  messages: readonly string[];
}

/** What OpenCost last said about a day. `plan`: who was asked, about what. */
const KeptDay = z.object({ plan: z.string(), askedOn: z.string(), lines: z.array(z.string()) });

/**
 * The shares of one day, a JSON line each. OpenCost sees no further back than its Prometheus, by default 15 days: what it said is kept in the
 * store, and counts once it is final or when OpenCost has forgotten the day.
 */
export async function readDayShares(
  { source, store, clock }: Pick<FetchContext<"opencost">, "source" | "store" | "clock">,
  api: OpenCostApi,
  day: Day,
): Promise<DayShares> {
  const key = `sources/${source.id}/days/${day}.json`;
  const plan = fingerprint([source.url, source.cluster]);
  const stored = (await readState(store, key, KeptDay))?.value;
  const kept = stored?.plan === plan ? stored : undefined;
  if (kept !== undefined && kept.askedOn > addDays(day, CORRECTED_DAYS)) return { lines: kept.lines, messages: [] };
  const entries = await api.allocation({ start: day, end: addDays(day, 1) });
  if (entries.length === 0) return forgotten(day, kept?.lines ?? []);
  const shares = sharesOf(day, entries, source.cluster);
  const next = { plan, askedOn: dayOf(clock.evaluationNow()), lines: [...shares.lines] };
  await updateState(store, key, KeptDay, () => next);
  return shares;
}

function forgotten(day: Day, lines: readonly string[]): DayShares {
  const message =
    lines.length === 0
      ? `OpenCost knows nothing of ${day}`
      : `OpenCost has forgotten ${day}: what it said before is kept`;
  return { lines, messages: [message] };
}

function sharesOf(day: Day, entries: readonly ClusterAllocation[], cluster: string): DayShares {
  const own = ofCluster(entries, cluster);
  const isNegativeIdle = ({ name, totalCost }: ClusterAllocation) => SPECIAL.test(name) && totalCost.startsWith("-");
  return {
    lines: own.filter((entry) => !isNegativeIdle(entry)).map((entry) => shareLine(day, entry)),
    messages: own.some(isNegativeIdle) ? [`OpenCost's idle cost of ${day} is below zero: counted as none`] : [],
  };
}

/** One OpenCost may know several clusters; a single one may be called otherwise than its bill. */
function ofCluster(entries: readonly ClusterAllocation[], wanted: string): readonly ClusterAllocation[] {
  const names = [...new Set(entries.flatMap(({ properties }) => properties.cluster ?? []))].sort();
  if (names.length <= 1) return entries;
  if (!names.includes(wanted)) {
    const message = `OpenCost knows the clusters ${names.join(", ")}, and not ${JSON.stringify(wanted)}`;
    throw new GenOpsError("config", message, { place: { field: "cluster" } });
  }
  return entries.filter(({ properties }) => properties.cluster === wanted);
}

function shareLine(day: Day, { name, properties, totalCost }: ClusterAllocation): string {
  const idle = SPECIAL.test(name);
  return canonicalJson({
    day,
    name,
    namespace: idle ? "" : (properties.namespace ?? ""),
    controller: properties.controller ?? "",
    // A namespace's labels hold for its workloads; their own win.
    labels: idle ? {} : { ...properties.namespaceLabels, ...properties.labels },
    idle,
    weight: totalCost,
  });
}
