import type { AlertReceived } from "../../core/events.ts";

/** Storage queues take 64 KiB of base64; the envelope and the escaping of a text within JSON within JSON need room, too. */
const QUEUED_BYTES = 30_000;
/** No UTF-16 unit needs more than six bytes in JSON. */
const CUT_LENGTH = QUEUED_BYTES / 6;

/** The alert as it fits into every cloud's queue. A longer message is cut; it is then shown as it came and no longer understood. */
export function boundedAlert(alert: AlertReceived): { alert: AlertReceived; cut: boolean } {
  const json = JSON.stringify(alert.message);
  if (Buffer.byteLength(json) <= QUEUED_BYTES) return { alert, cut: false };
  const text = typeof alert.message === "string" ? alert.message : json;
  return { alert: { ...alert, message: `${text.slice(0, CUT_LENGTH)}… (cut, ${text.length} characters)` }, cut: true };
}
