import type { Day } from "../../../core/period.ts";
import { addDays, dayOf } from "../../../core/period.ts";
import { NO_RATES } from "../../../core/rates.ts";
import type { BudgetStanding } from "../../../governance/budgets/standing.ts";
import { createConvert } from "../../../governance/convert.ts";
import { evaluateStandings } from "../../../governance/evaluate.ts";
import { listHeads } from "../../../ledger/head.ts";
import { openCube } from "../../../ledger/open-costs.ts";
import { sqlText } from "../../../ports/sql-engine.ts";
import { knownLags } from "../../known-lags.ts";
import type { Runtime } from "../../runtime.ts";

/** Where hard budgets stood on one day. */
export interface PastStandings {
  day: Day;
  /** `then`: what the ledger knew on that day. `now`: what it knows of the days before that day today, because it is younger. */
  knowledge: "then" | "now";
  standings: readonly BudgetStanding[];
}

/** Evaluations are made at noon. */
const AT = "T12:00:00.000Z";

/** The standings of each day in turn, by the rules of an evaluation on that day. Writes nothing but cubes that are missing. */
export async function pastStandings(runtime: Runtime, days: readonly Day[]): Promise<PastStandings[]> {
  const first = await firstCommit(runtime);
  return runtime.withCosts(async (deps) => {
    const past: PastStandings[] = [];
    let opened = "";
    for (const [index, day] of days.entries()) {
      const now = new Date(`${day}${AT}`);
      const knowledge = first !== undefined && first <= now.toISOString() ? "then" : "now";
      const asOf = knowledge === "then" ? now : runtime.asOf;
      const key = asOf?.toISOString() ?? "";
      if (key !== opened || index === 0) await openCube(deps, { ...runtime.costsQuery(), asOf });
      opened = key;
      // A bill of today is not known today.
      await deps.engine.run(
        `CREATE OR REPLACE TEMP VIEW cube_then AS SELECT * FROM cube WHERE date < DATE ${sqlText(day)}`,
      );
      const { standings } = await evaluateStandings(
        { engine: deps.engine, clock: { now: () => now, evaluationNow: () => now } },
        await inputOf(runtime, asOf, now),
      );
      past.push({ day, knowledge, standings });
    }
    return past;
  });
}

async function inputOf(
  runtime: Runtime,
  asOf: Date | undefined,
  now: Date,
): Promise<Parameters<typeof evaluateStandings>[1]> {
  const { config, rates } = runtime;
  return {
    budgets: config.budgets,
    anomalies: config.anomalies,
    ...(await knownLags(runtime, asOf, now)),
    convert: createConvert(rates ?? NO_RATES),
    cubeRelation: "cube_then",
    evaluationId: dayOf(now),
  };
}

async function firstCommit({ lake }: Runtime): Promise<string | undefined> {
  const heads = await listHeads(lake);
  return heads.flatMap(({ versions }) => versions.map(({ committedAt }) => committedAt)).sort()[0];
}

export function daysBefore(today: Day, count: number): Day[] {
  return Array.from({ length: count }, (_, index) => addDays(today, index - count));
}
