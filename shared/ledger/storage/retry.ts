import type { Clock } from "../../ports/clock.ts";

/** Repeats a request for as long as what it throws is worth it, with growing pauses; the last error is thrown. */
export async function retry<T>(
  clock: Pick<Clock, "sleep">,
  { attempts, firstPauseMs, isWorthIt }: { attempts: number; firstPauseMs: number; isWorthIt(error: unknown): boolean },
  request: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await request();
    } catch (error) {
      if (attempt >= attempts || !isWorthIt(error)) throw error;
    }
    await clock.sleep(firstPauseMs * 2 ** Math.min(attempt - 1, 6));
  }
}
