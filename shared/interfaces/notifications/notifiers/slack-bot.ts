import type { Clock } from "../../../ports/clock.ts";
import type {
  Delivery,
  DeliveryReceipt,
  DeliveryResult,
  NoticeDelivery,
  NoticeTeller,
} from "../../../ports/notifier.ts";
import { newsOf, toldReceipt } from "../news.ts";
import { noticeReply } from "../notice-reply.ts";
import { createSlackApi, NOT_UPDATABLE, type SlackApiConfig } from "../slack-api.ts";
import { slackMessage, slackReply } from "../slack-message.ts";

export interface SlackBotConfig extends SlackApiConfig {
  channel: string;
  /** Clicks come back and can be verified: notices have buttons. */
  buttons?: boolean;
}

interface Place {
  channel: string;
  ts: string;
}

/**
 * Slack by a bot token: one message per finding or notice, updated in place; a short reply in its thread when a finding is resolved, open again
 * or raised, and at each change of a notice. Slack has no idempotency key: a lost answer to the first post leads to a second one.
 */
export function createSlackBotNotifier(config: SlackBotConfig, clock: Clock): NoticeTeller {
  const call = createSlackApi(config, clock);

  async function post(message: object, told: DeliveryReceipt): Promise<DeliveryResult> {
    const sent = await call("chat.postMessage", { channel: config.channel, ...message });
    if (!sent.ok) return sent.result;
    const { channel = config.channel, ts } = sent.answer;
    return { outcome: "delivered", receipt: { ...told, channel, ...(ts === undefined ? {} : { ts }) } };
  }

  /** Corrects the message, then says in its thread what is new. A message that is gone is posted anew. */
  async function update(
    { channel, ts }: Place,
    { message, reply }: { message: object; reply: string | undefined },
    { previous, told }: { previous: DeliveryReceipt; told: DeliveryReceipt },
  ): Promise<DeliveryResult> {
    const updated = await call("chat.update", { channel, ts, ...message });
    if (!updated.ok) return NOT_UPDATABLE.has(updated.error) ? await post(message, told) : updated.result;
    if (reply !== undefined) {
      const replied = await call("chat.postMessage", { channel, thread_ts: ts, text: reply });
      if (!replied.ok && !NOT_UPDATABLE.has(replied.error)) return replied.result;
    }
    return { outcome: "delivered", receipt: { ...previous, ...told } };
  }

  return {
    id: "slack",
    async deliver({ finding, previous }: Delivery) {
      const message = slackMessage(finding);
      const told = toldReceipt(finding);
      const news = newsOf(finding, previous);
      const place = placeOf(previous);
      if (previous !== undefined && place !== undefined) {
        const isSaid = news === "resolved" || news === "reopened" || news === "raised";
        const reply = isSaid ? slackReply(finding, news) : undefined;
        return await update(place, { message, reply }, { previous, told });
      }
      if (news === "unannounced") return { outcome: "delivered", receipt: {} };
      return await post(message, told);
    },
    async deliverNotice({ notice, previous }: NoticeDelivery) {
      const message = config.buttons === true ? notice.message : notice.withoutButtons;
      const told = { told: String(notice.revision) };
      const place = placeOf(previous);
      if (previous === undefined || place === undefined) return await post(message, told);
      return await update(place, { message, reply: noticeReply(notice, previous) }, { previous, told });
    },
  };
}

function placeOf(receipt: DeliveryReceipt | undefined): Place | undefined {
  const { channel, ts } = receipt ?? {};
  return channel === undefined || ts === undefined ? undefined : { channel, ts };
}
