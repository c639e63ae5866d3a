import { Cron } from "croner";

export interface Job {
  id: string;
  /** Cron expression, UTC. */
  schedule: string;
  /** Must not throw. */
  run: () => Promise<void>;
}

export interface Scheduler {
  /** Starts nothing more and waits for what runs. */
  stop(): Promise<void>;
}

/** Runs jobs when they are due, one after the other: what falls due meanwhile waits, and waits only once. */
export function startScheduler(jobs: readonly Job[]): Scheduler {
  const due = new Set<Job>();
  let running: Promise<void> | undefined;
  let stopped = false;

  async function work(): Promise<void> {
    for (const job of due) {
      if (stopped) break;
      due.delete(job);
      await job.run();
    }
    running = undefined;
  }

  const timers = jobs.map(
    (job) =>
      new Cron(job.schedule, { timezone: "UTC", unref: true }, () => {
        due.add(job);
        running ??= work();
      }),
  );
  return {
    async stop() {
      stopped = true;
      for (const timer of timers) timer.stop();
      await running;
    },
  };
}
