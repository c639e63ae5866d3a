import { type Decimal, fromScaled, max, min, sum, ZERO } from "../../core/decimal.ts";
import type { Day } from "../../core/period.ts";
import { type CurrencySeries, type DayPart, providerClass } from "./daily-series.ts";
import { type Html, html, t } from "./html.ts";
import type { HomeModel } from "./model.ts";
import { formatAmount, formatMoney, formatWhole } from "./money-text.ts";
import { niceScale, ratio, type Scale } from "./scale.ts";
import { longDay, monthName, providerName, shortDay } from "./words.ts";

const WIDTH = 1080;
const HEIGHT = 300;
const PLOT = { left: 6, right: WIDTH - 56, top: 34, bottom: HEIGHT - 28 };
/** Half the width of the label above a cut bar. */
const LABEL_HALF = 28;
/** A day that towers over the others (month-start purchases) is cut at this share of the usual highest day, and says its amount. */
const CUT = { usual: 95n, beyond: 200n, at: 140n };

/** Cost by day stacked by provider, one currency; unsettled parts are lighter and hatched. The same numbers follow as a table. */
export function costChart(series: CurrencySeries, model: HomeModel, index: number): Html {
  const scale = scaleOf(series);
  const label = `Cost by day and provider in ${series.currency}, ${longDay(model.period.start)} to ${longDay(lastDay(series))}`;
  return html`<figure class="chart">
<figcaption>${legend(series)}</figcaption>
<div class="scroll" tabindex="0" role="group" aria-label="${t(label)}"><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${t(label)}">
<defs><pattern id="hatch-${index}" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatch" width="2" height="5"/></pattern></defs>
${grid(scale)}${months(series)}
${series.days.map((_, day) => dayBar(series, day, scale, index))}
<line class="zero" x1="${PLOT.left}" x2="${PLOT.right}" y1="${y(scale, 0n)}" y2="${y(scale, 0n)}"/>
${settledLine(series, model)}
</svg></div>
${table(series)}
</figure>`;
}

function scaleOf(series: CurrencySeries): Scale {
  const heights = series.days.map(({ parts }) => heightOf(parts)).sort((a, b) => (a < b ? -1 : 1));
  const low = series.days.map(({ parts }) => depthOf(parts)).reduce(min, ZERO);
  const high = heights.at(-1) ?? ZERO;
  const usual = heights[Math.floor((heights.length * Number(CUT.usual)) / 100)] ?? ZERO;
  const cut = usual > 0n && high * 100n > usual * CUT.beyond;
  return niceScale(low, cut ? fromScaled((usual * CUT.at) / 100n) : high, 5);
}

function heightOf(parts: ReadonlyMap<string, DayPart>): Decimal {
  return sum([...parts.values()].map((part) => max(part.amount, ZERO)));
}

function depthOf(parts: ReadonlyMap<string, DayPart>): Decimal {
  return sum([...parts.values()].map((part) => min(part.amount, ZERO)));
}

function y(scale: Scale, amount: bigint): number {
  const inside = amount > scale.high ? scale.high : amount;
  return PLOT.bottom - ratio(inside - scale.low, scale.high - scale.low) * (PLOT.bottom - PLOT.top);
}

function band(series: CurrencySeries): number {
  return (PLOT.right - PLOT.left) / Math.max(1, series.days.length);
}

function x(series: CurrencySeries, day: number): number {
  return PLOT.left + day * band(series);
}

function grid(scale: Scale): Html[] {
  const fine = scale.high - scale.low < 10n ** 19n;
  return scale.ticks.map((tick) => {
    const at = y(scale, tick);
    const text = fine ? formatAmount(tick) : formatWhole(tick);
    return html`<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${at}" y2="${at}"/><text class="tick" x="${PLOT.right + 8}" y="${at + 4}">${t(text)}</text>`;
  });
}

/** A name at the first day of each month, unless there is no room before the next. */
function months(series: CurrencySeries): Html[] {
  const starts = series.days.flatMap(({ date }, day) => (day === 0 || date.endsWith("-01") ? [{ date, day }] : []));
  return starts.flatMap(({ date, day }, index) => {
    const next = starts[index + 1]?.day ?? series.days.length;
    if ((next - day) * band(series) < 34) return [];
    const text = index === 0 || date.slice(5, 7) === "01" ? `${monthName(date)} ${date.slice(0, 4)}` : monthName(date);
    const at = x(series, day);
    return [
      html`<line class="month" x1="${at}" x2="${at}" y1="${PLOT.bottom}" y2="${PLOT.bottom + 6}"/><text class="tick" x="${at + 4}" y="${PLOT.bottom + 18}">${t(text)}</text>`,
    ];
  });
}

function dayBar(series: CurrencySeries, day: number, scale: Scale, index: number): Html {
  const entry = series.days[day];
  if (entry === undefined) return html``;
  const left = x(series, day) + band(series) * 0.12;
  const width = band(series) * 0.76;
  const stacks = { up: 0n, down: 0n };
  const rects = series.providers.flatMap((provider) => {
    const part = entry.parts.get(provider);
    if (part === undefined || part.amount === 0n) return [];
    const from = part.amount > 0n ? stacks.up : stacks.down;
    const to = from + part.amount;
    if (part.amount > 0n) stacks.up = to;
    else stacks.down = to;
    const top = y(scale, to > from ? to : from);
    const height = Math.abs(y(scale, to) - y(scale, from));
    const box = html`x="${left}" y="${top}" width="${width}" height="${height}"`;
    const name = t(providerClass(series, provider));
    if (part.settled) return [html`<rect class="${name}" ${box}/>`];
    return [html`<rect class="${name} open" ${box}/><rect fill="url(#hatch-${index})" ${box}/>`];
  });
  const hit = html`<rect class="hit" x="${x(series, day)}" y="${PLOT.top}" width="${band(series)}" height="${PLOT.bottom - PLOT.top}"/>`;
  return html`<g class="day"><title>${t(tooltip(series, entry.date, entry.parts))}</title>${hit}${rects}${cutMark(series, day, scale)}</g>
`;
}

/** A gap near the top of a bar that goes on beyond the axis, with the amount above it, unless a taller neighbour needs the room. */
function cutMark(series: CurrencySeries, day: number, scale: Scale): Html {
  const height = cutHeight(series, day, scale);
  if (height === 0n) return html``;
  const left = x(series, day) + band(series) * 0.12;
  const right = x(series, day) + band(series) * 0.88;
  const mark = html`<path class="cut" d="M${left - 2} ${PLOT.top + 14}L${right + 2} ${PLOT.top + 8}"/>`;
  if (isCrowdedOut(series, day, scale)) return mark;
  return html`${mark}<text class="tick" x="${Math.max((left + right) / 2, LABEL_HALF)}" y="${PLOT.top - 5}" text-anchor="middle">${t(formatWhole(height))} ↑</text>`;
}

/** Height of a bar that goes on beyond the axis; 0 for the others. */
function cutHeight(series: CurrencySeries, day: number, scale: Scale): Decimal {
  const entry = series.days[day];
  const height = entry === undefined ? ZERO : heightOf(entry.parts);
  return height > scale.high ? height : ZERO;
}

function isCrowdedOut(series: CurrencySeries, day: number, scale: Scale): boolean {
  const own = cutHeight(series, day, scale);
  const reach = Math.ceil((2 * LABEL_HALF) / band(series));
  for (let other = day - reach; other <= day + reach; other++) {
    const height = cutHeight(series, other, scale);
    if (height > own || (height === own && other < day)) return true;
  }
  return false;
}

function tooltip(series: CurrencySeries, date: Day, parts: ReadonlyMap<string, DayPart>): string {
  const lines = series.providers.flatMap((provider) => {
    const part = parts.get(provider);
    const name = providerName(provider);
    return part === undefined
      ? []
      : [`${name}: ${formatMoney(part.amount, series.currency)}${part.settled ? "" : " (not settled)"}`];
  });
  return [longDay(date), `Total: ${formatMoney(dayTotal(parts), series.currency)}`, ...lines].join(" — ");
}

function dayTotal(parts: ReadonlyMap<string, DayPart>): Decimal {
  return fromScaled([...parts.values()].reduce((all, part) => all + part.amount, 0n));
}

/** A line before the first day that some provider of this currency has not settled. */
function settledLine(series: CurrencySeries, model: HomeModel): Html {
  const first = series.providers
    .map((provider) => (Object.hasOwn(model.settledUntil, provider) ? model.settledUntil[provider] : undefined))
    .filter((day) => day !== undefined)
    .sort()[0];
  const day = series.days.findIndex(({ date }) => date === first);
  if (first === undefined || day < 1) return html``;
  const at = x(series, day);
  const text = `settled before ${shortDay(first)}`;
  return html`<line class="settled" x1="${at}" x2="${at}" y1="${PLOT.top - 24}" y2="${PLOT.bottom}"/><text class="tick" x="${at - 6}" y="${PLOT.top - 20}" text-anchor="end">${t(text)}</text>`;
}

function legend(series: CurrencySeries): Html {
  const entries = series.providers.map(
    (provider) =>
      html`<li><svg class="swatch" viewBox="0 0 10 10" aria-hidden="true"><rect class="${t(providerClass(series, provider))}" width="10" height="10" rx="2"/></svg>${t(providerName(provider))}</li>`,
  );
  const unsettled = series.days.some(({ parts }) => [...parts.values()].some((part) => !part.settled));
  const note = html`<li><svg class="swatch" viewBox="0 0 10 10" aria-hidden="true"><rect class="hatch-key" width="10" height="10" rx="2"/><path class="hatch-line" d="M0 7L7 0M3 10L10 3"/></svg>not settled yet</li>`;
  return html`<ul class="legend">${entries}${unsettled ? note : undefined}</ul>`;
}

function table(series: CurrencySeries): Html {
  const heads = series.providers.map((provider) => html`<th scope="col" class="num">${t(providerName(provider))}</th>`);
  const rows = [...series.days].reverse().map(({ date, parts }) => {
    const cells = series.providers.map((provider) => {
      const part = parts.get(provider);
      return html`<td class="num">${t(part === undefined ? "–" : `${formatAmount(part.amount)}${part.settled ? "" : " *"}`)}</td>`;
    });
    return html`<tr><th scope="row">${t(date)}</th>${cells}<td class="num">${t(formatAmount(dayTotal(parts)))}</td></tr>
`;
  });
  return html`<details><summary>Show the days as a table</summary><div class="tall"><table><caption>Cost by day in ${t(series.currency)}; * not settled yet</caption>
<thead><tr><th scope="col">Day</th>${heads}<th scope="col" class="num">Total</th></tr></thead><tbody>
${rows}</tbody></table></div></details>`;
}

function lastDay(series: CurrencySeries): Day {
  return series.days.at(-1)?.date ?? "";
}
