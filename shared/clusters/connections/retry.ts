import type { IncomingHttpHeaders } from "node:http";
import type { Clock } from "../../ports/clock.ts";
import type { Randomness } from "../../ports/randomness.ts";
import type { KubeFailure } from "./errors.ts";
import { type HttpAnswer, TOO_LONG } from "./http.ts";

/** A request is repeated at most so often. */
export const MOST_REPEATS = 4;
const LONGEST_WAIT_MS = 30_000;
const FIRST_WAIT_MS = 250;

/** What came of one attempt. */
export type Attempt = { answer: HttpAnswer } | { failure: KubeFailure };

/** `write`: it changes something, so it is only repeated where the server surely did nothing. */
export type Repeatable = "read" | "write";

/**
 * May the same request be sent again? Reads: after everything that may pass. Writes: when the server said that it did nothing (429, 503), and
 * when there was no connection. A write whose answer was lost is never repeated.
 */
export function mayRepeat(attempt: Attempt, kind: Repeatable): boolean {
  if ("answer" in attempt) {
    const { status } = attempt.answer;
    if (status === 429 || status === 503) return true;
    return kind === "read" && (status === 500 || status === 502 || status === 504);
  }
  const { layer, reason } = attempt.failure;
  if (layer === "dns") return reason === "EAI_AGAIN";
  if (layer === "tls" || reason === TOO_LONG) return false;
  if (kind === "read") return true;
  return reason === "ECONNREFUSED";
}

/** Milliseconds until the next attempt: what the server asked for (30 s at most), else doubling; a part is random so that callers spread. */
export function waitBefore(repeat: number, attempt: Attempt, clock: Clock, randomness: Randomness): number {
  const asked = "answer" in attempt ? retryAfterMs(attempt.answer.headers, clock.now()) : undefined;
  if (asked === undefined) return FIRST_WAIT_MS * 2 ** repeat * (0.5 + randomness.fraction() / 2);
  return Math.min(LONGEST_WAIT_MS, asked * (1 + randomness.fraction() / 10));
}

/** `Retry-After` as seconds or as a date; undefined when it says neither. */
export function retryAfterMs(headers: IncomingHttpHeaders, now: Date): number | undefined {
  const text = headers["retry-after"];
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime());
}
