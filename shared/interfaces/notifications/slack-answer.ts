import type { SlackConfig } from "../../config/types.ts";
import type { Clock } from "../../ports/clock.ts";
import { DEFAULT_TIMEOUT_MS, postHttp } from "./http.ts";
import { FALLBACK_LENGTH, slackText } from "./slack-message.ts";

const HOSTS: ReadonlySet<string> = new Set(["hooks.slack.com", "hooks.slack-gov.com"]);

/** Tells only the person who clicked. The message itself stays. Undefined: told; else why not. */
export async function answerClick(
  clock: Clock,
  { responseUrl, apiUrl, text }: { responseUrl: string; apiUrl: SlackConfig["apiUrl"]; text: string },
): Promise<string | undefined> {
  if (!isSlackUrl(responseUrl, apiUrl)) return "the response_url is not an address of Slack";
  const answer = await postHttp(clock, {
    url: responseUrl,
    headers: { "content-type": "application/json; charset=utf-8" },
    body: JSON.stringify({
      response_type: "ephemeral",
      replace_original: false,
      text: slackText(text, FALLBACK_LENGTH),
      mrkdwn: false,
    }),
    timeoutMs: DEFAULT_TIMEOUT_MS,
  });
  if (answer.kind === "silence") return answer.reason;
  return answer.status >= 200 && answer.status < 300 ? undefined : `HTTP ${answer.status}`;
}

/** Slack's own hosts, or the one that stands for Slack in the configuration. */
function isSlackUrl(text: string, apiUrl: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== "" || url.password !== "") return false;
  return (url.protocol === "https:" && HOSTS.has(url.host)) || url.origin === URL.parse(apiUrl)?.origin;
}
