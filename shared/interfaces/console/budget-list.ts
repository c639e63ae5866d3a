import { type Decimal, formatDecimal, parseDecimal, tryParseDecimal } from "../../core/decimal.ts";
import type { BudgetItem } from "../api/documents.ts";
import { type Html, html, t } from "./html.ts";
import { formatAmount, formatMoney } from "./money-text.ts";
import { ratio } from "./scale.ts";
import { longDay, scopeText } from "./words.ts";

const WIDTH = 400;
const HUNDRED = parseDecimal("100");

/** Budgets as bars with their thresholds, the fullest first. */
export function budgetList(budgets: readonly BudgetItem[]): Html {
  if (budgets.length === 0) return html`<p class="empty">No budgets are configured.</p>`;
  const sorted = [...budgets].sort((a, b) => usedOf(b) - usedOf(a) || (a.name < b.name ? -1 : 1));
  return html`<ul class="budgets">${sorted.map(budgetEntry)}</ul>`;
}

function usedOf(budget: BudgetItem): number {
  return ratio(parseDecimal(budget.actual), parseDecimal(budget.limit));
}

function budgetEntry(budget: BudgetItem): Html {
  const actual = parseDecimal(budget.actual);
  const limit = parseDecimal(budget.limit);
  const status = statusOf(budget, actual, limit);
  const percent = `${Math.floor(ratio(actual, limit) * 1000) / 10} %`;
  const scope = Object.keys(budget.scope).length === 0 ? "all costs" : scopeText(budget.scope);
  return html`<li>
<div class="line"><h3><bdi>${t(budget.name)}</bdi></h3><span class="pill ${t(status.level)}">${t(status.text)}</span><strong class="num">${t(percent)}</strong></div>
${bar(budget, actual, limit, status.level)}
<p class="small"><span><b>${t(formatAmount(actual))}</b> of ${t(formatMoney(limit, budget.currency))}</span>${forecast(budget)}</p>
<p class="small quiet"><bdi>${t(scope)}</bdi> · ${t(longDay(budget.period.start))} to before ${t(longDay(budget.period.end))}</p>
</li>`;
}

type Level = "good" | "warning" | "critical";

function statusOf(budget: BudgetItem, actual: Decimal, limit: Decimal): { level: Level; text: string } {
  if (actual >= limit && actual > 0n) return { level: "critical", text: "over the limit" };
  const fired = budget.alerts.filter((alert) => alert.state !== "ok").map((alert) => parseDecimal(alert.threshold));
  const highest = fired.reduce<Decimal | undefined>(
    (most, each) => (most === undefined || each > most ? each : most),
    undefined,
  );
  return highest === undefined
    ? { level: "good", text: "within the limit" }
    : { level: "warning", text: `${formatDecimal(highest)} % reached` };
}

function forecast(budget: BudgetItem): Html {
  if (budget.forecast === null) return html``;
  const { amount, low, high } = budget.forecast;
  const range = `${formatAmount(parseDecimal(low))} – ${formatAmount(parseDecimal(high))}`;
  return html`<span>forecast ${t(formatAmount(parseDecimal(amount)))} <span class="quiet">(${t(range)})</span></span>`;
}

/** The bar ends at the limit, or at whatever is larger: the amount, its forecast, a threshold above 100 %. */
function bar(budget: BudgetItem, actual: Decimal, limit: Decimal, level: Level): Html {
  const high = budget.forecast === null ? undefined : tryParseDecimal(budget.forecast.high);
  const thresholds = budget.alerts.map((alert) => ({
    ...alert,
    at: (limit * parseDecimal(alert.threshold)) / HUNDRED,
  }));
  const end = [limit, actual, high ?? 0n, ...thresholds.map(({ at }) => at)].reduce<bigint>(
    (most, each) => (each > most ? each : most),
    1n,
  );
  const px = (amount: bigint) => Math.max(0, ratio(amount, end)) * (WIDTH - 1);
  const projected = budget.forecast === null ? 0n : parseDecimal(budget.forecast.amount);
  const ticks = thresholds.map(({ at, threshold, basis, action, state, firedAt }) => {
    const said = { ok: "not reached", waiting: "reached, waits for settled cost", fired: `fired ${firedAt ?? ""}` }[
      state
    ];
    const text = `${threshold} % of the limit (${basis}): ${action}, ${said}`;
    return html`<g><title>${t(text)}</title><rect class="mark${state === "ok" ? html`` : html` fired`}" x="${px(at) - 1}" y="1" width="2" height="20"/></g>`;
  });
  const label = `${budget.name}: ${formatMoney(actual, budget.currency)} of ${formatMoney(limit, budget.currency)}`;
  return html`<svg class="bar" viewBox="0 0 ${WIDTH} 22" preserveAspectRatio="none" role="img" aria-label="${t(label)}">
<rect class="track" y="5" width="${px(limit)}" height="12"/>
${projected > actual ? html`<rect class="projected" y="5" width="${px(projected)}" height="12"/>` : undefined}
<rect class="fill ${t(level)}" y="5" width="${px(actual)}" height="12"/>
${ticks}</svg>`;
}
