import type { Clock } from "../../ports/clock.ts";

/** Lets work through, at most so much at once and, where a ceiling is set, so much per second. In the order of arrival. */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>;

export function createGate(atOnce: number, clock: Clock, perSecond?: number): Gate {
  const waiting: (() => void)[] = [];
  let running = 0;
  let nextAt = 0;

  async function enter(): Promise<void> {
    if (running < atOnce) {
      running++;
      return;
    }
    await new Promise<void>((resolve) => waiting.push(resolve));
  }

  function leave(): void {
    const next = waiting.shift();
    if (next === undefined) running--;
    else next();
  }

  async function pace(): Promise<void> {
    if (perSecond === undefined) return;
    const now = clock.now().getTime();
    const at = Math.max(now, nextAt);
    nextAt = at + 1000 / perSecond;
    if (at > now) await clock.sleep(at - now);
  }

  return async (work) => {
    await enter();
    try {
      await pace();
      return await work();
    } finally {
      leave();
    }
  };
}
