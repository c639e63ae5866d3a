import type { CloudEvent, EventType } from "../../core/events.ts";
import type { Finding, Scope } from "../../core/finding.ts";
import { encodeFinding, type FindingJson } from "../../governance/findings/schema.ts";
import type { Delivery } from "../../ports/notifier.ts";
import { cutText } from "./clean-text.ts";
import { newsOf } from "./news.ts";

/** Standard Webhooks wants bodies below 20 kB. */
export const WEBHOOK_BYTES = 20_000;

/** Data of `genops.finding.*`: the finding; `trimmed` says that contributors or long texts were left out. */
export type FindingEventData = FindingJson & { trimmed?: true };

/** The CloudEvent of a delivery, as structured JSON text of less than 20,000 bytes. */
export function webhookEvent(delivery: Delivery): { type: EventType; body: string } {
  const type = eventType(delivery);
  const whole = encodeFinding(delivery.finding);
  let body = "";
  for (const data of smallerAndSmaller(whole)) {
    body = JSON.stringify(eventOf(delivery, type, data));
    if (Buffer.byteLength(body) < WEBHOOK_BYTES) break;
  }
  return { type, body };
}

function eventType({ finding, previous }: Delivery): EventType {
  if (finding.state === "resolved") return "genops.finding.resolved";
  const news = newsOf(finding, previous);
  return news === "opened" || news === "reopened" ? "genops.finding.opened" : "genops.finding.updated";
}

function eventOf({ id, finding }: Delivery, type: EventType, data: FindingEventData): CloudEvent<FindingEventData> {
  return {
    specversion: "1.0",
    id,
    source: "genops",
    type,
    subject: cutText(finding.key, 300).toWellFormed(),
    time: cutText(finding.updatedAt, 40).toWellFormed(),
    datacontenttype: "application/json",
    data,
  };
}

/** Contributors go first, the fewest that suffice; then long lists and texts. */
function* smallerAndSmaller(whole: FindingJson): Generator<FindingEventData> {
  yield whole;
  for (let count = whole.evidence.contributors.length >> 1; count > 0; count >>= 1) {
    yield { ...withContributors(whole, count), trimmed: true };
  }
  yield { ...withContributors(whole, 0), trimmed: true };
  for (const limits of [
    { items: 50, text: 500 },
    { items: 20, text: 200 },
    { items: 5, text: 100 },
    { items: 1, text: 40 },
  ]) {
    yield trim(whole, limits);
  }
}

function withContributors(data: FindingJson, count: number): FindingJson {
  return { ...data, evidence: { ...data.evidence, contributors: data.evidence.contributors.slice(0, count) } };
}

interface TrimLimits {
  items: number;
  text: number;
}

/** What it is about and how much stays; lists and texts are cut, contributors go. */
function trim(data: FindingJson, limits: TrimLimits): FindingEventData {
  const text = (value: string): string => cutText(value.toWellFormed(), limits.text);
  const scope = (value: Scope): Scope =>
    Object.fromEntries(
      Object.entries(value)
        .slice(0, limits.items)
        .map(([name, values]) => [text(name), values.slice(0, limits.items).map(text)]),
    );
  const facts = Object.entries(data.evidence.facts).slice(0, limits.items);
  return {
    ...data,
    ...optionalTexts(data, text),
    rule: text(data.rule),
    scope: scope(data.scope),
    period: { start: text(data.period.start), end: text(data.period.end) },
    openedAt: text(data.openedAt),
    updatedAt: text(data.updatedAt),
    subject: text(data.subject),
    title: text(data.title),
    currency: text(data.currency),
    key: cutText(data.key, 300).toWellFormed(),
    wantedActions: data.wantedActions
      .slice(0, limits.items)
      .map((wanted) => ({ action: wanted.action, targets: wanted.targets.slice(0, limits.items).map(scope) })),
    evidence: {
      rows: data.evidence.rows,
      contributors: [],
      settledShare: text(data.evidence.settledShare),
      waitsFor: text(data.evidence.waitsFor),
      facts: Object.fromEntries(facts.map(([name, value]) => [text(name), text(value)])),
    },
    recipients: data.recipients.slice(0, limits.items).map(text),
    trimmed: true,
  };
}

type Optional = Partial<Pick<Finding, "resolution" | "actor" | "resolvedAt" | "snoozedUntil">>;

function optionalTexts(data: FindingJson, text: (value: string) => string): Optional {
  const { resolution, actor, resolvedAt, snoozedUntil } = data;
  return {
    ...(resolution !== undefined && { resolution: text(resolution) }),
    ...(actor !== undefined && { actor: text(actor) }),
    ...(resolvedAt !== undefined && { resolvedAt: text(resolvedAt) }),
    ...(snoozedUntil !== undefined && { snoozedUntil: text(snoozedUntil) }),
  };
}
