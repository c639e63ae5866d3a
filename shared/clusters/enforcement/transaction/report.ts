import type { Run } from "./run.ts";
import type { RunReport, StepReport } from "./types.ts";

/** Values that other controllers take part in are looked at again so soon. */
const VERIFY_MS = 30_000;

export function endReport(run: Run): RunReport {
  const endedAt = run.now();
  const steps = [...run.reports.values()].map((report) => withUnchecked(run, report));
  const written = steps.some(({ outcome }) => outcome === "active" || outcome === "waiting");
  const againMs = run.againMs ?? (written ? VERIFY_MS : undefined);
  const { startedAt, notices } = run;
  return {
    cluster: run.deps.client.cluster,
    startedAt,
    endedAt,
    steps,
    notices,
    ...(run.aborted === undefined ? {} : { aborted: run.aborted }),
    ...(againMs === undefined ? {} : { verifyAgainAt: new Date(Date.parse(endedAt) + againMs).toISOString() }),
  };
}

/** What the cloud would not tell beforehand: whoever reads a dry run has to know what it did not show. */
function withUnchecked({ unchecked }: Run, report: StepReport): StepReport {
  const words = unchecked.get(report.step);
  if (words === undefined) return report;
  const remark = `not checked beforehand: ${words}`;
  return { ...report, detail: report.detail === undefined ? remark : `${report.detail}; ${remark}` };
}
