import * as z from "zod";
import type { AlertsConfig } from "../config/types.ts";
import { GenOpsError } from "../core/errors.ts";
import type { AlertReceived, CloudEvent } from "../core/events.ts";
import type { Finding } from "../core/finding.ts";
import { hearAlert } from "../governance/inbound-alerts/hear-alert.ts";
import { observeAlert } from "../governance/inbound-alerts/observe-alert.ts";
import { relatedBudget } from "../governance/inbound-alerts/related-budget.ts";
import type { EventFunction } from "../ports/invocation.ts";
import type { Runtime } from "./runtime.ts";
import { type TellOptions, tellFindings } from "./tell-findings.ts";

const Received = z.object({
  from: z.enum(["aws-sns", "aws-eventbridge", "azure-action-group", "gcp-budget"]),
  deliveryId: z.string().exactOptional(),
  sentAt: z.string().exactOptional(),
  attributes: z.record(z.string(), z.string()),
  message: z.unknown(),
});

/**
 * `alerts`: a cloud's own alert, verified before → findings → people. A message that cannot be read becomes a finding with its text; one
 * from a topic or subscription that is not listed is refused, which keeps it as a dead letter. Safe to run again, in any order.
 */
export function createAlerts(runtime: Runtime, options: TellOptions = {}): EventFunction {
  return async (event, { log }) => {
    const alert = receivedAlert(event);
    assertListed(alert, runtime.config.alerts);
    const { observations, remarks } = observeAlert(alert, event.time);
    for (const remark of remarks) log.info(remark, { from: alert.from, deliveryId: alert.deliveryId });
    const { lake: store, clock, events, config } = runtime;
    const findings: Finding[] = [];
    for (const observation of observations) {
      const own = await relatedBudget({ store }, config.budgets, observation);
      const seen = own === undefined ? observation : { ...observation, related: own.related };
      const finding = await hearAlert({ store, clock, events }, seen);
      if (finding !== undefined) findings.push(finding);
    }
    // Also what was known before: whoever heard it may have died before telling, and nothing is told twice.
    if (findings.length > 0) await tellFindings(runtime, findings, options);
  };
}

function receivedAlert({ type, data }: CloudEvent): AlertReceived {
  if (type !== "genops.alert.received")
    throw new GenOpsError("refused", `alerts does not know what to do about ${type}`);
  const parsed = Received.safeParse(data);
  if (parsed.success) return { ...parsed.data, message: parsed.data.message };
  const field = parsed.error.issues[0]?.path.join(".") ?? "";
  throw new GenOpsError("refused", "not an alert as GenOps passes them on", { place: { field: `data.${field}` } });
}

/** Webhooks were checked when they arrived; for functions that a topic invokes, the platform's rights decide where nothing is listed. */
function assertListed({ from, attributes }: AlertReceived, { sns, pubsub }: AlertsConfig): void {
  if (from === "aws-sns") refuseUnlisted(attributes["topic"] ?? "an unnamed topic", sns.topics, "alerts.sns.topics");
  const { subscription } = attributes;
  if (from !== "gcp-budget" || subscription === undefined) return;
  refuseUnlisted(subscription, pubsub.subscriptions, "alerts.pubsub.subscriptions");
}

function refuseUnlisted(name: string, listed: readonly string[], field: string): void {
  if (listed.length === 0 || listed.includes(name)) return;
  throw new GenOpsError("refused", `an alert by ${JSON.stringify(name)}, which is not listed`, { place: { field } });
}
