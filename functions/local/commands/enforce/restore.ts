import { GenOpsError } from "../../../../shared/core/errors.ts";
import {
  type ClusterRestore,
  type RestoreWish,
  restoreByHand,
} from "../../../../shared/usecases/enforce/restore-by-hand.ts";
import type { Runtime } from "../../../../shared/usecases/runtime.ts";
import { answer } from "../../answer.ts";
import type { Format, Output } from "../../output.ts";
import { outcomesOf, printReport } from "./apply.ts";

export interface RestoreOptions {
  all?: boolean;
  policy?: string[];
  step?: string[];
  fromAnnotations?: boolean;
  cluster?: string[];
}

/** `genops enforce restore`: 0; 1 when something was kept because somebody changed it; 3 when a part failed. */
export async function restoreCommand(
  runtime: Runtime,
  out: Output,
  format: Format,
  options: RestoreOptions,
): Promise<number> {
  const restores = await restoreByHand(runtime, { clusters: options.cluster, what: selectionOf(options) });
  const steps = restores.flatMap(({ cluster, reports }) =>
    reports.flatMap((report) => report.steps.map((step) => ({ cluster, ...step }))),
  );
  answer(out, format, {
    document: {
      clusters: restores.map(({ cluster, problem }) => ({ cluster, ...(problem === undefined ? {} : { problem }) })),
      steps,
    },
    records: steps,
    print: () => print(out, restores),
  });
  return exitCode(restores);
}

function selectionOf({ all, policy, step, fromAnnotations }: RestoreOptions): RestoreWish["what"] {
  const ways = [all === true || fromAnnotations === true, policy !== undefined, step !== undefined];
  if (ways.filter((way) => way).length > 1)
    throw new GenOpsError("usage", "say one of --all (also with --from-annotations), --policy and --step");
  if (fromAnnotations === true) return { kind: "annotations" };
  if (step !== undefined) return { kind: "steps", steps: step };
  if (policy !== undefined) return { kind: "policies", policies: policy };
  if (all === true) return { kind: "all" };
  throw new GenOpsError("usage", "say what is to be given back: --all, --policy NAME, --step ID or --from-annotations");
}

function exitCode(restores: readonly ClusterRestore[]): number {
  const outcomes = outcomesOf(restores.flatMap(({ reports }) => reports));
  const isUndone = restores.some(
    ({ problem, reports }) => problem !== undefined || reports.some(({ aborted }) => aborted !== undefined),
  );
  if (isUndone || outcomes.has("failed")) return 3;
  return outcomes.has("kept") || outcomes.has("overridden") ? 1 : 0;
}

function print(out: Output, restores: readonly ClusterRestore[]): void {
  if (restores.length === 0) out.line("There is no cluster that could be written to: nothing is held.");
  for (const { cluster, reports, problem } of restores) {
    if (problem !== undefined) out.line(`${cluster}: ${problem}`);
    const count = reports.reduce((total, { steps }) => total + steps.length, 0);
    if (problem === undefined) out.line(count === 0 ? `${cluster}: nothing is held` : `${cluster}:`);
    for (const report of reports) printReport(out, report);
  }
}
