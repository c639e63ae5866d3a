import { slackSignature } from "../../shared/interfaces/hooks/verify-slack.ts";

export const SLACK_SECRET = "genops-slack-signing-secret";

export interface Click {
  /** `genops.plan.approve`, … */
  action: string;
  value: string;
  user?: string;
  /** The workspace of the click, and that of the person where Slack tells it. */
  team?: string | null;
  home?: string;
  responseUrl?: string;
  /** A choice of a menu instead of a button. */
  menu?: boolean;
}

/** A click as Slack posts it: url-encoded, in the field `payload` (`reference/clouds.md` §4). */
export function clickBody({
  action,
  value,
  user = "UALICE",
  team = "T1",
  home,
  responseUrl,
  menu = false,
}: Click): string {
  const chosen = menu
    ? { type: "static_select", selected_option: { text: { type: "plain_text", text: "x" }, value } }
    : { type: "button", value };
  const payload = {
    type: "block_actions",
    team: team === null ? null : { id: team },
    user: { id: user, username: "somebody", ...(home === undefined ? {} : { team_id: home }) },
    api_app_id: "A1",
    container: { type: "message", message_ts: "1795305600.000100", channel_id: "C1" },
    trigger_id: "1.2.3",
    channel: { id: "C1" },
    message: { ts: "1795305600.000100" },
    ...(responseUrl === undefined ? {} : { response_url: responseUrl }),
    actions: [{ action_id: action, block_id: "genops.plan", action_ts: "1795305600.1", ...chosen }],
  };
  return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
}

/** Slack's headers for a body that was signed at this instant. */
export function slackHeaders(body: string, at: Date, secret = SLACK_SECRET): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  return {
    "content-type": "application/x-www-form-urlencoded",
    "x-slack-request-timestamp": timestamp,
    "x-slack-signature": slackSignature(secret, timestamp, body),
  };
}
