/** Google's own shapes of events (`reference/clouds.md` §3.3). */

const TOPIC = "projects/genops-test/topics/genops-collect";

export interface PubSubMessage {
  id?: string;
  /** What was published. */
  text: string;
  attributes?: Readonly<Record<string, string>>;
}

interface Message {
  data: string;
  attributes: Readonly<Record<string, string>>;
  messageId: string;
  publishTime: string;
}

function messageOf({ id = "9871", text, attributes = {} }: PubSubMessage): Message {
  const data = Buffer.from(text, "utf8").toString("base64");
  return { data, attributes, messageId: id, publishTime: "2026-11-22T06:00:00.000Z" };
}

/** As Eventarc sends it: attributes of the CloudEvent and its data. */
export function published(message: PubSubMessage) {
  const own = messageOf(message);
  return {
    specversion: "1.0",
    id: own.messageId,
    source: `//pubsub.googleapis.com/${TOPIC}`,
    type: "google.cloud.pubsub.topic.v1.messagePublished",
    time: own.publishTime,
    datacontenttype: "application/json",
    data: {
      message: { ...own, message_id: own.messageId, publish_time: own.publishTime },
      subscription: "projects/genops-test/subscriptions/genops-collect",
    },
  };
}

/** As a push subscription posts it to `/projects/P/topics/T` of the function. */
export function pushed(message: PubSubMessage) {
  return {
    path: `/${TOPIC}`,
    body: { message: messageOf(message), subscription: "projects/genops-test/subscriptions/genops-collect" },
  };
}

/** A Storage notification's attributes and text. */
export function storageNotification(bucket: string, name: string, eventType = "OBJECT_FINALIZE"): PubSubMessage {
  return {
    text: JSON.stringify({ kind: "storage#object", bucket, name, generation: "1" }),
    attributes: { bucketId: bucket, objectId: name, eventType, payloadFormat: "JSON_API_V1", objectGeneration: "1" },
  };
}

/** A Storage event by Eventarc. */
export function finalized(bucket: string, name: string) {
  return {
    specversion: "1.0",
    id: "1096434104173400",
    source: `//storage.googleapis.com/projects/_/buckets/${bucket}`,
    subject: `objects/${name}`,
    type: "google.cloud.storage.object.v1.finalized",
    time: "2026-11-22T06:00:00.000Z",
    datacontenttype: "application/json",
    data: { kind: "storage#object", bucket, name, generation: "1", contentType: "application/json" },
  };
}
