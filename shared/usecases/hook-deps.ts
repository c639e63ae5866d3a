import { messageOf } from "../core/errors.ts";
import type { CloudEvent, EventType } from "../core/events.ts";
import type { HookDeps, HookFetch } from "../interfaces/hooks/types.ts";
import type { Invocation, Log } from "../ports/invocation.ts";
import type { Runtime } from "./runtime.ts";

export interface HookOptions {
  /** Where verified alerts and decisions go: queues that `alerts` and `enforce` listen to. Default: straight to their work. */
  publish?: (event: CloudEvent) => Promise<void>;
  /** Is there a queue for events of this type? What has none is worked on here. Default: `publish` takes everything. */
  reaches?: (type: EventType) => boolean;
  log?: Log;
  fetch?: HookFetch;
}

/** What the webhooks need of a runtime. */
export function hookDeps(
  runtime: Runtime,
  { publish, reaches = () => true, log = logOf(runtime), fetch = globalThis.fetch }: HookOptions,
): HookDeps {
  const handle = (event: CloudEvent) =>
    event.type === "genops.action.approved"
      ? decideNow(runtime, event, log, publish === undefined)
      : handleNow(runtime, event, log);
  return {
    config: runtime.config.alerts,
    store: runtime.lake,
    clock: runtime.clock,
    log,
    fetch,
    slackSigningSecret: runtime.config.notifications.slack?.signingSecret,
    slackTeams: runtime.config.notifications.slack?.team,
    publish: (event) => (publish !== undefined && reaches(event.type) ? publish(event) : handle(event)),
  };
}

/** Stored before the sender gets its answer; a receiver of ours that asks for a pause is told later, because the sender waits only seconds. */
async function handleNow(runtime: Runtime, event: CloudEvent, log: Log): Promise<void> {
  const { createAlerts } = await import("./alerts.ts");
  await createAlerts(runtime, { patienceMs: 0 })(event, invocationOf(runtime, event, log));
}

/**
 * Recorded before Slack gets its answer. The rest is not waited for, because Slack waits for us: telling Slack, and in a process that lives
 * on (`alone`) carrying out what is approved. What a process that ends leaves undone is in the outbox, and for the schedule of `enforce`.
 */
async function decideNow(runtime: Runtime, event: CloudEvent, log: Log, alone: boolean): Promise<void> {
  const { followDecision, recordDecision } = await import("./approvals.ts");
  const outcome = await recordDecision(runtime, event);
  const isApproved = outcome.counted && outcome.record.state === "approved";
  const rest = async () => {
    await followDecision(runtime, event, outcome, { patienceMs: 0 });
    if (alone && isApproved) await carryOut(runtime, outcome.record.plan.hash, log);
  };
  rest().catch((error: unknown) => log.warn(`after a decision in Slack: ${messageOf(error)}`));
}

async function carryOut(runtime: Runtime, hash: string, log: Log): Promise<void> {
  const { applyApproved } = await import("./enforce/apply-approved.ts");
  const { outcome, why } = await applyApproved(runtime, hash, { log });
  log.info(`plan ${hash}: ${outcome}${why === undefined ? "" : `, ${why}`}`);
}

function invocationOf(runtime: Runtime, event: CloudEvent, log: Log): Invocation {
  return {
    correlationId: event.correlationid ?? event.id,
    deadline: runtime.deadline,
    log,
    tracer: { span: (_name, _attributes, work) => work() },
  };
}

function logOf({ progress }: Runtime): Log {
  const note = (message: string) => progress.note(message);
  return { info: note, warn: note, error: note };
}
