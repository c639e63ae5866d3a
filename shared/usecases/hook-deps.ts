import type { CloudEvent } from "../core/events.ts";
import type { HookDeps, HookFetch } from "../interfaces/hooks/types.ts";
import type { Invocation, Log } from "../ports/invocation.ts";
import type { Runtime } from "./runtime.ts";

export interface HookOptions {
  /** Where verified alerts go: a queue that `alerts` listens to. Default: straight to its work, before the sender is answered. */
  publish?: (event: CloudEvent) => Promise<void>;
  log?: Log;
  fetch?: HookFetch;
}

/** What the webhooks need of a runtime. */
export function hookDeps(
  runtime: Runtime,
  { publish, log = logOf(runtime), fetch = globalThis.fetch }: HookOptions,
): HookDeps {
  return {
    config: runtime.config.alerts,
    store: runtime.lake,
    clock: runtime.clock,
    log,
    fetch,
    publish: publish ?? ((event) => handleNow(runtime, event, log)),
  };
}

/** Stored before the sender gets its answer; a receiver of ours that asks for a pause is told later, because the sender waits only seconds. */
async function handleNow(runtime: Runtime, event: CloudEvent, log: Log): Promise<void> {
  const { createAlerts } = await import("./alerts.ts");
  const invocation: Invocation = {
    correlationId: event.correlationid ?? event.id,
    deadline: runtime.deadline,
    log,
    tracer: { span: (_name, _attributes, work) => work() },
  };
  await createAlerts(runtime, { patienceMs: 0 })(event, invocation);
}

function logOf({ progress }: Runtime): Log {
  const note = (message: string) => progress.note(message);
  return { info: note, warn: note, error: note };
}
