import type { Clock } from "../../shared/ports/clock.ts";

export interface FakeClock extends Clock {
  advance(ms: number): void;
}

/** A clock that moves only when told, or by one millisecond per reading with `ticking`. Sleeping moves it. */
export function createFakeClock(start = "2024-10-01T00:00:00.000Z", ticking = false): FakeClock {
  let now = Date.parse(start);
  return {
    now: () => new Date(ticking ? now++ : now),
    evaluationNow: () => new Date(now),
    advance(ms) {
      now += ms;
    },
    sleep(ms) {
      now += ms;
      return Promise.resolve();
    },
  };
}
