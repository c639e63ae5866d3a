import type { Tracer } from "./invocation.ts";

/** A tracer for one invocation. */
export interface InvocationTracer extends Tracer {
  /** W3C Trace Context of the span that is being worked on: what an event takes along. */
  traceparent(): string | undefined;
}

/** Where spans go. */
export interface Tracing {
  /** Its spans continue the trace of `parent`, if there is one. */
  tracer(parent: string | undefined): InvocationTracer;
  /** Sends what is finished, because a function may be frozen as soon as it has answered. Never throws. */
  flush(): Promise<void>;
}
