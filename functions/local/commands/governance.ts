import { type Decimal, formatFixed, fromInteger, min, parseDecimal } from "../../../shared/core/decimal.ts";
import { GenOpsError } from "../../../shared/core/errors.ts";
import type { Finding, FindingLevel } from "../../../shared/core/finding.ts";
import { monthDays } from "../../../shared/core/period.ts";
import { findKey, shortKey } from "../../../shared/governance/findings/find-key.ts";
import { findingJson } from "../../../shared/governance/findings/finding-json.ts";
import {
  acknowledgeFinding,
  resolveFinding,
  snoozeFinding,
} from "../../../shared/governance/findings/handle-finding.ts";
import type { BudgetsDocument } from "../../../shared/interfaces/api/documents.ts";
import { formatMoney } from "../../../shared/interfaces/console/money-text.ts";
import type { Runtime } from "../../../shared/usecases/runtime.ts";
import { tellFindings } from "../../../shared/usecases/tell-findings.ts";
import { answer } from "../answer.ts";
import type { Format, Output } from "../output.ts";
import { shareBar } from "../terminal/bars.ts";
import type { Color } from "../terminal/color.ts";
import type { Cell } from "../terminal/table.ts";

const HUNDRED = fromInteger(100);
/** Cells of a full bar. */
const BAR = 15;
/** `100 % throttle waiting` */
const ALERT = 22;

export function printBudgets(out: Output, { budgets }: BudgetsDocument): void {
  if (budgets.length === 0) {
    out.line("No budgets are configured.");
    return;
  }
  out.table(
    [
      { title: "budget", whole: true },
      { title: "period", whole: true, leaveOut: 5 },
      { title: "limit", align: "right", leaveOut: 6 },
      { title: "actual", align: "right" },
      { title: "used", align: "right" },
      { title: "", minWidth: BAR, leaveOut: 2 },
      { title: "forecast", align: "right", leaveOut: 4 },
      { title: "80 % between", align: "right", leaveOut: 1 },
      { title: "settled", align: "right", leaveOut: 3 },
      { title: "alerts", minWidth: ALERT },
    ],
    budgets.map((budget) => [
      budget.name,
      periodCell(budget.period),
      formatMoney(parseDecimal(budget.limit), budget.currency),
      formatMoney(parseDecimal(budget.actual), budget.currency),
      { text: `${budget.used} %`, color: usedColor(parseDecimal(budget.used)) },
      {
        text: shareBar(min(parseDecimal(budget.used), HUNDRED), HUNDRED, BAR),
        color: usedColor(parseDecimal(budget.used)),
      },
      ...forecastCells(budget),
      `${Math.round(Number(budget.settled) * 100)} %`,
      alertsCell(budget),
    ]),
  );
}

/** A calendar month by its name; other periods by their days. */
function periodCell({ start, end }: { start: string; end: string }): string {
  return start.endsWith("-01") && end === monthDays(start.slice(0, 7)).end ? start.slice(0, 7) : `${start}..${end}`;
}

type BudgetItem = BudgetsDocument["budgets"][number];

function usedColor(used: Decimal): Color {
  return used >= HUNDRED ? "red" : used >= fromInteger(80) ? "yellow" : "green";
}

/** Whole units: a forecast has no cents. */
function forecastCells({ forecast }: BudgetItem): [string, string] {
  if (forecast === null) return ["–", "–"];
  const whole = (amount: string) => formatFixed(parseDecimal(amount), 0).replace(/\B(?=(\d{3})+$)/g, ",");
  return [whole(forecast.amount), `${whole(forecast.low)} – ${whole(forecast.high)}`];
}

/** The highest first: it is what matters where there is no room for all. */
function alertsCell({ alerts }: BudgetItem): Cell {
  const loud = alerts
    .filter(({ state }) => state !== "ok")
    .toSorted((a, b) => (parseDecimal(a.threshold) > parseDecimal(b.threshold) ? -1 : 1));
  const text = loud.map(({ threshold, action, state }) => `${threshold} % ${action} ${state}`).join(", ");
  return { text, color: loud.some(({ state }) => state === "fired") ? "red" : "yellow" };
}

/** True when some budget needs attention: what `--check` turns into exit code 1. */
export function isBreached({ budgets }: BudgetsDocument): boolean {
  return budgets.some(({ alerts }) => alerts.some(({ state }) => state !== "ok"));
}

const LEVEL_COLOR: Readonly<Record<FindingLevel, Color>> = { info: "blue", warning: "yellow", critical: "red" };

export function answerFindings(out: Output, format: Format, findings: readonly Finding[]): void {
  const document = findingsDocument(findings);
  answer(out, format, { document, records: document.findings, print: () => printFindings(out, findings) });
}

export function printFindings(out: Output, findings: readonly Finding[]): void {
  if (findings.length === 0) {
    out.line("Nothing needs attention.");
    return;
  }
  out.table(
    [
      { title: "level", whole: true },
      { title: "state", whole: true, leaveOut: 1 },
      { title: "what", minWidth: 25 },
      { title: "amount", align: "right", leaveOut: 2 },
      { title: "key", whole: true },
    ],
    findings.map((finding) => [
      { text: finding.level, color: LEVEL_COLOR[finding.level] },
      finding.state,
      finding.title,
      formatMoney(finding.amount, finding.currency),
      shortKey(finding.key),
    ]),
  );
}

export interface HandleOptions {
  by: string;
  until?: string | undefined;
  reason?: string | undefined;
}

/** `genops findings ack|snooze|resolve KEY`; whoever was told is told again, in place. */
export async function handleFinding(
  runtime: Runtime,
  action: "ack" | "snooze" | "resolve",
  given: string,
  options: HandleOptions,
): Promise<Finding> {
  const key = await findKey({ store: runtime.lake }, given);
  const deps = { store: runtime.lake, clock: runtime.clock, events: runtime.events };
  const changed = await change();
  await tellFindings(runtime, [changed]);
  return changed;

  function change(): Promise<Finding> {
    if (action === "ack") return acknowledgeFinding(deps, { key, actor: options.by });
    if (action === "resolve") return resolveFinding(deps, { key, actor: options.by, resolution: options.reason });
    if (options.until === undefined) throw new GenOpsError("usage", "findings snooze needs --until INSTANT");
    return snoozeFinding(deps, { key, actor: options.by, until: options.until });
  }
}

export function printHandled(out: Output, { key, state, snoozedUntil }: Finding): void {
  out.line(`${key} is ${state}${snoozedUntil === undefined ? "" : ` until ${snoozedUntil}`}.`);
}

export function findingsDocument(findings: readonly Finding[]): { findings: ReturnType<typeof findingJson>[] } {
  return { findings: findings.map(findingJson) };
}
