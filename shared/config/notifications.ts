import * as z from "zod";
import { closed, expected, httpUrl, kebabName, listOf, nonEmptyListOf, oneOf, textOf, urlOf } from "./scalars.ts";
import type { NotificationConfig } from "./types.ts";

const botToken = "a bot token, xoxb-…";
const slackSecret = "Slack's signing secret, 32 hexadecimal digits";
const team = z
  .string(expected("a workspace's id such as T024BE7LD"))
  .regex(/^[TE][A-Z0-9]{1,30}$/, expected("a workspace's id such as T024BE7LD"));
const signingSecret = "a signing secret, whsec_ and base64";
const address = z
  .string(expected("an e-mail address"))
  .regex(/^[^@\s]+@[^@\s]+$/, expected("an e-mail address such as ops@example.com"));
const sender = textOf("a sender such as GenOps <genops@example.com>").refine(
  (written) => written.includes("@"),
  expected("a sender such as GenOps <genops@example.com>"),
);

const Slack = closed({
  token: z.exactOptional(z.string(expected(botToken)).regex(/^xox[a-z]-\S+$/, expected(botToken))),
  channel: z.exactOptional(textOf("a channel such as #finops")),
  webhook: z.exactOptional(httpUrl),
  signingSecret: z.exactOptional(z.string(expected(slackSecret)).regex(/^[\x21-\x7e]{16,200}$/, expected(slackSecret))),
  team: z.exactOptional(
    z.union(
      [team.transform((id): readonly string[] => [id]), nonEmptyListOf(team, "workspaces")],
      expected("a workspace's id such as T024BE7LD, or a list of them"),
    ),
  ),
  apiUrl: z.exactOptional(httpUrl),
}).superRefine((slack, context) => {
  const bot = slack.token !== undefined;
  if (bot !== (slack.channel !== undefined)) {
    const missing = bot ? "channel" : "token";
    context.addIssue({ code: "custom", message: "expected token and channel together", path: [missing] });
  } else if (!bot && slack.webhook === undefined) {
    context.addIssue({ code: "custom", message: "expected token and channel, or webhook" });
  }
});

const Webhook = closed({
  id: kebabName,
  url: httpUrl,
  secrets: nonEmptyListOf(
    z.string(expected(signingSecret)).regex(/^whsec_[A-Za-z0-9+/]+={0,2}$/, expected(signingSecret)),
    "signing secrets",
  ),
});

const Email = closed({
  url: urlOf(["smtp:", "smtps:"], "smtp://user:password@mail.example.com:587"),
  from: sender,
  to: nonEmptyListOf(address, "e-mail addresses"),
});

/** `notifications:` as it stands in the file. */
export const Notifications = closed({
  slack: z.exactOptional(Slack),
  webhooks: z.exactOptional(
    listOf(Webhook, "webhooks").superRefine((webhooks, context) => {
      for (const [index, { id }] of webhooks.entries()) {
        if (webhooks.findIndex((other) => other.id === id) === index) continue;
        context.addIssue({ code: "custom", message: "this id stands twice", path: [index, "id"] });
      }
    }),
  ),
  email: z.exactOptional(Email),
  minimumLevel: z.exactOptional(oneOf(["info", "warning", "critical"])),
});

/** Fills in the defaults. */
export function toNotificationConfig(input: z.output<typeof Notifications>): NotificationConfig {
  const { slack, webhooks = [], minimumLevel = "info", ...email } = input;
  return {
    ...email,
    ...(slack === undefined ? {} : { slack: { ...slack, apiUrl: slack.apiUrl ?? "https://slack.com/api" } }),
    webhooks,
    minimumLevel,
  };
}
