import type { CloudEvent } from "../core/events.ts";

/** How long a function may still work. On a machine without such a limit it never ends. */
export interface Deadline {
  /** Milliseconds until the platform ends the invocation; Infinity without a limit. */
  remainingMs(): number;
}

/** One line per fact, as JSON, with the correlation id of its invocation. Never holds a secret. */
export interface Log {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Names a piece of work and measures it; the span ends with the work, failed if the work throws. */
export interface Tracer {
  span<T>(
    name: string,
    attributes: Readonly<Record<string, string | number | boolean>>,
    work: () => Promise<T>,
  ): Promise<T>;
}

/** What surrounds one call of a function, whatever platform it runs on. */
export interface Invocation {
  /** The same for everything that one cause set off: it travels with the events (`correlationid`, a CloudEvents extension). */
  correlationId: string;
  deadline: Deadline;
  log: Log;
  tracer: Tracer;
}

/**
 * The work of a function that is driven by events. At least once and unordered: it must be idempotent by the event's id and by its meaning.
 * Returns when the event is done, or its rest has been published as another event; throws when it is to be delivered again.
 */
export type EventFunction = (event: CloudEvent, invocation: Invocation) => Promise<void>;

/** The work of a function that is driven by HTTP. Never throws. */
export type HttpFunction = (request: Request, invocation: Invocation) => Promise<Response>;
