import type { ScheduleDue } from "../../../core/events.ts";
import {
  alertReceived,
  exportWritten,
  isManifest,
  isRecord,
  jsonOrText,
  type Origin,
  scheduleDue,
} from "../../../core/platform-events.ts";
import { alertFromPubSub } from "../../../governance/inbound-alerts/envelopes.ts";

const PUBLISHED = "google.cloud.pubsub.topic.v1.messagePublished";
const FINALIZED = "google.cloud.storage.object.v1.finalized";

/**
 * The CloudEvents in what Eventarc or a push subscription brought: a Pub/Sub message around an event of ours, a schedule's `{"task": …}`, a
 * Storage notification or a budget's alert; or a Storage event itself. An object that is no manifest gives none; what is not recognised
 * is handed on as it is, to be refused: the framework takes any JSON for a CloudEvent.
 */
export function eventsOf(event: unknown, functionName: string): unknown[] {
  if (!isRecord(event) || !isRecord(event["data"])) return [event];
  const { id, type, source, time, data } = event;
  if (typeof id !== "string" || typeof source !== "string" || typeof time !== "string") return [event];
  const origin = { id, source, time };
  if (type === FINALIZED) return eventsOfObject(origin, data["bucket"], data["name"]) ?? [event];
  if (type !== PUBLISHED) return [event];
  const message = messageOf(data, origin);
  if (functionName === "alerts") return [alertOf(event, message, origin)];
  return (message === undefined ? undefined : eventsOfMessage(message)) ?? [event];
}

interface Message {
  origin: Origin;
  attributes: Readonly<Record<string, string>>;
  text: string;
}

/** Base64 in `data.message.data`; ids and times under names in both spellings. */
function messageOf(data: Readonly<Record<string, unknown>>, origin: Origin): Message | undefined {
  const { message } = data;
  if (!isRecord(message) || typeof message["data"] !== "string") return undefined;
  const id = message["messageId"] ?? message["message_id"] ?? origin.id;
  const time = message["publishTime"] ?? message["publish_time"] ?? origin.time;
  const attributes = isRecord(message["attributes"]) ? message["attributes"] : {};
  return {
    origin: { ...origin, id: String(id), time: String(time) },
    attributes: Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, String(value)])),
    text: Buffer.from(message["data"], "base64").toString("utf8"),
  };
}

function eventsOfMessage({ origin, attributes, text }: Message): unknown[] | undefined {
  if (attributes["eventType"] !== undefined && attributes["bucketId"] !== undefined) {
    return attributes["eventType"] === "OBJECT_FINALIZE"
      ? eventsOfObject(origin, attributes["bucketId"], attributes["objectId"])
      : [];
  }
  const content = jsonOrText(text);
  if (!isRecord(content)) return undefined;
  if ("specversion" in content) return [content];
  // Whether there is such a task is for the reader of events to say.
  return typeof content["task"] === "string"
    ? [scheduleDue(origin, content["task"] as ScheduleDue["task"])]
    : undefined;
}

function eventsOfObject(origin: Origin, bucket: unknown, name: unknown): unknown[] | undefined {
  if (typeof bucket !== "string" || typeof name !== "string") return undefined;
  return isManifest(name) ? [exportWritten(origin, `gs://${bucket}/${name}`)] : [];
}

/** What a hook has verified and queued, or else what the topic brings: its publishers are named by IAM. */
function alertOf(event: unknown, message: Message | undefined, origin: Origin): unknown {
  const own = message === undefined ? undefined : jsonOrText(message.text);
  if (isRecord(own) && own["type"] === "genops.alert.received") return own;
  return alertReceived(message?.origin ?? origin, alertFromPubSub(event));
}
