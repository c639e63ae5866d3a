import type { Runtime } from "../../../shared/usecases/runtime.ts";
import { sweepLake } from "../../../shared/usecases/sweep.ts";
import { answer } from "../answer.ts";
import type { Format, Output } from "../output.ts";

export async function sweep(runtime: Runtime, out: Output, format: Format): Promise<number> {
  const report = await sweepLake(runtime);
  const said = `${report.expired} superseded versions are no longer readable; ${report.deleted} files were deleted; ${report.forgotten} old plans and dry runs were forgotten.`;
  answer(out, format, { document: report, records: [report], print: () => out.line(said) });
  return 0;
}
