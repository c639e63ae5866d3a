import type { DeliveryReceipt, Notice } from "../../ports/notifier.ts";
import { FALLBACK_LENGTH, slackText } from "./slack-message.ts";

/** What happened since the last telling, in one message: nothing is left out because Slack was away. Undefined: nothing that has to be said. */
export function noticeReply({ changes }: Notice, previous: DeliveryReceipt): string | undefined {
  const told = Number(previous["told"] ?? 0);
  const news = changes.filter(({ revision }) => revision > told).map(({ text }) => slackText(text, FALLBACK_LENGTH));
  return news.length === 0 ? undefined : news.slice(-20).join("\n");
}
