import { parseConfig } from "../../shared/config/parse-config.ts";
import type { Config, SourceConfig } from "../../shared/config/types.ts";
import type { CloudEvent, EventType } from "../../shared/core/events.ts";
import type { CollectDeps } from "../../shared/ledger/collect/deps.ts";
import type { EventFunction, Invocation } from "../../shared/ports/invocation.ts";
import type { CollectRuntime } from "../../shared/usecases/collect/events.ts";

export interface LogLine {
  level: "info" | "warn" | "error";
  message: string;
  fields: Readonly<Record<string, unknown>>;
}

/** A runtime around a test's deps, as far as `collect` needs one. */
export function runtimeWith(
  deps: CollectDeps,
  sources: readonly SourceConfig[],
  ledger: Partial<Config["ledger"]> = {},
): CollectRuntime {
  const empty = parseConfig("{}", { fileName: "genops.yaml", baseDir: "/", secrets: { read: () => undefined } });
  const limits = { ...deps.limits, ...ledger };
  return {
    ...deps,
    limits,
    config: { ...empty, sources, ledger: limits },
    isHome: () => true,
    costsQuery: () => ({ allocation: empty.allocation, scopeColumns: [] }),
    withCosts: () => Promise.reject(new Error("no cubes to refresh in this test")),
  };
}

export interface TestInvocation extends Invocation {
  lines: LogLine[];
}

export function createInvocation(remainingMs = () => 900_000): TestInvocation {
  const lines: LogLine[] = [];
  const at =
    (level: LogLine["level"]) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) =>
      void lines.push({ level, message, fields });
  return {
    lines,
    correlationId: "correlation-1",
    deadline: { remainingMs },
    log: { info: at("info"), warn: at("warn"), error: at("error") },
    tracer: { span: (_name, _attributes, work) => work() },
  };
}

let ids = 0;

/** An event as a platform would hand it over. */
export function eventOf(type: EventType, data: unknown, id = `event-${++ids}`): CloudEvent {
  return {
    specversion: "1.0",
    id,
    source: "/test",
    type,
    time: "2024-09-20T12:00:00Z",
    datacontenttype: "application/json",
    data,
  };
}

/** Events that `collect` itself listens to. */
const OWN: readonly EventType[] = ["genops.collect.wanted", "genops.collect.part"];

/** Handles an event and everything that follows from it, in order, until nothing does. Gives back what was handled. */
export async function settle(
  handle: EventFunction,
  published: CloudEvent[],
  first: CloudEvent,
  invocation: () => Invocation = createInvocation,
): Promise<CloudEvent[]> {
  const queue = [first];
  const handled: CloudEvent[] = [];
  for (let event = queue.shift(); event !== undefined; event = queue.shift()) {
    const from = published.length;
    await handle(event, invocation());
    handled.push(event);
    queue.push(...published.slice(from).filter(({ type }) => OWN.includes(type)));
    if (handled.length > 200) throw new Error("events without end");
  }
  return handled;
}
