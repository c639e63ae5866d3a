import { createHash } from "node:crypto";
import * as z from "zod";
import type { AlertReceived, CloudEvent } from "../../core/events.ts";
import { canonicalJson } from "../../core/json.ts";

/*
 * What platforms hand over → `AlertReceived`, the data of `genops.alert.received`. These senders were authenticated by the platform (IAM);
 * webhooks are verified before (`shared/interfaces/hooks`). Nothing here throws: what has not the expected shape is kept as it came.
 */

const MOST_ATTRIBUTES = 20;
const ATTRIBUTE_LENGTH = 500;
const Text = z.string().nullish().catch(undefined);

const SnsMessage = z.object({
  Type: Text,
  MessageId: Text,
  TopicArn: Text,
  Subject: Text,
  Message: z.string(),
  Timestamp: Text,
});
export type SnsMessage = z.output<typeof SnsMessage>;

/** One of `event.Records` of a Lambda function that an SNS topic invokes. */
export function alertFromSnsRecord(record: unknown): AlertReceived {
  const parsed = z.object({ Sns: SnsMessage }).safeParse(record);
  return parsed.success ? alertFromSnsMessage(parsed.data.Sns) : unknownShape("aws-sns", record);
}

/** An SNS message, from a Lambda record or a verified HTTPS envelope. */
export function alertFromSnsMessage({
  Type,
  MessageId,
  TopicArn,
  Subject,
  Message,
  Timestamp,
}: SnsMessage): AlertReceived {
  return {
    from: "aws-sns",
    ...known({ deliveryId: MessageId, sentAt: Timestamp }),
    attributes: texts({ type: Type, topic: TopicArn, subject: Subject }),
    message: Message,
  };
}

const EventBridgeEvent = z.object({
  id: Text,
  source: Text,
  "detail-type": Text,
  account: Text,
  region: Text,
  time: Text,
  resources: z.array(z.string()).nullish().catch(undefined),
  detail: z.unknown(),
});

/** An event of EventBridge, such as `aws.ce`'s `Anomaly Detected`. */
export function alertFromEventBridge(event: unknown): AlertReceived {
  const parsed = EventBridgeEvent.safeParse(event);
  if (!parsed.success || parsed.data.detail === undefined) return unknownShape("aws-eventbridge", event);
  const { id, source, account, region, time, resources, detail } = parsed.data;
  return {
    from: "aws-eventbridge",
    ...known({ deliveryId: id, sentAt: time }),
    attributes: texts({
      source,
      detailType: parsed.data["detail-type"],
      account,
      region,
      resources: resources?.join(" "),
    }),
    message: detail,
  };
}

/** What Pub/Sub pushes, and what Eventarc puts into a CloudEvent's `data`; `message.data` is base64. */
const PubSubEnvelope = z.object({
  message: z.object({
    data: z.base64().nullish(),
    attributes: z.record(z.string(), z.unknown()).nullish().catch(undefined),
    messageId: Text,
    publishTime: Text,
  }),
  subscription: Text,
});

const MESSAGE_PUBLISHED = "google.cloud.pubsub.topic.v1.messagePublished";
const TOPIC_SOURCE = "//pubsub.googleapis.com/";

/** The CloudEvent of a function that a Pub/Sub topic triggers. The framework hands over any JSON as one, so its type is looked at. */
export function alertFromPubSub(cloudEvent: unknown): AlertReceived {
  const parsed = z
    .object({ type: z.literal(MESSAGE_PUBLISHED), source: Text, data: PubSubEnvelope })
    .safeParse(cloudEvent);
  if (!parsed.success) return unknownShape("gcp-budget", cloudEvent);
  const { source, data } = parsed.data;
  const topic = source?.startsWith(TOPIC_SOURCE) ? source.slice(TOPIC_SOURCE.length) : undefined;
  return alertFromPubSubMessage(data, topic);
}

/** The body of a Pub/Sub push. */
export function alertFromPubSubPush(body: unknown): AlertReceived {
  const parsed = PubSubEnvelope.safeParse(body);
  return parsed.success ? alertFromPubSubMessage(parsed.data, undefined) : unknownShape("gcp-budget", body);
}

function alertFromPubSubMessage(
  { message, subscription }: z.output<typeof PubSubEnvelope>,
  topic: string | undefined,
): AlertReceived {
  // Publishers choose their attributes; the transport's own must not be theirs.
  const { subscription: _subscription, topic: _topic, ...chosen } = texts(message.attributes ?? {});
  return {
    from: "gcp-budget",
    ...known({ deliveryId: message.messageId, sentAt: message.publishTime }),
    attributes: { ...chosen, ...texts({ subscription, topic }) },
    message: Buffer.from(message.data ?? "", "base64").toString("utf8"),
  };
}

const ActionGroupAlert = z.object({
  data: z.object({ essentials: z.object({ alertId: Text, firedDateTime: Text }) }),
});

/** The body of an Action Group's webhook. */
export function alertFromActionGroup(body: string): AlertReceived {
  const essentials = ActionGroupAlert.safeParse(parsedJson(body)).data?.data.essentials;
  const { alertId, firedDateTime } = essentials ?? {};
  const deliveryId = alertId == null ? undefined : `${alertId} ${firedDateTime ?? ""}`.trim();
  return {
    from: "azure-action-group",
    ...known({ deliveryId, sentAt: firedDateTime }),
    attributes: {},
    message: body,
  };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `genops.alert.received`; `receivedAt` stands for the time it was sent where the sender does not tell. */
export function alertEvent(alert: AlertReceived, receivedAt: Date): CloudEvent<AlertReceived> {
  const id = alert.deliveryId ?? createHash("sha256").update(canonicalJson(alert)).digest("hex").slice(0, 32);
  return {
    specversion: "1.0",
    id: `${alert.from}/${id}`.slice(0, ATTRIBUTE_LENGTH),
    source: "/genops/alerts",
    type: "genops.alert.received",
    time: receivedAt.toISOString(),
    datacontenttype: "application/json",
    data: alert,
  };
}

function unknownShape(from: AlertReceived["from"], message: unknown): AlertReceived {
  return { from, attributes: {}, message };
}

function known(fields: { deliveryId: string | null | undefined; sentAt: string | null | undefined }): {
  deliveryId?: string;
  sentAt?: string;
} {
  return texts(fields);
}

/** Only texts that say something, no longer than an event's attributes may be. */
function texts(fields: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields)
      .slice(0, MOST_ATTRIBUTES)
      .flatMap(([name, value]) =>
        typeof value === "string" && value !== "" ? [[name.slice(0, 100), value.slice(0, ATTRIBUTE_LENGTH)]] : [],
      ),
  );
}
