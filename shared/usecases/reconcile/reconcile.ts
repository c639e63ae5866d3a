import type { ReconcileAgainst } from "../../config/types.ts";
import { abs, type Decimal, formatDecimal, parseDecimal } from "../../core/decimal.ts";
import { GenOpsError, messageOf } from "../../core/errors.ts";
import type { Observation } from "../../core/finding.ts";
import { addDays, dayOf, isMonth, type Month, monthDays } from "../../core/period.ts";
import { reconcileFindings } from "../../governance/findings/reconcile-findings.ts";
import type { LedgerLine } from "../../governance/reconciliation/ledger-line.ts";
import { observeResiduals } from "../../governance/reconciliation/observe-residuals.ts";
import { byWeight, compareTotals, type Residual } from "../../governance/reconciliation/residuals.ts";
import { readHead } from "../../ledger/head.ts";
import { type Report, reportCosts } from "../../ledger/report.ts";
import type { Runtime } from "../runtime.ts";
import { tellFindings } from "../tell-findings.ts";
import { readProviderTotals } from "./provider-totals/index.ts";

/** One source and period against the provider's own total. */
export interface Reconciliation {
  source: string;
  period: Month;
  /** Where the independent total comes from; empty when it could not be had. */
  origin: string;
  /** The largest first; zeros included. */
  residuals: Residual[];
  /** Why there is no answer. */
  problem?: string;
}

/** Months whose bill providers still change (`reference/clouds.md` §0): until two weeks after their end. */
const OPEN_FOR_DAYS = 15;

/** Compares the ledger with independent totals of the same provider, opens findings for residuals above the bound and tells people. */
export async function reconcile(
  runtime: Runtime,
  { period, sources }: { period: Month; sources?: readonly string[] | undefined },
): Promise<Reconciliation[]> {
  if (!isMonth(period)) throw new GenOpsError("usage", `--period ${period}: billing periods look like 2024-09`);
  const reconciliations: Reconciliation[] = [];
  for (const against of chosen(runtime, sources)) reconciliations.push(await reconcileOne(runtime, against, period));
  await keepFindings(runtime, period, reconciliations);
  return reconciliations;
}

function chosen({ config }: Runtime, sources: readonly string[] | undefined): readonly ReconcileAgainst[] {
  const { against } = config.reconcile;
  const unknown = sources?.find((id) => !against.some(({ source }) => source === id));
  if (unknown !== undefined || against.length === 0) {
    const what = unknown === undefined ? "the ledger" : `source "${unknown}"`;
    throw new GenOpsError("config", `nothing is configured to compare ${what} with`, {
      place: { field: "reconcile.against" },
    });
  }
  return against.filter(({ source }) => sources?.includes(source) ?? true);
}

async function reconcileOne(runtime: Runtime, against: ReconcileAgainst, period: Month): Promise<Reconciliation> {
  const { source } = against;
  try {
    const { totals, origin } = await readProviderTotals(runtime, against, period);
    const unread = (await readHead(runtime.lake, source, period)) === undefined;
    const lines = unread ? [] : await ledgerLines(runtime, source, period);
    const open = addDays(monthDays(period).end, OPEN_FOR_DAYS) > dayOf(runtime.clock.evaluationNow());
    return { source, period, origin, residuals: compareTotals({ lines, totals, unread, open }).sort(byWeight) };
  } catch (error) {
    return { source, period, origin: "", residuals: [], problem: messageOf(error) };
  }
}

/** By invoice where the rows can be read from here; else by account (rows that stay in their cloud, L10). */
async function ledgerLines(runtime: Runtime, source: string, period: Month): Promise<LedgerLine[]> {
  const report = (by: readonly string[]) =>
    runtime.withCosts((deps) =>
      reportCosts(deps, {
        ...runtime.costsQuery(),
        sources: [source],
        by,
        period: { ...monthDays(period), basis: "billing" },
        cost: "billed",
        settledAfterDays: {},
        now: runtime.clock.evaluationNow(),
      }),
    );
  const detailed = await report(["account", "invoice_id", "charge_category", "charge_class"]).catch(
    (error: unknown): Promise<Report> => {
      if (error instanceof GenOpsError && error.code === "refused") return report(["account", "charge_category"]);
      throw error;
    },
  );
  return detailed.rows.map(({ keys, currency, amount }) => ({
    account: keys["account"] ?? "",
    invoice: keys["invoice_id"] ?? undefined,
    currency,
    category: keys["charge_category"] ?? "",
    correction: keys["charge_class"] === "Correction",
    amount: parseDecimal(amount),
  }));
}

async function keepFindings(
  runtime: Runtime,
  period: Month,
  reconciliations: readonly Reconciliation[],
): Promise<void> {
  const { bound } = runtime.config.reconcile;
  const answered = reconciliations.filter(({ problem }) => problem === undefined);
  const observations: Observation[] = answered.flatMap(({ source, residuals }) =>
    observeResiduals(residuals, { source, period, bound }),
  );
  const compared = new Set(answered.map(({ source }) => source));
  const { start } = monthDays(period);
  const { opened, updated, resolved } = await reconcileFindings(
    { store: runtime.lake, clock: runtime.clock, events: runtime.events },
    {
      observations,
      covers: ({ kind, period: about, scope }) =>
        kind === "reconciliation" && about.start === start && compared.has(scope["source"]?.[0] ?? "")
          ? "the ledger agrees with the provider's own total"
          : undefined,
    },
  );
  await tellFindings(runtime, [...opened, ...updated, ...resolved]);
}

/** JSON of `genops reconcile`. */
export function reconcileDocument(reconciliations: readonly Reconciliation[], bound: Decimal) {
  return {
    bound: formatDecimal(bound),
    reconciliations: reconciliations.map(({ residuals, ...head }) => ({
      ...head,
      residuals: residuals.map((found) => ({
        account: found.account,
        ...(found.invoice === undefined ? {} : { invoice: found.invoice }),
        currency: found.currency,
        ledger: formatDecimal(found.ledger),
        independent: formatDecimal(found.independent),
        residual: formatDecimal(found.residual),
        reasons: found.parts.map(({ reason, amount }) => ({ reason, amount: formatDecimal(amount) })),
        withinBound: abs(found.residual) <= bound,
      })),
    })),
  };
}
