import type { KubeClient } from "../../../shared/clusters/connections/types.ts";
import type { ObjectStore } from "../../../shared/ports/object-store.ts";

/** The process is no more: not an error that anybody handles. */
export class Crash extends Error {}

/** `before`: the write does not happen. `after`: it happens, and nobody hears of it. `late`: it arrives when everything else is over. */
export type CrashTime = "before" | "after" | "late";

export interface CrashPoint {
  /** 1-based, counted over the lake and the cluster together. */
  at: number;
  when: CrashTime;
}

export interface Crashing {
  wrap(client: KubeClient): KubeClient;
  store(store: ObjectStore): ObjectStore;
  writes(): number;
  /** Sends what was held back. Its failure is what is hoped for. */
  deliver(): Promise<void>;
}

/** Ends a process at its n-th write. Whatever it would have sent after that is never sent. */
export function crashing(point?: CrashPoint): Crashing {
  let writes = 0;
  let dead = false;
  let held: (() => Promise<unknown>) | undefined;

  async function write<T>(run: () => Promise<T>): Promise<T> {
    if (dead) throw new Crash("dead");
    const number = ++writes;
    if (point?.at !== number) return run();
    dead = true;
    if (point.when === "late") held = run;
    if (point.when === "after") await run();
    throw new Crash(`crash at write ${number}`);
  }

  return {
    writes: () => writes,
    async deliver() {
      await held?.().catch(() => undefined);
    },
    wrap: (client) => ({
      ...client,
      mergePatch: (...call) => write(() => client.mergePatch(...call)),
      apply: (...call) => write(() => client.apply(...call)),
      scale: (...call) => write(() => client.scale(...call)),
      delete: (...call) => write(() => client.delete(...call)),
      evict: (...call) => write(() => client.evict(...call)),
    }),
    store: (store) => ({
      get: (key) => store.get(key),
      list: (prefix) => store.list(prefix),
      put: (...call) => write(() => store.put(...call)),
      delete: (key) => write(() => store.delete(key)),
    }),
  };
}
