import type { Delivery } from "./event-bus.ts";
import type { Deadline } from "./invocation.ts";

/** Sends texts to whoever reads the queue. At least once, unordered. */
export interface Queue {
  /** Resolves when the queue has it. */
  send(message: string, delivery?: Delivery): Promise<void>;
}

/** What a function's process has of the platform it runs on, beside the events. */
export interface Platform {
  name: "aws" | "azure" | "gcp" | "local";
  environment: Readonly<Record<string, string | undefined>>;
  /** What the platform charges a call's time with. */
  memoryMb: number;
  /** The secrets that exist among these; the others are left out. */
  fetchSecrets(names: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** `address` as the platform calls its queues: an SQS URL, a storage queue's name, a Pub/Sub topic. */
  openQueue(address: string): Promise<Queue>;
}

export interface LogEntry {
  severity: "info" | "warn" | "error";
  message: string;
  fields: Readonly<Record<string, unknown>>;
}

/** What surrounds one call before GenOps has looked at its event. */
export interface PlatformCall {
  /** The platform's own id of the call. */
  id: string;
  deadline: Deadline;
  /** W3C Trace Context, where the platform hands one on. */
  traceparent?: string | undefined;
  write(entry: LogEntry): void;
}

/** Runs one function for events, on whatever platform. */
export interface EventHost {
  /**
   * `event` should be a CloudEvent. Resolves when it is done with: handled, or refused for good and kept as a dead letter. Rejects when
   * it is to be delivered again.
   */
  handle(event: unknown, call: PlatformCall): Promise<void>;
}

export interface HttpCall extends PlatformCall {
  /** The platform knows the caller and let them in. */
  signedIn: boolean;
}

/** Runs one function for HTTP requests, on whatever platform. Never throws. */
export interface HttpHost {
  handle(request: Request, call: HttpCall): Promise<Response>;
}
