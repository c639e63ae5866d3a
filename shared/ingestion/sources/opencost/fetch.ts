import { stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { canonicalJson } from "../../../core/json.ts";
import { addDays, type Day, dayOf, monthDays } from "../../../core/period.ts";
import type { ClusterAllocation } from "../../../ports/billing-apis.ts";
import type { BillFetcher, FetchContext, FetchedBill } from "../fetcher.ts";

/** OpenCost's names for what is no workload (`reference/more-contracts.md` §4.2); they may be prefixed by the cluster. */
const SPECIAL = /(^|\/)__(idle|unallocated|unmounted|shared)__/;

/**
 * In-cluster shares from OpenCost's allocation API: one request per day, so that a window's days never depend on where "now" is. Days that
 * OpenCost knows nothing of are left out, and the cluster's bill of that day stays whole.
 */
export const opencostFetcher: BillFetcher<"opencost"> = {
  type: "opencost",
  applies: () => true,
  fetch,
};

async function fetch(context: FetchContext<"opencost">): Promise<FetchedBill> {
  const { source, period, folder, apis, clock, progress } = context;
  const api = await apis.openCost(source);
  const lines: string[] = [];
  const messages: string[] = [];
  const { start, end } = monthDays(period);
  const today = dayOf(clock.evaluationNow());
  for (let day = start; day < end && day < today; day = addDays(day, 1)) {
    if (context.deadline.remainingMs() < RESERVE_MS)
      return { outcome: "later", afterMs: 0, messages: [`stopped before ${day}: no time left`] };
    const entries = await api.allocation({ start: day, end: addDays(day, 1) });
    if (entries.length === 0) messages.push(`OpenCost knows nothing of ${day}`);
    lines.push(...entries.map((entry) => shareLine(day, entry)));
    progress.report("reading OpenCost", lines.length, undefined, "rows");
  }
  if (lines.length === 0) return { outcome: "nothing", messages };
  const file = path.join(folder, `${source.id}-${period}.ndjson`);
  await writeFile(file, `${lines.sort().join("\n")}\n`);
  const { size, mtime } = await stat(file);
  const located = { path: file, name: `${source.url} ${period}`, sizeBytes: size, modifiedAt: mtime };
  return { outcome: "fetched", files: [located], expectedRows: lines.length, messages };
}

/** Time that writing and committing may take. */
const RESERVE_MS = 20_000;

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
