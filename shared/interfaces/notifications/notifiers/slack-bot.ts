import * as z from "zod";
import { GenOpsError } from "../../../core/errors.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Delivery, DeliveryReceipt, DeliveryResult, Notifier } from "../../../ports/notifier.ts";
import { checkHttpUrl, DEFAULT_TIMEOUT_MS, type HttpAnswer, postHttp } from "../http.ts";
import { newsOf, toldReceipt } from "../news.ts";
import { slackMessage, slackReply } from "../slack-message.ts";

export interface SlackBotConfig {
  token: string;
  channel: string;
  /** `https://slack.com/api`. */
  apiUrl: string;
  timeoutMs?: number;
}

const Answer = z.object({
  ok: z.boolean(),
  error: z.string().optional(),
  channel: z.string().optional(),
  ts: z.string().optional(),
});
type Answer = z.infer<typeof Answer>;

/** Slack says 429 without a time: a minute's worth of messages is gone by then. */
const UNNAMED_WAIT_MS = 30_000;

/** `error` of an answer that says no for now. */
const PASSING = new Set([
  "internal_error",
  "fatal_error",
  "service_unavailable",
  "request_timeout",
  "team_added_to_org",
]);
/** Too many messages: the whole channel waits. */
const TOO_MANY = new Set(["ratelimited", "rate_limited", "message_limit_exceeded"]);
/** The message to update is gone or closed: say it anew. */
const NOT_UPDATABLE = new Set(["message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found"]);
/** Errors of the message or the installation; the same call fails for ever. */
const FINAL = new Set([
  ...["channel_not_found", "not_in_channel", "is_archived", "restricted_action", "restricted_action_read_only_channel"],
  ...[
    "invalid_auth",
    "not_authed",
    "account_inactive",
    "token_revoked",
    "token_expired",
    "no_permission",
    "missing_scope",
  ],
  ...[
    "org_login_required",
    "ekm_access_denied",
    "enterprise_is_restricted",
    "access_denied",
    "team_access_not_granted",
  ],
  ...[
    "msg_too_long",
    "msg_blocks_too_long",
    "no_text",
    "invalid_blocks",
    "invalid_blocks_format",
    "too_many_attachments",
  ],
  ...[
    "invalid_arguments",
    "invalid_arg_name",
    "invalid_json",
    "json_not_object",
    "invalid_post_type",
    "missing_post_type",
  ],
  ...[
    "not_allowed_token_type",
    "deprecated_endpoint",
    "method_deprecated",
    "messages_tab_disabled",
    "duplicate_channel_not_found",
  ],
]);

type Call = { ok: true; answer: Answer } | { ok: false; error: string; result: DeliveryResult };

/**
 * Slack by a bot token: one message per finding, updated in place; a short reply in its thread when the finding is
 * resolved, open again or raised. Slack has no idempotency key: a lost answer to the first post leads to a second one.
 */
export function createSlackBotNotifier(config: SlackBotConfig, clock: Clock): Notifier {
  const apiUrl = checkHttpUrl(config.apiUrl, "notifications.slack.apiUrl").replace(/\/+$/, "");
  if (!/^[\x21-\x7e]+$/.test(config.token)) {
    throw new GenOpsError("config", "not a Slack token", { place: { field: "notifications.slack.token" } });
  }

  async function call(method: string, body: Readonly<Record<string, unknown>>): Promise<Call> {
    const headers = { authorization: `Bearer ${config.token}`, "content-type": "application/json; charset=utf-8" };
    const timeoutMs = config.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const quiet = { mrkdwn: false, parse: "none", link_names: false, unfurl_links: false, unfurl_media: false };
    return judge(
      await postHttp(clock, {
        url: `${apiUrl}/${method}`,
        headers,
        body: JSON.stringify({ ...quiet, ...body }),
        timeoutMs,
      }),
    );
  }

  async function post({ finding }: Delivery): Promise<DeliveryResult> {
    const sent = await call("chat.postMessage", { channel: config.channel, ...slackMessage(finding) });
    if (!sent.ok) return sent.result;
    const { channel = config.channel, ts } = sent.answer;
    return { outcome: "delivered", receipt: { ...toldReceipt(finding), channel, ...(ts === undefined ? {} : { ts }) } };
  }

  async function update(
    delivery: Delivery,
    previous: DeliveryReceipt,
    at: { channel: string; ts: string },
  ): Promise<DeliveryResult> {
    const { finding } = delivery;
    const updated = await call("chat.update", { ...at, ...slackMessage(finding) });
    if (!updated.ok) return NOT_UPDATABLE.has(updated.error) ? await post(delivery) : updated.result;
    const news = newsOf(finding, previous);
    if (news === "resolved" || news === "reopened" || news === "raised") {
      const replied = await call("chat.postMessage", {
        channel: at.channel,
        thread_ts: at.ts,
        text: slackReply(finding, news),
      });
      if (!replied.ok && !NOT_UPDATABLE.has(replied.error)) return replied.result;
    }
    return { outcome: "delivered", receipt: { ...previous, ...toldReceipt(finding) } };
  }

  return {
    id: "slack",
    async deliver(delivery) {
      const { channel, ts } = delivery.previous ?? {};
      if (delivery.previous !== undefined && channel !== undefined && ts !== undefined) {
        return await update(delivery, delivery.previous, { channel, ts });
      }
      if (newsOf(delivery.finding, delivery.previous) === "unannounced") return { outcome: "delivered", receipt: {} };
      return await post(delivery);
    },
  };
}

function judge(http: HttpAnswer): Call {
  if (http.kind === "silence") return failed("", { outcome: "later", afterMs: 0, reason: http.reason });
  const wait = http.retryAfterMs;
  if (http.status === 429)
    return failed("ratelimited", { outcome: "later", afterMs: wait ?? UNNAMED_WAIT_MS, reason: "HTTP 429" });
  if (http.status >= 500) return failed("", { outcome: "later", afterMs: wait ?? 0, reason: `HTTP ${http.status}` });
  if (http.status < 200 || http.status >= 300)
    return failed("", { outcome: "rejected", reason: `HTTP ${http.status}` });
  const answer = parseAnswer(http.text);
  if (answer === undefined)
    return failed("", { outcome: "later", afterMs: 0, reason: "Slack's answer cannot be read" });
  return answer.ok ? { ok: true, answer } : failed(answer.error ?? "", errorResult(answer.error ?? "unknown", wait));
}

function failed(error: string, result: DeliveryResult): Call {
  return { ok: false, error, result };
}

/** An error that the tables do not know is tried again: a bounded number of calls costs less than a lost message. */
function errorResult(error: string, retryAfterMs: number | undefined): DeliveryResult {
  const reason = `Slack: ${error}`;
  if (TOO_MANY.has(error)) return { outcome: "later", afterMs: retryAfterMs ?? UNNAMED_WAIT_MS, reason };
  if (FINAL.has(error) || NOT_UPDATABLE.has(error)) return { outcome: "rejected", reason };
  return {
    outcome: "later",
    afterMs: retryAfterMs ?? 0,
    reason: PASSING.has(error) ? reason : `${reason} (not known)`,
  };
}

function parseAnswer(text: string): Answer | undefined {
  try {
    return Answer.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
