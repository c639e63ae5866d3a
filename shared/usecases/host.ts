import { GenOpsError } from "../core/errors.ts";
import type { CloudEvent } from "../core/events.ts";
import { problemOf } from "../interfaces/api/problems.ts";
import type { EventFunction, HttpFunction, Invocation, Log } from "../ports/invocation.ts";
import type { EventHost, HttpHost, Platform, PlatformCall } from "../ports/platform.ts";
import type { InvocationTracer, Tracing } from "../ports/tracing.ts";
import type { ApiSurroundings } from "./api.ts";
import { keepDeadLetter } from "./host/dead-letters.ts";
import { createLog, errorFields, progressOf } from "./host/log.ts";
import { keepRuntime, type RuntimeKeeper } from "./host/open-runtime.ts";
import { openTracing } from "./host/open-tracing.ts";
import { readEvent } from "./host/read-event.ts";
import { recordOwnUsage } from "./own-cost/record.ts";
import type { Runtime } from "./runtime.ts";

/** One of a function's processes: what it keeps between its calls. */
interface Process {
  platform: Platform;
  /** `collect`, `evaluate`, … */
  name: string;
  keeper: RuntimeKeeper;
  tracing: Tracing;
}

/** Runs a function that is driven by events. */
export async function createEventHost(
  platform: Platform,
  name: string,
  create: (runtime: Runtime) => EventFunction,
): Promise<EventHost> {
  const own = await openProcess(platform, name);
  return {
    async handle(candidate, call) {
      try {
        await handleEvent(own, create, candidate, call);
      } finally {
        await own.tracing.flush();
      }
    },
  };
}

async function handleEvent(
  own: Process,
  create: (runtime: Runtime) => EventFunction,
  candidate: unknown,
  call: PlatformCall,
): Promise<void> {
  const unread = createLog(call, { function: own.name, invocation: call.id });
  try {
    const event = readEvent(candidate);
    const invocation = invocationOf(own, call, event);
    await invocation.tracer.span(`${own.name} ${event.type}`, attributesOf(event), () =>
      withRuntime(own, invocation, (runtime) => create(runtime)(event, invocation)),
    );
    invocation.log.info("done", { event: event.id, type: event.type });
  } catch (error) {
    if (!isHopeless(error)) {
      unread.error("failed, to be delivered again", { ...idsOf(candidate), ...errorFields(error) });
      throw error;
    }
    await refuse(own, candidate, error, unread);
  }
}

/** No delivery of the same event could end better. A wrong configuration can be repaired while the platform tries again. */
function isHopeless(error: unknown): error is GenOpsError {
  return error instanceof GenOpsError && !error.retryable && (error.code === "usage" || error.code === "refused");
}

async function refuse(own: Process, event: unknown, error: GenOpsError, log: Log): Promise<void> {
  const runtime = await own.keeper.get();
  const at = runtime.clock.now().toISOString();
  const letter = { function: own.name, reason: error.message, at, event };
  const deadLetter = await keepDeadLetter(runtime.lake, letter);
  log.error("refused for good", { ...idsOf(event), ...errorFields(error), deadLetter });
}

/** Runs a function that is driven by HTTP. `create` gets the runtime only when it asks, so that some answers need none. */
export async function createHttpHost(
  platform: Platform,
  name: string,
  create: (open: () => Promise<Runtime>, surroundings: ApiSurroundings) => HttpFunction,
): Promise<HttpHost> {
  const own = await openProcess(platform, name);
  const { reaches } = own.keeper.events;
  return {
    async handle(request, call) {
      const invocation = invocationOf(own, call, { id: call.id, traceparent: call.traceparent });
      const { pathname } = new URL(request.url);
      let opened: { runtime: Runtime; started: number } | undefined;
      const open = async () => {
        const runtime = await own.keeper.get();
        opened ??= { runtime, started: runtime.clock.now().getTime() };
        return runtimeFor(runtime, own, invocation);
      };
      try {
        return await invocation.tracer.span(`${name} ${request.method}`, { "url.path": pathname }, async () =>
          own.keeper.withTempFolder(() => create(open, { signedIn: call.signedIn, reaches })(request, invocation)),
        );
      } catch (error) {
        invocation.log.error("request failed", { path: pathname, ...errorFields(error) });
        return problemOf(error);
      } finally {
        if (opened !== undefined) await record(own, opened.runtime, opened.started);
        await own.tracing.flush();
      }
    },
  };
}

async function openProcess(platform: Platform, name: string): Promise<Process> {
  return { platform, name, keeper: keepRuntime(platform), tracing: await openTracing(platform, name) };
}

interface TracedInvocation extends Invocation {
  tracer: InvocationTracer;
}

function invocationOf(
  own: Process,
  call: PlatformCall,
  cause: Pick<CloudEvent, "id" | "correlationid" | "traceparent"> | { id: string; traceparent: string | undefined },
): TracedInvocation {
  const correlationId = ("correlationid" in cause ? cause.correlationid : undefined) ?? cause.id;
  return {
    correlationId,
    deadline: call.deadline,
    log: createLog(call, { function: own.name, invocation: call.id, correlationId }),
    tracer: own.tracing.tracer(cause.traceparent ?? call.traceparent),
  };
}

async function withRuntime(
  own: Process,
  invocation: TracedInvocation,
  work: (runtime: Runtime) => Promise<void>,
): Promise<void> {
  const runtime = await own.keeper.get();
  const started = runtime.clock.now().getTime();
  try {
    await own.keeper.withTempFolder(() => work(runtimeFor(runtime, own, invocation)));
  } finally {
    await record(own, runtime, started);
  }
}

/** What this call costs is part of what GenOps says it costs itself. */
function record({ platform }: Process, runtime: Runtime, started: number): Promise<void> {
  const milliseconds = runtime.clock.now().getTime() - started;
  return recordOwnUsage(runtime, platform.name, { memoryMb: platform.memoryMb, milliseconds });
}

/** The process's runtime with what belongs to this invocation. Events take its correlation id and its trace along. */
function runtimeFor(
  runtime: Runtime,
  { keeper, platform }: Process,
  { deadline, log, tracer, correlationId }: TracedInvocation,
): Runtime {
  return {
    ...runtime,
    deadline,
    progress: progressOf(log),
    events: {
      async publish(event, delivery) {
        const traceparent = event.traceparent ?? tracer.traceparent();
        if (keeper.events.reaches(event.type)) runtime.usage.count(platform.name, { messages: 1 });
        const correlationid = event.correlationid ?? correlationId;
        const traced = { ...event, correlationid, ...(traceparent === undefined ? {} : { traceparent }) };
        await keeper.events.publish(traced, delivery);
      },
    },
  };
}

function attributesOf({ id, type, source, subject }: CloudEvent): Record<string, string> {
  return {
    "cloudevents.event_id": id,
    "cloudevents.event_type": type,
    "cloudevents.event_source": source,
    ...(subject === undefined ? {} : { "cloudevents.event_subject": subject }),
  };
}

/** What can be said of an event that may be none. */
function idsOf(candidate: unknown): Record<string, unknown> {
  if (typeof candidate !== "object" || candidate === null) return {};
  const { id, type, correlationid } = candidate as Record<string, unknown>;
  return { event: id, type, correlationId: correlationid ?? id };
}
