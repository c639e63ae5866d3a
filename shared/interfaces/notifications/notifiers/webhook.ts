import { GenOpsError } from "../../../core/errors.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { DeliveryResult } from "../../../ports/notifier.ts";
import { checkHttpUrl, DEFAULT_TIMEOUT_MS, endpointFingerprint, type HttpAnswer, postHttp } from "../http.ts";
import { toldReceipt } from "../news.ts";
import type { AddressedNotifier } from "../outbox-queue.ts";
import { webhookHeaders, webhookKey } from "../standard-webhook.ts";
import { webhookEvent } from "../webhook-event.ts";

export interface OutgoingWebhookConfig {
  id: string;
  url: string;
  /** `whsec_…`; every one signs. */
  secrets: readonly string[];
  timeoutMs?: number;
}

const UNNAMED_WAIT_MS = 30_000;

/**
 * A signed webhook (Standard Webhooks) with a CloudEvents 1.0 body. Every revision is sent, also of findings that
 * people are spared: the receiver is a program. `webhook-id` and the event's id are the delivery's id, the same on
 * every attempt.
 */
export function createWebhookNotifier(config: OutgoingWebhookConfig, clock: Clock): AddressedNotifier {
  const field = `notifications.webhooks.${config.id}`;
  const url = checkHttpUrl(config.url, `${field}.url`);
  const keys = config.secrets.map((secret) => webhookKey(secret, `${field}.secrets`));
  if (keys.length === 0)
    throw new GenOpsError("config", "a webhook needs a secret to sign with", { place: { field: `${field}.secrets` } });

  return {
    id: `webhook:${config.id}`,
    endpoint: endpointFingerprint(url),
    async deliver(delivery) {
      const { body } = webhookEvent(delivery);
      const headers = {
        "content-type": "application/cloudevents+json",
        "user-agent": "genops",
        ...webhookHeaders(keys, delivery.id, clock.now(), body),
      };
      const answer = await postHttp(clock, { url, headers, body, timeoutMs: config.timeoutMs ?? DEFAULT_TIMEOUT_MS });
      return failureOf(answer) ?? { outcome: "delivered", receipt: toldReceipt(delivery.finding) };
    },
  };
}

function failureOf(answer: HttpAnswer): DeliveryResult | undefined {
  if (answer.kind === "silence") return { outcome: "later", afterMs: 0, reason: answer.reason };
  const { status, retryAfterMs } = answer;
  if (status >= 200 && status < 300) return undefined;
  const reason = `HTTP ${status}`;
  if (status === 410) return { outcome: "rejected", reason, disable: true };
  if (status === 429) return { outcome: "later", afterMs: retryAfterMs ?? UNNAMED_WAIT_MS, reason };
  if (status >= 500 || status === 408) return { outcome: "later", afterMs: retryAfterMs ?? 0, reason };
  return { outcome: "rejected", reason: status < 400 ? `${reason}: redirects are not followed` : reason };
}
