import { collectGarbage } from "../../../shared/ledger/collect-garbage.ts";
import type { Output } from "../output.ts";
import type { Runtime } from "../runtime.ts";

export async function sweep(runtime: Runtime, out: Output, format: string): Promise<number> {
  const report = await collectGarbage(runtime, runtime.config.ledger);
  if (format === "json") out.json(report);
  else out.line(`${report.expired} superseded versions are no longer readable; ${report.deleted} files were deleted.`);
  return 0;
}
