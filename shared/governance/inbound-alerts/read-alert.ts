import type { AlertReceived } from "../../core/events.ts";
import type { Day } from "../../core/period.ts";
import { readAwsAnomaly } from "./aws-anomaly.ts";
import { readAwsBudget } from "./aws-budget.ts";
import { readAzureBudget } from "./azure-budget.ts";
import { parseJsonExactly, withNumbersAsText } from "./exact-json.ts";
import { readGoogleBudget } from "./google-budget.ts";
import type { Reading } from "./types.ts";

/** `attributes.type` of the last message that an SNS topic sends to an HTTPS endpoint. */
export const UNSUBSCRIBED = "UnsubscribeConfirmation";

/** What a verified message says. Throws RangeError and SyntaxError for numbers and JSON that cannot be read. */
export function readAlert(alert: AlertReceived, sentDay: Day): Reading {
  const { attributes } = alert;
  switch (alert.from) {
    case "aws-sns":
      return readSns(alert, sentDay);
    case "aws-eventbridge":
      return attributes["detailType"] === "Anomaly Detected"
        ? readAwsAnomaly(jsonOf(alert.message), { sentDay })
        : { unread: "an event that GenOps does not know" };
    case "azure-action-group":
      return readAzureBudget(jsonOf(alert.message), { sentDay });
    case "gcp-budget":
      return readGoogleBudget(jsonOf(alert.message), attributes);
  }
}

function readSns({ attributes, message }: AlertReceived, sentDay: Day): Reading {
  const topic = attributes["topic"] ?? "";
  if (attributes["type"] === UNSUBSCRIBED) return { alerts: [{ what: "unsubscribed", topic }] };
  if (typeof message !== "string" || message.trimStart().startsWith("{"))
    return readAwsAnomaly(jsonOf(message), { sentDay });
  return readAwsBudget(message, { sentDay, partition: topic.split(":")[1] ?? "aws" });
}

/** A text is parsed here; what a platform has parsed before keeps the shortest text of its numbers. */
function jsonOf(message: unknown): unknown {
  return typeof message === "string" ? parseJsonExactly(message) : withNumbersAsText(message);
}
