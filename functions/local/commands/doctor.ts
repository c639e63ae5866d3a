import type { DoctorCheck } from "../../../shared/usecases/doctor/check.ts";
import { examine } from "../../../shared/usecases/doctor.ts";
import type { Runtime } from "../../../shared/usecases/runtime.ts";
import { answer } from "../answer.ts";
import type { Format, Output } from "../output.ts";
import type { Cell } from "../terminal/table.ts";

export interface DoctorOptions {
  paid?: boolean;
}

/** Prints what `examine` finds. Exit code 1 when something is wrong. */
export async function doctor(runtime: Runtime, out: Output, format: Format, options: DoctorOptions): Promise<number> {
  const checks = await examine(runtime, { environment: process.env, paid: options.paid === true });
  answer(out, format, { document: { checks }, records: checks, print: () => printChecks(out, checks) });
  return checks.every(({ ok }) => ok) ? 0 : 1;
}

function printChecks(out: Output, checks: readonly DoctorCheck[]): void {
  out.table(
    [{ title: "" }, { title: "check", whole: true }, { title: "detail" }],
    checks.map((each) => [markOf(each), each.what, each.detail]),
  );
  for (const { what, missing, grant } of checks) {
    if (missing === undefined) continue;
    out.line();
    out.line(`${what}: missing ${missing}. Grant it:`);
    out.line(`  ${grant}`);
  }
}

function markOf({ ok, checked, warning }: DoctorCheck): Cell {
  if (!ok) return { text: "✗", color: "red" };
  if (warning === true) return { text: "!", color: "yellow" };
  return checked === false ? "–" : { text: "✓", color: "green" };
}
