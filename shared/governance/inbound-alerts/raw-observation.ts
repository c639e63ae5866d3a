import { createHash } from "node:crypto";
import type { AlertReceived } from "../../core/events.ts";
import type { Observation } from "../../core/finding.ts";
import { canonicalJson } from "../../core/json.ts";
import { dayOf } from "../../core/period.ts";
import { SENT, withoutMoney } from "./alert-observation.ts";
import { shortText } from "./limits.ts";

export const UNRECOGNISED_RULE = "unrecognised";
/** What of a message is kept in its finding. */
const MESSAGE_LENGTH = 4_000;
const TITLE_LENGTH = 120;

const SENDERS = {
  "aws-sns": { provider: "aws", words: "SNS" },
  "aws-eventbridge": { provider: "aws", words: "EventBridge" },
  "azure-action-group": { provider: "azure", words: "Azure Monitor" },
  "gcp-budget": { provider: "gcp", words: "Pub/Sub" },
} as const;

/**
 * A verified message that no reader knows, as it came: it is shown to people and never dropped. Two messages that differ only in the
 * numbers of their JSON are one finding per day, so that a repeated unknown report does not become hundreds.
 */
export function rawObservation(alert: AlertReceived, why: string, sentAt: string): Observation {
  const { provider, words } = SENDERS[alert.from];
  const text = textOf(alert.message);
  const { subject } = alert.attributes;
  const first = subject ?? text.split("\n").find((line) => line.trim() !== "") ?? "an empty message";
  return {
    ...withoutMoney(provider, dayOf(new Date(sentAt))),
    rule: UNRECOGNISED_RULE,
    subject: identityOf(alert, text),
    title: `${words} message not understood: ${shortText(first.trim(), TITLE_LENGTH)}`,
    evidence: {
      rows: 0,
      contributors: [],
      settledShare: "1",
      waitsFor: "",
      facts: {
        message: shortText(text, MESSAGE_LENGTH),
        why,
        ...senderFacts(alert.attributes),
        [SENT]: sentAt,
      },
    },
  };
}

function textOf(message: unknown): string {
  if (typeof message === "string") return message;
  try {
    return JSON.stringify(message) ?? "";
  } catch {
    return "(nested too deeply to be shown)";
  }
}

/** Which message it is: who sent it by what way, and its text without the numbers of JSON. */
function identityOf({ from, attributes, message }: AlertReceived, text: string): string {
  const { subject: _, ...way } = attributes;
  const identity = canonicalJson({ from, way, text: withoutNumbers(message, text) });
  return createHash("sha256").update(identity).digest("hex").slice(0, 16);
}

function withoutNumbers(message: unknown, text: string): string {
  try {
    const value: unknown = typeof message === "string" ? JSON.parse(message) : message;
    if (typeof value !== "object" || value === null) return text;
    return canonicalJson(
      JSON.parse(JSON.stringify(value, (_key, inner: unknown) => (typeof inner === "number" ? 0 : inner))),
    );
  } catch {
    return text;
  }
}

function senderFacts(attributes: AlertReceived["attributes"]): Record<string, string> {
  const shown = ["detailType", "source", "account", "billingAccountId", "budgetId", "subscription", "topic"];
  return Object.fromEntries(
    shown.flatMap((name) => (attributes[name] === undefined ? [] : [[name, shortText(attributes[name])]])),
  );
}
