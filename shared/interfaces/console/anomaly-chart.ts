import { anomalyView } from "../anomaly-view.ts";
import type { FindingItem } from "../api/documents.ts";
import { type Html, html, t } from "./html.ts";
import { longDay, shortDay } from "./words.ts";

const BAR = 9;
const GAP = 2;
const HEIGHT = 44;

/** The last month of an anomaly's series as small bars, its days in colour, with the usual range of the day that decided. */
export function anomalyChart(finding: FindingItem): Html {
  const { history, since, range, day } = anomalyView(finding);
  if (history === undefined || since === "") return html``;
  const { costs, marked, start, end } = history;
  const upper = Number(range?.upper ?? 0);
  const lower = Number(range?.lower ?? 0);
  const known = costs.filter((cost) => cost !== null);
  const top = Math.max(0, upper, ...known);
  const bottom = Math.min(0, lower, ...known);
  const y = (cost: number) => HEIGHT - (top > bottom ? (cost - bottom) / (top - bottom) : 0) * HEIGHT;
  const bars = costs.map((cost, index) => {
    if (cost === null) return html``;
    const name = marked[index] === true ? html`unusual` : html`usual`;
    const [high, low] = [y(Math.max(cost, 0)), y(Math.min(cost, 0))];
    return html`<rect class="${name}" x="${index * (BAR + GAP)}" y="${high}" width="${BAR}" height="${Math.max(1, low - high)}"/>`;
  });
  const decided = dayIndex(start, day);
  const band =
    range === undefined || decided < 0 || decided >= costs.length
      ? html``
      : html`<rect class="range" x="${decided * (BAR + GAP) - 1}" y="${y(upper)}" width="${BAR + 2}" height="${Math.max(2, y(lower) - y(upper))}"/>`;
  const label = `Cost by day, ${longDay(start)} to ${longDay(end)}; unusual since ${shortDay(since)}`;
  const width = costs.length * (BAR + GAP);
  return html`<svg class="history" viewBox="-1 0 ${width + 2} ${HEIGHT}" width="${width}" height="${HEIGHT}" role="img" aria-label="${t(label)}"><title>${t(label)}</title>${bars}${band}</svg>`;
}

function dayIndex(start: string, day: string): number {
  return Math.round((Date.parse(day) - Date.parse(start)) / 86_400_000);
}
