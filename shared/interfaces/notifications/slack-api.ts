import * as z from "zod";
import { GenOpsError } from "../../core/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { DeliveryResult } from "../../ports/notifier.ts";
import { checkHttpUrl, DEFAULT_TIMEOUT_MS, type HttpAnswer, postHttp } from "./http.ts";

export interface SlackApiConfig {
  token: string;
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
export const NOT_UPDATABLE = new Set([
  "message_not_found",
  "cant_update_message",
  "edit_window_closed",
  "thread_not_found",
]);
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

/** `result`: what a failed call means to a delivery. */
export type SlackCall = { ok: true; answer: Answer } | { ok: false; error: string; result: DeliveryResult };

/** Calls a method of Slack's Web API by a bot token. Errors are answers, not exceptions. */
export type SlackApi = (method: string, body: Readonly<Record<string, unknown>>) => Promise<SlackCall>;

export function createSlackApi(config: SlackApiConfig, clock: Clock): SlackApi {
  const apiUrl = checkHttpUrl(config.apiUrl, "notifications.slack.apiUrl").replace(/\/+$/, "");
  if (!/^[\x21-\x7e]+$/.test(config.token)) {
    throw new GenOpsError("config", "not a Slack token", { place: { field: "notifications.slack.token" } });
  }
  const headers = { authorization: `Bearer ${config.token}`, "content-type": "application/json; charset=utf-8" };
  const timeoutMs = config.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const quiet = { mrkdwn: false, parse: "none", link_names: false, unfurl_links: false, unfurl_media: false };
  return async (method, body) =>
    judge(
      await postHttp(clock, {
        url: `${apiUrl}/${method}`,
        headers,
        body: JSON.stringify({ ...quiet, ...body }),
        timeoutMs,
      }),
    );
}

function judge(http: HttpAnswer): SlackCall {
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

function failed(error: string, result: DeliveryResult): SlackCall {
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
