import type { RunReport } from "../../../../shared/clusters/enforcement/transaction/types.ts";
import { applyApproved } from "../../../../shared/usecases/enforce/apply-approved.ts";
import type { PlanOutcome } from "../../../../shared/usecases/enforce/carry-out.ts";
import { planHashOf } from "../../../../shared/usecases/enforce/find-plan.ts";
import { type EnforceReport, enforceOnce } from "../../../../shared/usecases/enforce/run.ts";
import type { ClusterOutcome } from "../../../../shared/usecases/enforce/run-cluster.ts";
import type { Runtime } from "../../../../shared/usecases/runtime.ts";
import { answer } from "../../answer.ts";
import type { Format, Output } from "../../output.ts";

export interface ApplyOptions {
  cluster?: string[];
  /** `--no-verify` makes it false. */
  verify: boolean;
}

/** A second look is not waited for longer than this. */
const PATIENCE_MS = 60_000;

/** `genops enforce apply [hash]`: 0; 1 when something needs attention; 3 when a part failed. */
export async function applyCommand(
  runtime: Runtime,
  out: Output,
  format: Format,
  options: ApplyOptions & { hash: string | undefined },
): Promise<number> {
  if (options.hash !== undefined) return applyOne(runtime, out, format, options.hash);
  const clusters = options.cluster === undefined ? {} : { clusters: options.cluster };
  const first = await enforceOnce(runtime, clusters);
  const report = options.verify ? await verified(runtime, first, clusters) : first;
  const document = reportDocument(report);
  answer(out, format, {
    document,
    records: document.clusters.flatMap(({ steps }) => steps),
    print: () => print(out, report),
  });
  if (report.clusters.some(({ problem }) => problem !== undefined) || report.left.length > 0) return 3;
  if (report.stopped !== undefined) return 1;
  return exitCode(report.clusters.flatMap(reportsOf));
}

async function applyOne(runtime: Runtime, out: Output, format: Format, text: string): Promise<number> {
  const hash = await planHashOf(runtime, text);
  const outcome = await applyApproved(runtime, hash);
  const steps = outcome.report?.steps ?? [];
  const { why } = outcome;
  answer(out, format, {
    document: { plan: hash, outcome: outcome.outcome, ...(why === undefined ? {} : { why }), steps },
    records: steps,
    print: () => printOutcome(out, outcome),
  });
  if (outcome.outcome !== "applied" || outcome.report === undefined) return 1;
  return outcome.report.refused === undefined ? exitCode([outcome.report]) : 1;
}

/** Looks again at what was written, when that is due soon. */
async function verified(
  runtime: Runtime,
  report: EnforceReport,
  clusters: { clusters?: readonly string[] },
): Promise<EnforceReport> {
  const at = report.clusters.flatMap(({ verifyAgainAt }) => verifyAgainAt ?? []).sort()[0];
  if (at === undefined) return report;
  const wait = Date.parse(at) - runtime.clock.now().getTime();
  if (wait > PATIENCE_MS) return report;
  runtime.progress.note(`Looking again in ${Math.ceil(Math.max(0, wait) / 1000)} s …`);
  await runtime.clock.sleep(Math.max(0, wait));
  const second = await enforceOnce(runtime, clusters);
  const looked = new Set(second.clusters.map(({ cluster }) => cluster));
  const unseen = report.clusters.filter(({ cluster }) => !looked.has(cluster));
  return { ...second, clusters: [...second.clusters.map((each) => merged(report, each)), ...unseen] };
}

/** What the first look did belongs to the answer. */
function merged(first: EnforceReport, second: ClusterOutcome): ClusterOutcome {
  const before = first.clusters.find(({ cluster }) => cluster === second.cluster);
  if (before === undefined) return second;
  const fresh = second.plans.filter(({ plan }) => !before.plans.some((each) => each.plan.hash === plan.hash));
  return { ...second, plans: [...before.plans, ...fresh], reports: [...before.reports, ...second.reports] };
}

function reportsOf({ reports, plans }: ClusterOutcome): RunReport[] {
  return [...reports, ...plans.flatMap(({ report }) => report ?? [])];
}

function exitCode(reports: readonly RunReport[]): number {
  const outcomes = outcomesOf(reports);
  if (outcomes.has("failed") || reports.some(({ aborted }) => aborted !== undefined)) return 3;
  return outcomes.has("contested") || outcomes.has("overridden") ? 1 : 0;
}

/** A second look, and what a server refuses to take back, reports no steps: it is in the notices. */
export function outcomesOf(reports: readonly RunReport[]): Set<string> {
  return new Set(
    reports.flatMap(({ steps, notices }) => [
      ...steps.map(({ outcome }) => outcome),
      ...notices.map(({ kind }) => kind),
    ]),
  );
}

export function reportDocument(report: EnforceReport) {
  const { at, stopped, wants, notYet, left } = report;
  return {
    at,
    ...(stopped === undefined ? {} : { stopped }),
    wants: wants.map(({ policy, action, rung, expiresAt }) => ({ policy, action, rung, expiresAt })),
    notYet,
    clusters: report.clusters.map((outcome) => ({
      cluster: outcome.cluster,
      ...(outcome.problem === undefined ? {} : { problem: outcome.problem }),
      plans: outcome.plans.map(({ plan, outcome: what, why }) => ({
        plan: plan.hash,
        outcome: what,
        ...(why === undefined ? {} : { why }),
        steps: plan.steps.length,
        leftOut: plan.leftOut,
      })),
      steps: reportsOf(outcome).flatMap(({ steps }) => steps.map((step) => ({ cluster: outcome.cluster, ...step }))),
      notices: reportsOf(outcome).flatMap(({ notices }) => notices),
    })),
    left,
  };
}

function print(out: Output, report: EnforceReport): void {
  if (report.stopped !== undefined) {
    out.line(`GenOps is stopped ${report.stopped}. genops enforce stop --lift goes on.`);
    return;
  }
  if (report.wants.length === 0) out.line("Nothing is wanted: no budget asks for more than a message.");
  for (const { policy, reason } of report.notYet) out.line(`not yet: ${policy}: ${reason}`);
  for (const outcome of report.clusters) {
    if (outcome.problem !== undefined) out.line(`${outcome.cluster}: ${outcome.problem}`);
    for (const each of outcome.reports) printReport(out, each);
    for (const each of outcome.plans) printOutcome(out, each);
  }
}

function printOutcome(out: Output, { plan, outcome, why, report }: PlanOutcome): void {
  const because = why === undefined ? "" : `: ${why}`;
  out.line(`${plan.cluster}: plan ${plan.hash.slice(0, 16)} of ${plan.steps.length} steps: ${outcome}${because}`);
  if (report !== undefined) printReport(out, report);
  for (const { subject, reason } of plan.leftOut) out.line(`  left out: ${subject}: ${reason}`);
}

export function printReport(out: Output, report: RunReport & { refused?: string }): void {
  if (report.refused !== undefined) out.line(`  not begun: ${report.refused}`);
  if (report.aborted !== undefined) out.line(`  ended early: ${report.aborted}`);
  for (const { outcome, action, subject, detail } of report.steps)
    out.line(`  ${outcome}: ${subject} (${action})${detail === undefined ? "" : `: ${detail}`}`);
  for (const { text, hint } of report.notices) out.line(`  ${text}${hint === undefined ? "" : `\n${hint}`}`);
}
