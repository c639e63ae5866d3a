import { formatDecimal } from "../../../../shared/core/decimal.ts";
import { GenOpsError } from "../../../../shared/core/errors.ts";
import { formatMoney } from "../../../../shared/interfaces/console/money-text.ts";
import { type Simulation, simulate } from "../../../../shared/usecases/enforce/simulation/simulate.ts";
import type { Runtime } from "../../../../shared/usecases/runtime.ts";
import { answer } from "../../answer.ts";
import type { Format, Output } from "../../output.ts";

export interface SimulateOptions {
  /** `90d` */
  since: string;
  cluster?: string[];
}

const MOST_DAYS = 400;

/** `genops enforce simulate --since 90d` */
export async function simulateCommand(
  runtime: Runtime,
  out: Output,
  format: Format,
  { since, cluster }: SimulateOptions,
): Promise<number> {
  const days = Number(/^(\d{1,3})d$/.exec(since)?.[1] ?? 0);
  if (days < 1 || days > MOST_DAYS)
    throw new GenOpsError("usage", `--since ${since}: expected days such as 90d, at most ${MOST_DAYS}d`);
  const simulation = await simulate(runtime, { days, clusters: cluster });
  const workloads = simulation.workloads.map((each) => ({ ...each, saved: formatDecimal(each.saved) }));
  answer(out, format, {
    document: {
      ...simulation,
      saved: formatDecimal(simulation.saved),
      workloads,
      days: simulation.days.map((each) => ({ ...each, saved: formatDecimal(each.saved) })),
    },
    records: workloads,
    print: () => print(out, simulation),
  });
  return 0;
}

function print(out: Output, { from, to, days, saved, currency, workloads, remarks }: Simulation): void {
  const undone = workloads.filter((each) => each.undone !== undefined).length;
  out.line(`${from} to ${to}: something would have been done on ${days.length} days`);
  out.line(
    `${formatMoney(saved, currency)} saved, ${workloads.length} workloads hit, ${undone} of them put back by a person`,
  );
  if (workloads.length > 0) {
    out.table(
      [
        { title: "cluster" },
        { title: "what", whole: true },
        { title: "env" },
        { title: "days", align: "right" },
        { title: "saved", align: "right" },
        { title: "put back", leaveOut: 1 },
      ],
      workloads.map((each) => [
        each.cluster,
        each.subject,
        each.environment,
        String(each.days),
        formatMoney(each.saved, currency),
        each.undone ?? "",
      ]),
    );
  }
  for (const remark of remarks) out.line(`note: ${remark}`);
}
