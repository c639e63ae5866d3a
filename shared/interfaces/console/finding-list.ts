import { parseDecimal } from "../../core/decimal.ts";
import { anomalyRows, isAnomaly, otherFacts } from "../anomaly-view.ts";
import type { FindingItem } from "../api/documents.ts";
import { factText } from "../fact-text.ts";
import { anomalyChart } from "./anomaly-chart.ts";
import { type Html, html, t } from "./html.ts";
import { formatMoney } from "./money-text.ts";
import { instantText, scopeText } from "./words.ts";

const LEVELS = ["critical", "warning", "info"];
const STATES = ["open", "acknowledged", "snoozed", "resolved"];
const SHOWN_CONTRIBUTORS = 3;

/** Findings that are not resolved, the loudest first; resolved ones are folded away. */
export function findingList(findings: readonly FindingItem[]): Html {
  if (findings.length === 0) return html`<p class="empty">Nothing was found.</p>`;
  const sorted = [...findings].sort(
    (a, b) =>
      STATES.indexOf(a.state) - STATES.indexOf(b.state) ||
      LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) ||
      (a.openedAt > b.openedAt ? -1 : 1),
  );
  const current = sorted.filter((finding) => finding.state !== "resolved");
  const resolved = sorted.filter((finding) => finding.state === "resolved");
  return html`${current.length === 0 ? html`<p class="empty">Nothing is open.</p>` : html`<ul class="findings">${current.map(entry)}</ul>`}
${resolved.length === 0 ? undefined : html`<details><summary>${resolved.length} resolved</summary><ul class="findings">${resolved.map(entry)}</ul></details>`}`;
}

/** `2 critical, 1 warning`: open findings by level, for the head of the page. */
export function attention(findings: readonly FindingItem[]): { level: string; text: string } {
  const open = findings.filter((finding) => finding.state === "open");
  const counts = LEVELS.map((level) => ({ level, count: open.filter((finding) => finding.level === level).length }));
  const present = counts.filter(({ count }) => count > 0);
  const [first] = present;
  if (first === undefined) return { level: "good", text: "Nothing needs attention" };
  return { level: first.level, text: `${present.map(({ level, count }) => `${count} ${level}`).join(", ")} open` };
}

function entry(finding: FindingItem): Html {
  const amount = formatMoney(parseDecimal(finding.amount), finding.currency);
  const quiet = finding.state === "open" ? html`` : html` calm`;
  return html`<li class="${t(finding.level)}${quiet}">
<div class="line"><span class="pill ${t(finding.level)}">${t(finding.level)}</span><span class="pill state">${t(stateText(finding))}</span><strong class="num">${t(amount)}</strong></div>
<h3><bdi>${t(finding.title)}</bdi></h3>
<p class="small quiet"><bdi>${t(scopeText(finding.scope))}</bdi> · since ${t(instantText(finding.openedAt))}</p>
${isAnomaly(finding) ? anomalyChart(finding) : undefined}${related(finding)}${wanted(finding)}${evidence(finding)}
</li>`;
}

function stateText(finding: FindingItem): string {
  if (finding.state === "snoozed" && finding.snoozedUntil !== undefined)
    return `snoozed until ${instantText(finding.snoozedUntil)}`;
  return finding.state;
}

function related({ related: own }: FindingItem): Html {
  if (own === undefined) return html``;
  const found = own.finding === undefined ? "" : `, finding ${own.finding}`;
  return html`<p class="small">Our budget <bdi>${t(`${own.budget}${found}`)}</bdi></p>`;
}

function wanted(finding: FindingItem): Html[] {
  return finding.wantedActions
    .filter(({ action }) => action !== "notify")
    .map(({ action, targets }) => {
      const aim = targets.map(scopeText).join("; ");
      const wait = finding.evidence.waitsFor === "" ? "" : `, waits for ${finding.evidence.waitsFor}`;
      return html`<p class="small">Wants to <b>${t(action)}</b> <bdi>${t(`${aim}${wait}`)}</bdi></p>`;
    });
}

function evidence(finding: FindingItem): Html {
  const { rows, contributors } = finding.evidence;
  const top = contributors.slice(0, SHOWN_CONTRIBUTORS).map(({ keys, amount }) => {
    const text = Object.entries(keys).map(([name, value]) =>
      value === "" ? `no ${name.replaceAll("_", " ")}` : value,
    );
    return html`<li><bdi>${t(text.join(" / "))}</bdi><span class="num">${t(formatMoney(parseDecimal(amount), finding.currency))}</span></li>`;
  });
  const said = factPairs(finding).map(
    ([name, value]) => html`<li><span>${t(name)}</span><bdi class="num">${t(value)}</bdi></li>`,
  );
  if (top.length + said.length === 0) return html``;
  return html`<details><summary>Why (${rows} bill rows)</summary><ul class="pairs">${top}${said}</ul></details>`;
}

/** Labels and values; what the chart of an anomaly shows is not repeated. */
function factPairs(finding: FindingItem): [string, string][] {
  const { facts } = finding.evidence;
  const plain = isAnomaly(finding) ? otherFacts(facts) : Object.entries(facts);
  const ofAnomaly = isAnomaly(finding) ? anomalyRows(finding).filter(({ label }) => label !== "History") : [];
  return [
    ...ofAnomaly.map(({ label, value }): [string, string] => [label, value]),
    ...plain.map(([name, value]): [string, string] => [name, factText(name, value, finding.currency)]),
  ];
}
