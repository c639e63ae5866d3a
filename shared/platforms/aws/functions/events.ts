import type { EventBridgeEvent, S3EventRecord, SNSEventRecord, SQSRecord } from "aws-lambda";
import {
  alertReceived,
  defaultTask,
  exportWritten,
  isManifest,
  isRecord,
  jsonOrText,
  scheduleDue,
} from "../../../core/platform-events.ts";
import { alertFromEventBridge, alertFromSnsRecord } from "../../../governance/inbound-alerts/envelopes.ts";

/** A message of a batch; the others of the batch do not depend on it. */
export interface QueuedMessage {
  messageId: string;
  body: string;
}

/** The messages of an SQS batch, or undefined when the event is none. */
export function queuedMessages(event: unknown): readonly QueuedMessage[] | undefined {
  const records = recordsOf(event);
  return records?.every(isSqs) === true ? records : undefined;
}

/**
 * The CloudEvents in what Lambda was called with: S3 notifications, EventBridge events, SNS notifications, or a CloudEvent itself. What
 * has no meaning for GenOps (an object that is no manifest) gives none; what is not recognised is handed on as it is, to be refused.
 */
export function eventsOf(event: unknown, functionName: string): unknown[] {
  const records = recordsOf(event);
  if (records !== undefined) return records.flatMap((record) => eventsOfRecord(record, functionName));
  if (isRecord(event) && typeof event["detail-type"] === "string") {
    return eventsOfBridge(event as unknown, functionName);
  }
  // S3 asks once whether the destination exists.
  if (isRecord(event) && event["Event"] === "s3:TestEvent") return [];
  return [event];
}

function recordsOf(event: unknown): readonly unknown[] | undefined {
  return isRecord(event) && Array.isArray(event["Records"]) && event["Records"].length > 0
    ? (event["Records"] as readonly unknown[])
    : undefined;
}

function eventsOfRecord(record: unknown, functionName: string): unknown[] {
  if (isSns(record)) return eventsOfSns(record, functionName);
  if (isS3(record)) return eventsOfS3(record);
  return [record];
}

function isSqs(record: unknown): record is SQSRecord {
  return isRecord(record) && record["eventSource"] === "aws:sqs" && typeof record["body"] === "string";
}

function isSns(record: unknown): record is SNSEventRecord {
  return isRecord(record) && record["EventSource"] === "aws:sns" && isRecord(record["Sns"]);
}

function isS3(record: unknown): record is S3EventRecord {
  if (!isRecord(record) || record["eventSource"] !== "aws:s3" || !isRecord(record["s3"])) return false;
  const { bucket, object } = record["s3"];
  const texts = [record["eventName"], record["eventTime"]];
  if (isRecord(bucket)) texts.push(bucket["name"]);
  if (isRecord(object)) texts.push(object["key"]);
  return texts.length === 4 && texts.every((text) => typeof text === "string");
}

function eventsOfS3(record: S3EventRecord): unknown[] {
  const { s3, eventTime, eventName } = record;
  const key = decodedKey(s3.object.key);
  if (key === undefined) return [record];
  if (!eventName.includes("ObjectCreated") || !isManifest(key)) return [];
  const { name } = s3.bucket;
  const origin = { id: `${name}/${key}/${s3.object.sequencer}`, source: "aws:s3", time: eventTime };
  return [exportWritten(origin, `s3://${name}/${key}`)];
}

/** Keys arrive as in a form: `+` is a space. Undefined for what S3 would not have written. */
function decodedKey(key: string): string | undefined {
  try {
    return decodeURIComponent(key.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}

/**
 * To `alerts` a topic brings an alert, whose text stays as it is: amounts in it are numbers that parsing would round. To the others a topic
 * hands on what another service has told it, as S3 does.
 */
function eventsOfSns({ Sns }: SNSEventRecord, functionName: string): unknown[] {
  if (functionName !== "alerts") return eventsOf(jsonOrText(Sns.Message), functionName);
  const origin = { id: Sns.MessageId, source: Sns.TopicArn, time: Sns.Timestamp };
  return [alertReceived(origin, alertFromSnsRecord({ Sns }))];
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function eventsOfBridge(event: unknown, functionName: string): unknown[] {
  const bridge = event as EventBridgeEvent<string, unknown>;
  const { id, source, time } = bridge;
  const origin = { id, source, time };
  if (source === "aws.events" || source === "aws.scheduler") return [scheduleDue(origin, defaultTask(functionName))];
  if (source === "aws.s3") return eventsOfCreatedObject(bridge);
  if (source !== "aws.ce") return [event];
  return [alertReceived(origin, alertFromEventBridge(event))];
}

/** EventBridge gives keys as they are. */
function eventsOfCreatedObject(event: EventBridgeEvent<string, unknown>): unknown[] {
  const { id, source, time, detail } = event;
  if (event["detail-type"] !== "Object Created" || !isRecord(detail)) return [];
  const { bucket, object } = detail;
  if (!isRecord(bucket) || !isRecord(object) || !isText(bucket["name"]) || !isText(object["key"])) return [event];
  return isManifest(object["key"])
    ? [exportWritten({ id, source, time }, `s3://${bucket["name"]}/${object["key"]}`)]
    : [];
}
