import { type Decimal, fromScaled } from "../../core/decimal.ts";
import { addDays, type Day } from "../../core/period.ts";
import { type CurrencySeries, providerClass } from "./daily-series.ts";
import { type Html, html, t } from "./html.ts";
import type { HomeModel } from "./model.ts";
import { formatAmount } from "./money-text.ts";
import { ratio } from "./scale.ts";
import { longDay, monthName, providerName } from "./words.ts";

/** Totals per provider of one currency: the last seven days, the month so far, and all days shown. */
export function totalsTable(series: CurrencySeries, model: HomeModel): Html {
  const end = model.period.end;
  const last = addDays(end, -1);
  const spans: readonly { title: string; start: Day }[] = [
    { title: "Last 7 days", start: addDays(end, -7) },
    { title: monthName(last), start: `${last.slice(0, 7)}-01` },
    { title: `Since ${longDay(model.period.start)}`, start: model.period.start },
  ];
  const whole = total(series, undefined, model.period.start);
  const rows = series.providers.map((provider) => {
    const share = ratio(total(series, provider, model.period.start), whole);
    const cells = spans.map(
      ({ start }) => html`<td class="num">${t(formatAmount(total(series, provider, start)))}</td>`,
    );
    return html`<tr><th scope="row"><bdi>${t(providerName(provider))}</bdi></th>${cells}<td class="share"><svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="8"/><rect class="${t(providerClass(series, provider))}" width="${Math.max(0, Math.min(1, share)) * 100}" height="8"/></svg><span class="num">${t(`${Math.round(share * 1000) / 10} %`)}</span></td></tr>`;
  });
  const sums = spans.map(({ start }) => html`<td class="num">${t(formatAmount(total(series, undefined, start)))}</td>`);
  return html`<div class="wide"><table><caption>Totals in ${t(series.currency)} (${t(model.cost)} cost)</caption>
<thead><tr><th scope="col">Provider</th>${spans.map(({ title }) => html`<th scope="col" class="num">${t(title)}</th>`)}<th scope="col">Share</th></tr></thead>
<tbody>${rows}</tbody><tfoot><tr><th scope="row">Total</th>${sums}<td></td></tr></tfoot></table></div>`;
}

function total(series: CurrencySeries, provider: string | undefined, start: Day): Decimal {
  let amount = 0n;
  for (const { date, parts } of series.days) {
    if (date < start) continue;
    for (const [name, part] of parts) if (provider === undefined || name === provider) amount += part.amount;
  }
  return fromScaled(amount);
}
