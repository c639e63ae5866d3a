import type { CostBasis } from "../../../shared/config/types.ts";
import { parseDecimal, sum } from "../../../shared/core/decimal.ts";
import { GenOpsError } from "../../../shared/core/errors.ts";
import { type Period, parsePeriod } from "../../../shared/core/period.ts";
import { exportFocus } from "../../../shared/ingestion/focus/export-focus.ts";
import { formatMoney } from "../../../shared/interfaces/console/money-text.ts";
import { lagText } from "../../../shared/ledger/completeness/describe-lags.ts";
import { openRows } from "../../../shared/ledger/open-costs.ts";
import { type Report, reportCosts } from "../../../shared/ledger/report.ts";
import { sqlText } from "../../../shared/ports/sql-engine.ts";
import { knownLags } from "../../../shared/usecases/known-lags.ts";
import type { Runtime } from "../../../shared/usecases/runtime.ts";
import type { Output } from "../output.ts";
import { shareBar } from "../terminal/bars.ts";
import { renderCsv } from "../terminal/csv.ts";

export interface ReportOptions {
  by: string;
  period: string;
  cost: string;
  periodBasis?: string | undefined;
  source?: string[] | undefined;
}

const BASES: readonly CostBasis[] = ["billed", "effective", "list", "contracted"];

export function readPeriod(runtime: Runtime, text: string, basis: string | undefined): Period {
  const period = parsePeriod(text, runtime.clock.evaluationNow());
  if (basis === undefined) return period;
  if (basis !== "billing" && basis !== "charge")
    throw new GenOpsError("usage", `--period-basis ${basis}: use billing or charge`);
  return { ...period, basis };
}

export function report(runtime: Runtime, options: ReportOptions): Promise<Report> {
  const cost = BASES.find((basis) => basis === options.cost);
  if (cost === undefined) throw new GenOpsError("usage", `--cost ${options.cost}: use ${BASES.join(", ")}`);
  assertSources(runtime, options.source);
  const by = options.by
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  return runtime.withCosts(async (deps) =>
    reportCosts(deps, {
      ...runtime.costsQuery(),
      ...(options.source === undefined ? {} : { sources: options.source }),
      by,
      period: readPeriod(runtime, options.period, options.periodBasis),
      cost,
      ...(await knownLags(runtime)),
      now: runtime.clock.evaluationNow(),
    }),
  );
}

export function printReport(out: Output, document: Report): void {
  const totals = new Map(document.totals.map(({ currency, amount }) => [currency, parseDecimal(amount)]));
  out.line(`${document.cost} cost, ${document.period.start} to ${document.period.end} (exclusive)`);
  out.table(
    [
      ...document.by.map((title) => ({ title })),
      { title: "amount", align: "right" as const },
      { title: "" },
      { title: "share", minWidth: 20 },
    ],
    document.rows.map(({ keys, currency, amount, settled }) => [
      ...document.by.map((name) => keys[name] ?? "–"),
      formatMoney(parseDecimal(amount), currency),
      settled === amount ? "" : "unsettled",
      { text: shareBar(parseDecimal(amount), totals.get(currency) ?? sum([]), 20), color: "cyan" as const },
    ]),
  );
  for (const { currency, amount } of document.totals) out.line(`total ${formatMoney(parseDecimal(amount), currency)}`);
  if (document.rows.length === 0) out.line("No costs in this period.");
  for (const lag of document.lags ?? []) out.line(lagText(lag));
  for (const key of document.unreadable ?? [])
    out.line(`${key} cannot be read: nothing is learnt from it; the next evaluation of a new bill writes it anew`);
  for (const { source, at } of document.inPlace ?? [])
    out.line(`The rows of ${source} stay in ${at}: --as-of reaches their daily sums, not the rows.`);
}

export function reportCsv(document: Report): string {
  return renderCsv(
    [...document.by, "currency", "amount", "settled", "expected", "completeness"],
    document.rows.map(({ keys, currency, amount, settled, expected, completeness }) => [
      ...document.by.map((name) => keys[name] ?? null),
      currency,
      amount,
      settled,
      expected,
      completeness,
    ]),
  );
}

function assertSources({ config }: Runtime, ids: readonly string[] | undefined): void {
  const unknown = ids?.find((id) => !config.sources.some((source) => source.id === id));
  if (unknown !== undefined)
    throw new GenOpsError(
      "usage",
      `no source "${unknown}"; configured are ${config.sources.map(({ id }) => id).join(", ") || "none"}`,
    );
}

const EXPORTS = { "focus-1.0": "1.0", "focus-1.2": "1.2", "focus-1.4": "1.4" } as const;

/** `--export focus-1.2 --to FILE`: the period's rows as Parquet or CSV, by the file's ending. */
export async function exportReport(
  runtime: Runtime,
  options: ReportOptions & { export: string; to: string | undefined },
): Promise<number> {
  const version = Object.entries(EXPORTS).find(([name]) => name === options.export)?.[1];
  if (version === undefined)
    throw new GenOpsError("usage", `--export ${options.export}: use ${Object.keys(EXPORTS).join(", ")}`);
  const { to } = options;
  if (to === undefined) throw new GenOpsError("usage", "--export needs --to FILE (.csv or .parquet)");
  const { start, end, basis } = readPeriod(runtime, options.period, options.periodBasis);
  const column = basis === "billing" ? "BillingPeriodStart" : "ChargePeriodStart";
  return runtime.withCosts(async (deps) => {
    await openRows(deps, {
      ...runtime.costsQuery(),
      ...(options.source === undefined ? {} : { sources: options.source }),
    });
    const own = "account, source, billing_period, version, team, project, environment, cost_center";
    const relation = `(SELECT * EXCLUDE (${own}) FROM cost_rows WHERE ${column} >= TIMESTAMP ${sqlText(start)} AND ${column} < TIMESTAMP ${sqlText(end)})`;
    return exportFocus(deps.engine, relation, version, to);
  });
}
