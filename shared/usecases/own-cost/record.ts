import type { UsageCloud } from "../../ledger/own-usage/usage.ts";
import { recordUsage } from "../../ledger/own-usage/usage-documents.ts";
import type { Runtime } from "../runtime.ts";

/** One call of a function: what the platform charges for it. */
export interface CallUsage {
  memoryMb: number;
  milliseconds: number;
}

/**
 * Writes down what this process has used since the last time, and the call itself. Failing to do so must not fail the work: the count stays
 * in the process and goes out with the next call.
 */
export async function recordOwnUsage(runtime: Runtime, here: UsageCloud, call?: CallUsage): Promise<void> {
  if (call !== undefined)
    runtime.usage.count(here, { invocations: 1, memoryMbMs: Math.ceil(call.memoryMb * call.milliseconds) });
  const usage = runtime.usage.take();
  const billed = Object.keys(usage).some((cloud) => cloud !== "local");
  if (!billed) return;
  try {
    await recordUsage({ store: runtime.lake, clock: runtime.clock }, here, usage);
  } catch {
    for (const [cloud, counters] of Object.entries(usage)) runtime.usage.count(cloud as UsageCloud, counters ?? {});
  }
}
