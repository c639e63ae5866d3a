import { exportWritten, isManifest, isRecord } from "../../../core/platform-events.ts";

const BLOB_CREATED = "Microsoft.Storage.BlobCreated";
const SUBJECT = /^\/blobServices\/default\/containers\/([^/]+)\/blobs\/(.+)$/;

/**
 * The CloudEvents in an Event Grid event, in its own schema or as a CloudEvent. A blob that is no manifest gives none; what is not
 * recognised is handed on as it is, to be refused.
 */
export function eventsOf(event: unknown): unknown[] {
  if (!isRecord(event)) return [event];
  const { id, subject, data } = event;
  const type = event["eventType"] ?? event["type"];
  const time = event["eventTime"] ?? event["time"];
  const source = event["topic"] ?? event["source"];
  const account = isRecord(data) ? accountOf(data["url"] ?? data["blobUrl"]) : undefined;
  const [, container, key] = SUBJECT.exec(String(subject)) ?? [];
  const texts = [id, time, source].every((each) => typeof each === "string");
  if (type !== BLOB_CREATED || !texts || account === undefined || key === undefined) return [event];
  if (!isManifest(key)) return [];
  const origin = { id: String(id), source: String(source), time: String(time) };
  return [exportWritten(origin, `azblob://${account}/${container}/${key}`)];
}

/** `https://ACCOUNT.blob.core.windows.net/…` → ACCOUNT. */
function accountOf(url: unknown): string | undefined {
  return typeof url === "string" ? /^https:\/\/([a-z0-9-]+)\./.exec(url)?.[1] : undefined;
}
