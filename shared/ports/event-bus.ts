import type { CloudEvent } from "../core/events.ts";

/** Hands an event to whoever listens. At least once, unordered. */
export interface EventBus {
  publish(event: CloudEvent): Promise<void>;
}
