import type { Finding } from "../core/finding.ts";
import { notifyFindings } from "../interfaces/notifications/notify.ts";
import { drainOutbox } from "../interfaces/notifications/outbox.ts";
import { createNotifiers } from "../interfaces/notifications/registry.ts";
import type { Runtime } from "./runtime.ts";

/** A command waits this long for a receiver that asked for a pause; what is not sent by then goes out with the next run. */
const PATIENCE_MS = 15_000;

export interface TellOptions {
  /** How long to wait for a receiver that asked for a pause; default 15 s. */
  patienceMs?: number;
}

/** Sends what is new about these findings to the configured notifiers, and what is still in the outbox. */
export async function tellFindings(
  runtime: Runtime,
  findings: readonly Finding[],
  { patienceMs = PATIENCE_MS }: TellOptions = {},
): Promise<void> {
  const { config, clock, randomness, lake: store } = runtime;
  const notifiers = createNotifiers(config.notifications, { clock });
  if (notifiers.length === 0) return;
  const deps = { store, clock, randomness, notifiers };
  const until = clock.now().getTime() + patienceMs;
  let report = await notifyFindings({ ...deps, minimumLevel: config.notifications.minimumLevel }, findings);
  for (;;) {
    for (const problem of report.problems) runtime.progress.note(`not told yet: ${problem}`);
    const next = report.nextAttemptAt === undefined ? undefined : new Date(report.nextAttemptAt).getTime();
    if (next === undefined || next > until) return;
    await clock.sleep(Math.max(next - clock.now().getTime(), 0));
    report = { ...(await drainOutbox(deps)), enqueued: 0 };
  }
}
