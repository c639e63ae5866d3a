import { GenOpsError } from "../core/errors.ts";
import type { Finding } from "../core/finding.ts";
import { NO_RATES } from "../core/rates.ts";
import { budgetsJson } from "../governance/budgets/budgets-json.ts";
import { evaluateBudgets } from "../governance/budgets/evaluate-budgets.ts";
import { loudestThresholds } from "../governance/budgets/loudest-thresholds.ts";
import { STANDINGS_KEY, StandingsSchema } from "../governance/budgets/standing.ts";
import { createConvert } from "../governance/convert.ts";
import { observeDeliveries } from "../governance/deliveries.ts";
import { evaluate } from "../governance/evaluate.ts";
import { listFindings } from "../governance/findings/finding-store.ts";
import { reconcileFindings } from "../governance/findings/reconcile-findings.ts";
import { settleAlerts } from "../governance/inbound-alerts/settle-alerts.ts";
import type { BudgetsDocument } from "../interfaces/api/documents.ts";
import { previewMessages } from "../interfaces/notifications/notify.ts";
import { listSourceFailures } from "../ledger/collect/failures.ts";
import { recordKnowledge } from "../ledger/completeness/record-knowledge.ts";
import { updateDocument } from "../ledger/json-document.ts";
import { openCube } from "../ledger/open-costs.ts";
import { listQuarantines } from "../ledger/quarantine.ts";
import { fingerprintOf } from "./evaluate/fingerprint.ts";
import { knownLags } from "./known-lags.ts";
import { openRecentHourlyCosts, openRecentUnitCosts } from "./recent-costs.ts";
import type { Runtime } from "./runtime.ts";
import { tellFindings } from "./tell-findings.ts";

export interface Evaluated {
  budgets: BudgetsDocument;
  /** Not resolved, the newest first. */
  findings: Finding[];
  /** What Slack would be told, one text each. */
  preview: string[];
}

/** For what ends with an evaluation, before it begins. */
export function refusePast({ asOf }: Pick<Runtime, "asOf">): void {
  if (asOf === undefined) return;
  throw new GenOpsError("usage", "--as-of only looks back; an evaluation tells people what is known now: leave it out");
}

/**
 * Budgets, anomalies and deliveries → findings → people. What was told is not told again. What was known at an earlier instant is nothing to
 * tell people of now, nor to close their findings by: a run `asOf` is refused (`usage`).
 */
export async function evaluateAndTell(runtime: Runtime): Promise<Evaluated> {
  refusePast(runtime);
  const { config, clock, events, lake: store } = runtime;
  const evaluationId = await fingerprintOf(runtime);
  const report = await runtime.withCosts(async (deps) => {
    const versions = await openCube(deps, runtime.costsQuery());
    await recordKnowledge(deps, runtime.costsQuery(), versions);
    const unitCostRelation = await openRecentUnitCosts(runtime, deps);
    return evaluate(
      { engine: deps.engine, store, clock, events },
      {
        unitCostRelation,
        hourlyRelation: await openRecentHourlyCosts(runtime, deps),
        budgets: config.budgets,
        anomalies: config.anomalies,
        ...(await knownLags(runtime)),
        convert: createConvert(runtime.rates ?? NO_RATES),
        cubeRelation: "cube",
        evaluationId,
      },
    );
  });
  await updateDocument(store, STANDINGS_KEY, StandingsSchema, () => report.standings);
  await reconcileDeliveries(runtime);
  await settleAlerts({ store, clock, events }, config.budgets);
  const all = await listFindings({ store });
  await tellFindings(runtime, loudestThresholds(all));
  const findings = all.filter(({ state }) => state !== "resolved");
  return {
    budgets: budgetsJson(report.budgets, all),
    findings,
    preview: previewMessages(loudestThresholds(findings), config.notifications.minimumLevel),
  };
}

async function reconcileDeliveries({ lake: store, clock, events }: Runtime): Promise<void> {
  const observations = observeDeliveries(
    await listQuarantines(store),
    await listSourceFailures(store),
    clock.evaluationNow(),
  );
  await reconcileFindings(
    { store, clock, events },
    {
      observations,
      covers: (finding) => {
        if (finding.kind === "quarantine") return "decided by a person";
        return finding.kind === "source" && finding.rule === "collect-failed"
          ? "the source can be collected again"
          : undefined;
      },
    },
  );
}

/** `genops budgets`: where every budget stands, now or as known at `--as-of`. Changes nothing. */
export async function budgetsDocument(runtime: Runtime): Promise<BudgetsDocument> {
  const statuses = await runtime.withCosts(async (deps) => {
    await openCube(deps, runtime.costsQuery());
    return evaluateBudgets(
      { engine: deps.engine, clock: runtime.clock },
      {
        budgets: runtime.config.budgets,
        cubeRelation: "cube",
        ...(await knownLags(runtime)),
        convert: createConvert(runtime.rates ?? NO_RATES),
      },
    );
  });
  return budgetsJson(statuses, await listFindings({ store: runtime.lake }));
}
