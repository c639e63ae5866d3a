import type { Clock } from "../../../ports/clock.ts";
import type { DeliveryResult, NoticeTeller } from "../../../ports/notifier.ts";
import { cleanText, cutText } from "../clean-text.ts";
import { checkHttpUrl, DEFAULT_TIMEOUT_MS, endpointFingerprint, type HttpAnswer, postHttp } from "../http.ts";
import { newsOf, toldReceipt } from "../news.ts";
import { noticeReply } from "../notice-reply.ts";
import type { AddressedNotifier } from "../outbox-queue.ts";
import { slackMessage } from "../slack-message.ts";

export interface SlackWebhookConfig {
  /** `https://hooks.slack.com/services/…`: a secret. */
  url: string;
  timeoutMs?: number;
}

const UNNAMED_WAIT_MS = 30_000;

/** Plain-text answers that say the hook itself is gone. */
const GONE = new Set(["no_service", "no_service_id", "no_active_hooks", "no_team", "team_disabled", "invalid_token"]);
/** Answers that blame Slack, not us. */
const PASSING = new Set(["rollup_error", "service_unavailable", "internal_error", "fatal_error"]);

/**
 * Slack by an incoming webhook. It returns no handle to a message, so nothing is updated: a finding is told when it
 * opens, when it opens again or is raised, and when it is resolved; what lies between stays unsaid. Of a notice the first
 * message is the whole, without buttons, and later ones say what happened.
 */
export function createSlackWebhookNotifier(config: SlackWebhookConfig, clock: Clock): AddressedNotifier & NoticeTeller {
  const url = checkHttpUrl(config.url, "notifications.slack.webhook");

  async function send(message: object): Promise<DeliveryResult | undefined> {
    const body = JSON.stringify({
      mrkdwn: false,
      link_names: false,
      unfurl_links: false,
      unfurl_media: false,
      ...message,
    });
    const headers = { "content-type": "application/json; charset=utf-8" };
    return judge(await postHttp(clock, { url, headers, body, timeoutMs: config.timeoutMs ?? DEFAULT_TIMEOUT_MS }));
  }

  return {
    id: "slack-webhook",
    endpoint: endpointFingerprint(url),
    async deliver(delivery) {
      const news = newsOf(delivery.finding, delivery.previous);
      if (news === "unannounced") return { outcome: "delivered", receipt: {} };
      if (news === "changed")
        return { outcome: "delivered", receipt: { ...delivery.previous, ...toldReceipt(delivery.finding) } };
      const { finding } = delivery;
      return (await send(slackMessage(finding))) ?? { outcome: "delivered", receipt: toldReceipt(finding) };
    },
    async deliverNotice({ notice, previous }) {
      const reply = previous === undefined ? undefined : noticeReply(notice, previous);
      const receipt = { ...previous, told: String(notice.revision) };
      if (previous !== undefined && reply === undefined) return { outcome: "delivered", receipt };
      const failure = await send(reply === undefined ? notice.withoutButtons : { text: reply });
      return failure ?? { outcome: "delivered", receipt };
    },
  };
}

function judge(http: HttpAnswer): DeliveryResult | undefined {
  if (http.kind === "silence") return { outcome: "later", afterMs: 0, reason: http.reason };
  if (http.status >= 200 && http.status < 300) return undefined;
  const word = cutText(cleanText(http.text), 100);
  const reason = `HTTP ${http.status}${word === "" ? "" : `: ${word}`}`;
  if (http.status === 429) return { outcome: "later", afterMs: http.retryAfterMs ?? UNNAMED_WAIT_MS, reason };
  if (http.status >= 500 || http.status === 408 || PASSING.has(word))
    return { outcome: "later", afterMs: http.retryAfterMs ?? 0, reason };
  return GONE.has(word) ? { outcome: "rejected", reason, disable: true } : { outcome: "rejected", reason };
}
