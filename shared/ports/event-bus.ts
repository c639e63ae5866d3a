import type { CloudEvent } from "../core/events.ts";

/** When a message is to arrive. */
export interface Delivery {
  /** Not before so many milliseconds. At most 15 minutes; what has no such thing (Pub/Sub) delivers at once. */
  delayMs?: number;
}

/** Hands an event to whoever listens. At least once, unordered. */
export interface EventBus {
  publish(event: CloudEvent, delivery?: Delivery): Promise<void>;
}
