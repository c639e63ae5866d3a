import { Cron } from "croner";
import type { SourceConfig } from "../../shared/config/types.ts";

/** Bills are refreshed a few times a day (`reference/clouds.md` §0); asking more often finds nothing. */
const DEFAULT_SCHEDULE = "17 */6 * * *";

export interface Scheduler {
  /** Starts nothing more and waits for what runs. */
  stop(): Promise<void>;
}

/** Calls `run` with the sources that are due by their cron expressions (UTC). Runs never overlap: what falls due meanwhile waits. */
export function startScheduler(
  sources: readonly SourceConfig[],
  run: (ids: readonly string[]) => Promise<void>,
): Scheduler {
  const due = new Set<string>();
  let running: Promise<void> | undefined;
  let stopped = false;

  async function work(): Promise<void> {
    while (due.size > 0 && !stopped) {
      const ids = [...due];
      due.clear();
      await run(ids);
    }
    running = undefined;
  }

  const jobs = sources.map(
    ({ id, schedule }) =>
      new Cron(schedule ?? DEFAULT_SCHEDULE, { timezone: "UTC", unref: true }, () => {
        due.add(id);
        running ??= work();
      }),
  );
  return {
    async stop() {
      stopped = true;
      for (const job of jobs) job.stop();
      await running;
    },
  };
}
