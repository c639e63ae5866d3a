import { collectGarbage, type GarbageReport } from "../ledger/collect-garbage.ts";
import { pruneEnforcement } from "./enforce/prune.ts";
import type { Runtime } from "./runtime.ts";

export interface SweepReport extends GarbageReport {
  /** Documents of enforcement that ended long ago. */
  forgotten: number;
}

/** Frees what nobody can use any more: superseded versions of bills, and enforcement's history beyond what a simulation looks back. */
export async function sweepLake(runtime: Pick<Runtime, "lake" | "clock" | "isHome" | "config">): Promise<SweepReport> {
  const report = await collectGarbage(runtime, runtime.config.ledger);
  return { ...report, forgotten: await pruneEnforcement(runtime) };
}
