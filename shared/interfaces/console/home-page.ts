import { createHash } from "node:crypto";
import { budgetList } from "./budget-list.ts";
import { costChart } from "./cost-chart.ts";
import { seriesByCurrency } from "./daily-series.ts";
import { attention, findingList } from "./finding-list.ts";
import { type Html, html, t } from "./html.ts";
import type { HomeModel } from "./model.ts";
import { STYLE } from "./style.ts";
import { totalsTable } from "./totals.ts";
import { instantText, providerName, shortDay } from "./words.ts";

/** Content-Security-Policy under which the page works: no scripts, nothing from elsewhere, only its own style sheet. */
export const HOME_PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath fill='%232f6fde' d='M2 9h3v5H2zM6.5 5h3v9h-3zM11 2h3v12h-3z'/%3E%3C/svg%3E";

/**
 * The first page: cost by day and provider (one chart per currency), budgets, findings and totals, as one HTML document with inline
 * SVG and no script. Everything in the model is treated as untrusted text.
 */
export function renderHomePage(model: HomeModel): string {
  const state = attention(model.findings);
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>GenOps: cloud cost</title><link rel="icon" href="${t(ICON)}"><style>${STYLE as Html}</style></head>
<body>
<header><h1>GenOps</h1><p>Data as of <time datetime="${t(model.asOf)}">${t(instantText(model.asOf))}</time>${settled(model)}</p><span class="pill ${t(state.level)}">${t(state.text)}</span></header>
<main>
${model.notice === undefined ? undefined : html`<p class="notice">${t(model.notice)}</p>`}
${costSection(model)}
<div class="two"><section aria-labelledby="findings"><h2 id="findings">Findings</h2>${findingList(model.findings)}</section>
<section aria-labelledby="budgets"><h2 id="budgets">Budgets</h2>${budgetList(model.budgets)}</section></div>
${totalsSection(model)}
</main>
<footer>Made ${t(instantText(model.generatedAt))} · <a href="/api/v1/costs">costs</a>, <a href="/api/v1/budgets">budgets</a>, <a href="/api/v1/findings">findings</a> as JSON · <a href="/api/v1/openapi.json">API description</a></footer>
</body></html>
`;
}

function settled(model: HomeModel): Html {
  const days = Object.entries(model.settledUntil).sort(([a], [b]) => (a < b ? -1 : 1));
  if (days.length === 0) return html``;
  return html` · settled before ${t(days.map(([provider, day]) => `${shortDay(day)} (${providerName(provider)})`).join(", "))}`;
}

function costSection(model: HomeModel): Html {
  const series = seriesByCurrency(model);
  const head = html`<h2 id="cost">Cost by day <small>${t(model.cost)} cost</small></h2>`;
  if (series.length === 0)
    return html`<section aria-labelledby="cost">${head}<p class="empty">No costs have been collected yet.</p></section>`;
  const charts = series.map((each, index) => {
    const title = series.length === 1 ? undefined : html`<h3>${t(each.currency)}</h3>`;
    return html`${title}${costChart(each, model, index)}`;
  });
  return html`<section aria-labelledby="cost">${head}${charts}</section>`;
}

function totalsSection(model: HomeModel): Html {
  const series = seriesByCurrency(model);
  if (series.length === 0) return html``;
  return html`<section aria-labelledby="totals"><h2 id="totals">Totals</h2>${series.map((each) => totalsTable(each, model))}</section>`;
}
