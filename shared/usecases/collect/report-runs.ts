import { GenOpsError } from "../../core/errors.ts";
import { type RecordOptions, recordFailures } from "../../ledger/collect/failures.ts";
import type { CollectRun } from "../../ledger/collect/run.ts";
import type { Call } from "./events.ts";

/**
 * Logs what became of the work and remembers what failed, which becomes a finding. Throws what may pass, so that the event is delivered
 * again: what did work is then recognised. What will not pass by itself is for people.
 */
export async function reportRuns(
  { runtime, invocation }: Call,
  runs: readonly CollectRun[],
  options: RecordOptions,
): Promise<void> {
  for (const { source, period, status, rows, version, bytesRead, seconds, messages } of runs) {
    const fields = { source, period, status, rows, version, bytesRead, seconds, messages };
    if (status === "failed") invocation.log.warn("not collected", fields);
    else invocation.log.info("collected", fields);
  }
  // What is to be asked for again was not read: it neither fails nor makes good what failed before.
  const settled = runs.filter(({ laterMs }) => laterMs === undefined);
  const all = settled.length === runs.length;
  await recordFailures(runtime.lake, settled, runtime.clock.now(), all ? options : { partial: true });
  const passing = runs.map(({ error }) => error).find((error) => error instanceof GenOpsError && error.retryable);
  if (passing !== undefined) throw passing;
}
