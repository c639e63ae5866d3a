import { stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { addDays, type Day, dayOf, monthDays } from "../../../core/period.ts";
import type { BillFetcher, FetchContext, FetchedBill } from "../fetcher.ts";
import { readDayShares } from "./day-shares.ts";

/**
 * In-cluster shares from OpenCost's allocation API: one request per day, so that a window's days never depend on where "now" is. Days that
 * OpenCost knows nothing of are left out, and the cluster's bill of that day stays whole.
 */
export const opencostFetcher: BillFetcher<"opencost"> = {
  type: "opencost",
  applies: () => true,
  fetch,
};

/** Time that writing and committing may take. */
const RESERVE_MS = 20_000;

async function fetch(context: FetchContext<"opencost">): Promise<FetchedBill> {
  const { source, period, folder, apis, clock, progress } = context;
  const api = await apis.openCost(source);
  const lines: string[] = [];
  const messages: string[] = [];
  const { start, end } = monthDays(period);
  const today: Day = dayOf(clock.evaluationNow());
  for (let day = start; day < end && day < today; day = addDays(day, 1)) {
    if (context.deadline.remainingMs() < RESERVE_MS)
      return { outcome: "later", afterMs: 0, messages: [`stopped before ${day}: no time left`] };
    const shares = await readDayShares(context, api, day);
    lines.push(...shares.lines);
    messages.push(...shares.messages);
    progress.report("reading OpenCost", lines.length, undefined, "rows");
  }
  if (lines.length === 0) return { outcome: "nothing", messages };
  const file = path.join(folder, `${source.id}-${period}.ndjson`);
  await writeFile(file, `${lines.sort().join("\n")}\n`);
  const { size, mtime } = await stat(file);
  const located = { path: file, name: `${source.url} ${period}`, sizeBytes: size, modifiedAt: mtime };
  return { outcome: "fetched", files: [located], expectedRows: lines.length, messages };
}
