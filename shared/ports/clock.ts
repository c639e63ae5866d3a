/**
 * Time. `now` is the wall clock: knowledge time, timeouts, retention. `evaluationNow` is what "today" means to budgets, forecasts and
 * relative periods; `--now` pins it.
 */
export interface Clock {
  now(): Date;
  evaluationNow(): Date;
  /** Resolves after `ms`, or at once when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
