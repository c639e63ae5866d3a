import type { EventFunctionName, RuntimeDriver } from "../drivers/driver.ts";

export interface PumpOptions {
  /** Picks the next of so many waiting messages; default: the oldest. */
  pick?: (waiting: number) => number;
  /** How often the platform delivers this one; default: once. */
  copies?: (message: number) => number;
  /** The platform gives up after so many deliveries that failed. */
  maxDeliveries?: number;
}

interface Waiting {
  id: string;
  queue: string;
  body: string;
  deliveries: number;
}

export interface Pumped {
  delivered: number;
  /** What was given up. */
  dead: Waiting[];
}

/** What the queues do: hand every message over until it is done, at least once, in any order, and so what follows from it. */
export async function pump(driver: RuntimeDriver, options: PumpOptions = {}): Promise<Pumped> {
  const { pick = () => 0, copies = () => 1, maxDeliveries = 5 } = options;
  const waiting: Waiting[] = [];
  const result: Pumped = { delivered: 0, dead: [] };
  let taken = 0;
  for (;;) {
    for (; taken < driver.services.sent.length; taken++) {
      const message = driver.services.sent[taken];
      if (message === undefined) continue;
      for (let copy = 0; copy < copies(taken); copy++)
        waiting.push({ id: `message-${taken}`, ...message, deliveries: 0 });
    }
    const [next] = waiting.splice(pick(waiting.length), 1);
    if (next === undefined) return result;
    result.delivered++;
    next.deliveries++;
    if (await driver.deliver(next.queue as EventFunctionName, { kind: "message", id: next.id, body: next.body }))
      continue;
    (next.deliveries < maxDeliveries ? waiting : result.dead).push(next);
  }
}
