import { GenOpsError, messageOf } from "../../core/errors.ts";
import type { CloudEvent, EventType } from "../../core/events.ts";
import type { Delivery, EventBus } from "../../ports/event-bus.ts";
import type { Platform, Queue } from "../../ports/platform.ts";

interface Route {
  /** Environment variable that names the queue. */
  variable: string;
  /** What follows when the variable is not set: work is lost, or only begins later. */
  required: boolean;
}

const COLLECT: Route = { variable: "GENOPS_QUEUE_COLLECT", required: true };
/** Without it the hourly schedule evaluates. */
const EVALUATE: Route = { variable: "GENOPS_QUEUE_EVALUATE", required: false };

/** Without it whoever verified the alert handles it at once. */
const ALERTS: Route = { variable: "GENOPS_QUEUE_ALERTS", required: false };

/** Without it the schedule of `enforce` acts, and decisions are carried out by whoever verified them. */
const ENFORCE: Route = { variable: "GENOPS_QUEUE_ENFORCE", required: false };

/** Who listens to what. Event types that are not here have no listener yet. */
const ROUTES: { readonly [T in EventType]?: Route } = {
  "genops.collect.wanted": COLLECT,
  "genops.collect.part": COLLECT,
  "genops.costs.changed": EVALUATE,
  "genops.alert.received": ALERTS,
  "genops.action.wanted": ENFORCE,
  "genops.action.approved": ENFORCE,
};

export interface RoutedBus extends EventBus {
  /** Is there a queue for events of this type? */
  reaches(type: EventType): boolean;
}

/** Sends each event to the queue of the function that listens to its type. Queues are opened when the first event goes there. */
export function createRoutedBus(platform: Platform): RoutedBus {
  const queues = new Map<string, Promise<Queue>>();

  function open(address: string): Promise<Queue> {
    const queue = queues.get(address) ?? platform.openQueue(address);
    queues.set(address, queue);
    queue.catch(() => queues.delete(address));
    return queue;
  }

  /** Whatever a queue's SDK says, the event is not on its way: its cause has to be delivered again. */
  async function send(address: string, event: CloudEvent, delivery: Delivery | undefined): Promise<void> {
    try {
      await (await open(address)).send(JSON.stringify(event), delivery);
    } catch (error) {
      if (error instanceof GenOpsError) throw error;
      throw new GenOpsError("unavailable", `${event.type} cannot be sent to ${address}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  /** Unset and empty are the same: deployments cannot leave a variable out. */
  function addressOf(type: EventType): string {
    const route = ROUTES[type];
    return route === undefined ? "" : (platform.environment[route.variable] ?? "");
  }

  return {
    reaches: (type) => addressOf(type) !== "",
    async publish(event, delivery) {
      const address = addressOf(event.type);
      const route = ROUTES[event.type];
      if (address !== "") await send(address, event, delivery);
      else if (route?.required === true)
        throw new GenOpsError("config", `${route.variable} is not set: ${event.type} would reach nobody`);
    },
  };
}
