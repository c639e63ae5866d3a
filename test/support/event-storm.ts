import type { CloudEvent } from "../../shared/core/events.ts";
import type { CollectDeps } from "../../shared/ledger/collect/deps.ts";
import type { EventFunction } from "../../shared/ports/invocation.ts";
import { createInvocation } from "./collect-function.ts";
import { createFaultyLake, type WriteFault } from "./faulty-lake.ts";

/** What a platform may do to a stream of events without breaking its promise: each is delivered at least once, some time. */
export interface Storm {
  /** Picks among what waits, one number per delivery; used in a circle. */
  order: readonly number[];
  /** Which deliveries are repeated although they ended well. */
  repeats: readonly boolean[];
  /** Calls that die at one of their writes: undefined means that one lives. Runs out. */
  crashes: readonly (Omit<WriteFault, "stop"> | undefined)[];
  /** How many events are handled at the same time. */
  atOnce: number;
}

class Killed extends Error {}

/**
 * A process that dies at a write. From then on nothing it does has an effect; what it had started meanwhile ends where it touches the
 * world next.
 */
function mortal(deps: CollectDeps, crash: Omit<WriteFault, "stop"> | undefined): CollectDeps {
  let isDead = false;
  const stop = () => {
    isDead = true;
    throw new Killed("killed");
  };
  const lake = createFaultyLake(deps.lake, crash === undefined ? undefined : { ...crash, stop });
  const alive = <A extends unknown[], R>(work: (...args: A) => R) => {
    return (...args: A): R => {
      if (isDead) throw new Killed("killed");
      return work(...args);
    };
  };
  return {
    ...deps,
    lake: {
      get: alive((key) => lake.get(key)),
      put: alive((key, body, when) => lake.put(key, body, when)),
      delete: alive((key) => lake.delete(key)),
      list: alive((prefix) => lake.list(prefix)),
      putFile: alive((key, file) => lake.putFile(key, file)),
      publish: alive((key, body) => lake.publish(key, body)),
      getFile: alive((key) => lake.getFile(key)),
      getRange: alive((key, offset, length) => lake.getRange(key, offset, length)),
    },
    events: { publish: alive((event) => deps.events.publish(event)) },
  };
}

export interface StormInput {
  deps: CollectDeps;
  create(deps: CollectDeps): EventFunction;
  first: readonly CloudEvent[];
  /** Happens before the delivery of that number. */
  meanwhile?: (delivery: number) => readonly CloudEvent[];
  /** Types that are delivered here. */
  own(event: CloudEvent): boolean;
}

/** Delivers events and everything that follows from them until nothing waits. Gives back how many deliveries there were. */
export async function weather({ deps, create, first, meanwhile, own }: StormInput, storm: Storm): Promise<number> {
  const waiting = [...first];
  const events = {
    publish: async (event: CloudEvent) => {
      await deps.events.publish(event);
      if (own(event)) waiting.push(event);
    },
  };
  let delivery = 0;
  const deliver = async (event: CloudEvent) => {
    const number = delivery++;
    if (number > 300) throw new Error("events without end");
    waiting.push(...(meanwhile?.(number) ?? []));
    try {
      await create(mortal({ ...deps, events }, storm.crashes[number]))(event, createInvocation());
      if (storm.repeats[number] === true) waiting.push(event);
    } catch (error) {
      if (!(error instanceof Killed) && !isRetryable(error)) throw error;
      waiting.push(event);
    }
  };
  while (waiting.length > 0) {
    const batch: CloudEvent[] = [];
    while (waiting.length > 0 && batch.length < storm.atOnce) {
      const pick = storm.order[(delivery + batch.length) % storm.order.length] ?? 0;
      batch.push(...waiting.splice(pick % waiting.length, 1));
    }
    await Promise.all(batch.map(deliver));
  }
  return delivery;
}

function isRetryable(error: unknown): boolean {
  return error instanceof Error && "retryable" in error && error.retryable === true;
}
