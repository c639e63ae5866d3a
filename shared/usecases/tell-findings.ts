import type { Finding } from "../core/finding.ts";
import { notifyFindings } from "../interfaces/notifications/notify.ts";
import { type DrainDeps, type DrainReport, drainOutbox } from "../interfaces/notifications/outbox.ts";
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
  options: TellOptions = {},
): Promise<void> {
  const { config, clock } = runtime;
  const notifiers = createNotifiers(config.notifications, { clock });
  if (notifiers.length === 0) return;
  const { minimumLevel } = config.notifications;
  const deps = { ...drainDeps(runtime), notifiers };
  await sendPatiently(runtime, deps, () => notifyFindings({ ...deps, minimumLevel }, findings), options);
}

export function drainDeps({ clock, randomness, lake }: Runtime): Omit<DrainDeps, "notifiers"> {
  return { store: lake, clock, randomness };
}

/** Sends by `first`, then what a receiver has put off, as long as the patience lasts. */
export async function sendPatiently(
  { progress, clock }: Pick<Runtime, "progress" | "clock">,
  deps: DrainDeps,
  first: () => Promise<DrainReport>,
  { patienceMs = PATIENCE_MS }: TellOptions,
): Promise<void> {
  const until = clock.now().getTime() + patienceMs;
  let report = await first();
  for (;;) {
    for (const problem of report.problems) progress.note(`not told yet: ${problem}`);
    const next = report.nextAttemptAt === undefined ? undefined : new Date(report.nextAttemptAt).getTime();
    if (next === undefined || next > until) return;
    await clock.sleep(Math.max(next - clock.now().getTime(), 0));
    report = await drainOutbox(deps);
  }
}
