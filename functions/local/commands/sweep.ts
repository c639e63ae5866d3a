import { collectGarbage } from "../../../shared/ledger/collect-garbage.ts";
import type { Runtime } from "../../../shared/usecases/runtime.ts";
import { answer } from "../answer.ts";
import type { Format, Output } from "../output.ts";

export async function sweep(runtime: Runtime, out: Output, format: Format): Promise<number> {
  const report = await collectGarbage(runtime, runtime.config.ledger);
  const said = `${report.expired} superseded versions are no longer readable; ${report.deleted} files were deleted.`;
  answer(out, format, { document: report, records: [report], print: () => out.line(said) });
  return 0;
}
