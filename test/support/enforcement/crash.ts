import type { KubeClient } from "../../../shared/clusters/connections/types.ts";
import type { ObjectStore } from "../../../shared/ports/object-store.ts";

/** The process is no more: not an error that anybody handles. */
export class Crash extends Error {}

/** `before`: the write does not happen. `after`: it happens, and nobody hears of it. `late`: it arrives when everything else is over. */
export type CrashTime = "before" | "after" | "late";

interface CrashPoint {
  /** 1-based, counted over the lake and the cluster together. */
  at: number;
  when: CrashTime;
}

export interface Crashing {
  wrap(client: KubeClient): KubeClient;
  store(store: ObjectStore): ObjectStore;
  writes(): number;
  /** Sends what was held back, and says what it was. Its failure is what is hoped for. */
  deliver(): Promise<WriteName | undefined>;
}

type WriteName = "mergePatch" | "apply" | "scale" | "delete" | "evict" | "put";

/** Ends a process at its n-th write. Whatever it would have sent after that is never sent. */
export function crashing(point?: CrashPoint): Crashing {
  let writes = 0;
  let dead = false;
  let held: { name: WriteName; send: () => Promise<unknown> } | undefined;

  async function write<T>(name: WriteName, run: () => Promise<T>): Promise<T> {
    if (dead) throw new Crash("dead");
    const number = ++writes;
    if (point?.at !== number) return run();
    dead = true;
    if (point.when === "late") held = { name, send: run };
    if (point.when === "after") await run();
    throw new Crash(`crash at write ${number}`);
  }

  return {
    writes: () => writes,
    async deliver() {
      await held?.send().catch(() => undefined);
      return held?.name;
    },
    wrap: (client) => ({
      ...client,
      mergePatch: (...call) => write("mergePatch", () => client.mergePatch(...call)),
      apply: (...call) => write("apply", () => client.apply(...call)),
      scale: (...call) => write("scale", () => client.scale(...call)),
      delete: (...call) => write("delete", () => client.delete(...call)),
      evict: (...call) => write("evict", () => client.evict(...call)),
    }),
    store: (store) => ({
      get: (key) => store.get(key),
      list: (prefix) => store.list(prefix),
      put: (...call) => write("put", () => store.put(...call)),
      delete: (key) => write("put", () => store.delete(key)),
    }),
  };
}
