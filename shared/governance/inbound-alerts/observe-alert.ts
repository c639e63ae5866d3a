import type { AlertReceived } from "../../core/events.ts";
import type { Observation } from "../../core/finding.ts";
import { alertObservation } from "./alert-observation.ts";
import { readInstant } from "./instants.ts";
import { rawObservation } from "./raw-observation.ts";
import { readAlert } from "./read-alert.ts";
import type { Reading } from "./types.ts";

export interface ObservedAlert {
  /** What is to become findings. */
  observations: Observation[];
  /** Why there is nothing, or why it is only shown as it came; for the log. */
  remarks: string[];
}

/**
 * What a verified message means. It never throws and nothing is lost: a message that cannot be read becomes an observation with its text.
 * `receivedAt` (RFC 3339) stands for the time of messages that name none.
 */
export function observeAlert(alert: AlertReceived, receivedAt: string): ObservedAlert {
  const sentAt = readInstant(alert.sentAt) ?? readInstant(receivedAt) ?? EPOCH;
  const reading = read(alert, sentAt);
  if ("unread" in reading) {
    return {
      observations: [rawObservation(alert, reading.unread, sentAt)],
      remarks: [`not understood: ${reading.unread}`],
    };
  }
  return reading;
}

const EPOCH = new Date(0).toISOString();

function read(alert: AlertReceived, sentAt: string): ObservedAlert | Extract<Reading, { unread: string }> {
  try {
    const reading = readAlert(alert, sentAt.slice(0, 10));
    if ("unread" in reading) return reading;
    const observed: ObservedAlert = { observations: [], remarks: [] };
    for (const each of reading.alerts) {
      if (each.what === "nothing") observed.remarks.push(each.why);
      else observed.observations.push(alertObservation(each, sentAt));
    }
    return observed;
  } catch (error) {
    // Amounts beyond 38 digits, JSON that is none or nested beyond the stack.
    if (error instanceof RangeError || error instanceof SyntaxError)
      return { unread: "a number or its JSON cannot be read" };
    throw error;
  }
}
