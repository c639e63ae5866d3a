import type { NotificationConfig } from "../../config/types.ts";
import { GenOpsError } from "../../core/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import { createEmailNotifier } from "./notifiers/email.ts";
import { createSlackBotNotifier } from "./notifiers/slack-bot.ts";
import { createSlackWebhookNotifier } from "./notifiers/slack-webhook.ts";
import { createWebhookNotifier } from "./notifiers/webhook.ts";
import type { AddressedNotifier } from "./outbox-queue.ts";

export interface NotifierDeps {
  clock: Clock;
  /** For each request; default 10 s. */
  timeoutMs?: number;
}

type Make = (config: NotificationConfig, deps: NotifierDeps) => AddressedNotifier[];

/**
 * Every way to tell people: the names are the files of `notifiers/`. Each makes the notifiers that the configuration
 * asks for.
 */
export const NOTIFIERS: Readonly<Record<string, Make>> = {
  email: ({ email }, deps) => (email === undefined ? [] : [createEmailNotifier({ ...email, ...timeoutOf(deps) })]),
  "slack-bot": makeSlackBot,
  "slack-webhook": ({ slack }, deps) =>
    slack?.webhook === undefined || slack.token !== undefined
      ? []
      : [createSlackWebhookNotifier({ url: slack.webhook, ...timeoutOf(deps) }, deps.clock)],
  webhook: ({ webhooks }, deps) =>
    webhooks.map((webhook) => createWebhookNotifier({ ...webhook, ...timeoutOf(deps) }, deps.clock)),
};

function makeSlackBot({ slack }: NotificationConfig, deps: NotifierDeps): AddressedNotifier[] {
  if (slack?.token === undefined) return [];
  if (slack.channel === undefined) {
    throw new GenOpsError("config", "a Slack token needs the channel to write to", {
      place: { field: "notifications.slack.channel" },
    });
  }
  const { token, channel, apiUrl } = slack;
  const buttons = slack.signingSecret !== undefined;
  return [createSlackBotNotifier({ token, channel, apiUrl, buttons, ...timeoutOf(deps) }, deps.clock)];
}

function timeoutOf({ timeoutMs }: NotifierDeps): { timeoutMs?: number } {
  return timeoutMs === undefined ? {} : { timeoutMs };
}

/** The notifiers of a configuration. Where Slack has a token and a webhook, the bot speaks. Throws `config` errors. */
export function createNotifiers(config: NotificationConfig, deps: NotifierDeps): AddressedNotifier[] {
  const notifiers = Object.values(NOTIFIERS).flatMap((make) => make(config, deps));
  const ids = notifiers.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined)
    throw new GenOpsError("config", `two notifiers are named ${twice}`, { place: { field: "notifications" } });
  return notifiers;
}
