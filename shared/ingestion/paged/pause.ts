import type { Clock } from "../../ports/clock.ts";
import type { Deadline } from "../../ports/invocation.ts";
import type { Randomness } from "../../ports/randomness.ts";

/** What must be left of an invocation to ask for one more page and put away what came. */
export const CALL_MS = 30_000;
/** Longer pauses are left to the queue, also where no deadline ends the run. */
const LONGEST_PAUSE_MS = 5 * 60_000;

export interface PauseDeps {
  clock: Clock;
  deadline: Deadline;
}

/** Waits, if waiting and a call after it fit into the invocation. False: they do not, nothing was waited for. */
export async function pause(ms: number, { clock, deadline }: PauseDeps): Promise<boolean> {
  if (ms > LONGEST_PAUSE_MS || deadline.remainingMs() < ms + CALL_MS) return false;
  await clock.sleep(ms);
  return true;
}

/** Exponential back-off with jitter: between half and all of `firstMs` × 2^attempt, at most `longestMs`. */
export function backOffMs(
  attempt: number,
  { firstMs, longestMs }: { firstMs: number; longestMs: number },
  randomness: Randomness,
): number {
  return jitter(Math.min(longestMs, firstMs * 2 ** attempt), randomness);
}

function jitter(ms: number, randomness: Randomness): number {
  return Math.ceil(ms / 2 + (ms / 2) * randomness.fraction());
}
