import type { SourceConfig } from "../config/types.ts";
import { GenOpsError } from "../core/errors.ts";
import type { EventFunction } from "../ports/invocation.ts";
import { collectPart } from "./collect/collect-part.ts";
import { collectWanted } from "./collect/collect-wanted.ts";
import { type Call, type CollectRuntime, Due, dataOf, publish } from "./collect/events.ts";
import { exportWritten } from "./collect/export-written.ts";
import { refreshHomeCubes } from "./refresh-home-cubes.ts";
import { sweepLake } from "./sweep.ts";

export interface CollectFunctionOptions {
  /** Only these of the sources that have their home where this process runs. Default: all of them. */
  sources?: readonly string[];
}

/**
 * `collect`: bills into the ledger. On a schedule every source is wanted; a manifest that was written makes its source wanted for its
 * period; what is wanted is read, a large export one part per call. Every event may come twice, late, and at the same time as another:
 * what it asks for is done once (`docs/collecting.md`).
 */
export function createCollect(runtime: CollectRuntime, options: CollectFunctionOptions = {}): EventFunction {
  const sources = runtime.config.sources.filter(
    ({ id }) => runtime.isHome(id) && (options.sources?.includes(id) ?? true),
  );
  return async (event, invocation) => {
    const call: Call = { runtime, invocation, event };
    switch (event.type) {
      case "genops.schedule.due":
        return onSchedule(call, sources);
      case "genops.export.written":
        return exportWritten(call, sources);
      case "genops.collect.wanted":
        return collectWanted(call, sources);
      case "genops.collect.part":
        return collectPart(call, sources);
      default:
        throw new GenOpsError("refused", `collect does not know what to do about ${event.type}`);
    }
  };
}

async function onSchedule(call: Call, sources: readonly SourceConfig[]): Promise<void> {
  const { runtime, invocation } = call;
  const { task } = dataOf(call.event, Due);
  if (task === "collect") {
    for (const { id } of sources) await publish(call, "genops.collect.wanted", { source: id });
    await invocation.tracer.span("refresh cubes", {}, () => refreshHomeCubes(runtime));
    invocation.log.info("sources are wanted", { sources: sources.length });
  } else if (task === "sweep") {
    const report = await invocation.tracer.span("sweep", {}, () => sweepLake(runtime));
    invocation.log.info("swept", { ...report });
  } else throw new GenOpsError("refused", `collect does not know what to do about the schedule of ${task}`);
}
