import * as z from "zod";
import { closed, expected, httpUrl, nonEmptyListOf, textOf, wholeNumber } from "./scalars.ts";
import type { AlertsConfig } from "./types.ts";

const TOPIC = /^arn:aws(-[a-z]+)*:sns:[a-z0-9-]+:\d{12}:[\w.-]{1,256}$/;
const SUBSCRIPTION = /^projects\/[^/\s]+\/subscriptions\/[^/\s]+$/;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Shorter ones could be guessed by trying. */
const SECRET_LENGTH = 16;

const topicWords = "a topic such as arn:aws:sns:us-east-1:111122223333:budgets";
const subscriptionWords = "a subscription such as projects/acme/subscriptions/budgets";
const tenantWords = "an Entra tenant id such as 00000000-0000-0000-0000-000000000000";
const secretWords = `a secret of at least ${SECRET_LENGTH} characters`;
const accountWords = "a service account's e-mail address";

const Sns = closed({
  topics: z.exactOptional(nonEmptyListOf(z.string(expected(topicWords)).regex(TOPIC, expected(topicWords)), "topics")),
  maxAgeMinutes: z.exactOptional(wholeNumber(1, 1440)),
});

const AzureMonitor = closed({
  secret: z.exactOptional(
    z
      .string(expected(secretWords))
      .refine((text) => text.trim().length >= SECRET_LENGTH && !text.includes("\0"), expected(secretWords)),
  ),
  tenantId: z.exactOptional(z.string(expected(tenantWords)).regex(GUID, expected(tenantWords))),
  audience: z.exactOptional(textOf("an application ID URI such as api://genops")),
  authority: z.exactOptional(httpUrl),
}).superRefine(together("tenantId", "audience"));

const PubSub = closed({
  subscriptions: z.exactOptional(
    nonEmptyListOf(
      z.string(expected(subscriptionWords)).regex(SUBSCRIPTION, expected(subscriptionWords)),
      "subscriptions",
    ),
  ),
  audience: z.exactOptional(textOf("the audience of the push subscription's tokens")),
  serviceAccount: z.exactOptional(z.string(expected(accountWords)).regex(/^[^@\s]+@[^@\s]+$/, expected(accountWords))),
}).superRefine(together("audience", "serviceAccount"));

/** `alerts:` as it stands in the file. */
export const Alerts = closed({
  sns: z.exactOptional(Sns),
  azureMonitor: z.exactOptional(AzureMonitor),
  pubsub: z.exactOptional(PubSub),
});

function together<Key extends string>(one: Key, other: Key) {
  return (value: Readonly<Partial<Record<Key, unknown>>>, context: z.core.$RefinementCtx): void => {
    if ((value[one] === undefined) === (value[other] === undefined)) return;
    const missing = value[one] === undefined ? one : other;
    context.addIssue({ code: "custom", message: `expected ${one} and ${other} together`, path: [missing] });
  };
}

/** Fills in the defaults. */
export function toAlertsConfig({ sns, azureMonitor, pubsub }: z.output<typeof Alerts>): AlertsConfig {
  return {
    sns: { topics: [], maxAgeMinutes: 60, ...sns },
    azureMonitor: { authority: "https://login.microsoftonline.com", ...azureMonitor },
    pubsub: { subscriptions: [], ...pubsub },
  };
}
