import type { AlertReceived, CloudEvent, EventType, ExportWritten, ScheduleDue } from "./events.ts";

/** What every platform can say of an event of its own. */
export interface Origin {
  /** The platform's own id of the event: the same when it is delivered again. */
  id: string;
  /** Who sent it, as a URI or a name of the platform's: `aws.events`, `//pubsub.googleapis.com/projects/p/topics/t`. */
  source: string;
  /** When it happened, RFC 3339; for a schedule the moment it was due, not the moment it is handled. */
  time: string;
}

/** A schedule is due. */
export function scheduleDue(origin: Origin, task: ScheduleDue["task"]): CloudEvent<ScheduleDue> {
  return eventOf(origin, "genops.schedule.due", { task });
}

/** An export's manifest was written: `location` is its whole address. */
export function exportWritten(origin: Origin, location: string): CloudEvent<ExportWritten> {
  return eventOf(origin, "genops.export.written", { location });
}

/** A cloud's own alert arrived, over a channel that proves its sender. */
export function alertReceived(origin: Origin, alert: AlertReceived): CloudEvent<AlertReceived> {
  return eventOf(origin, "genops.alert.received", alert);
}

function eventOf<Data>(origin: Origin, type: EventType, data: Data): CloudEvent<Data> {
  const { id, source, time } = origin;
  return { specversion: "1.0", id, source, type, time, datacontenttype: "application/json", data };
}

/**
 * Is this object the manifest of an export? AWS writes `NAME-Manifest.json` and Azure `manifest.json` after the data files
 * (`reference/clouds.md` §1.4, §2.2), so only then the export is complete.
 */
export function isManifest(key: string): boolean {
  return /(^|[/_.-])manifest\.json$/i.test(key);
}

/** A function's own schedule, where the platform's event does not name one. */
export function defaultTask(functionName: string): ScheduleDue["task"] {
  return functionName === "evaluate" ? "evaluate" : "collect";
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Parsed JSON, or the text itself where it is none. */
export function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
