import type { Lake } from "../../shared/ports/object-store.ts";

/** Stops the world at one write: `before` it happened, or `after` it took effect but before the caller heard of it. */
export interface WriteFault {
  /** 1-based number of the write. */
  at: number;
  when: "before" | "after";
  stop: () => never;
}

/** A lake that counts its writes (put, putFile, publish, delete) and stops at one of them. */
export function createFaultyLake(lake: Lake, fault?: WriteFault): Lake & { writes(): number } {
  let writes = 0;
  async function write<T>(run: () => Promise<T>): Promise<T> {
    const number = ++writes;
    if (fault?.at === number && fault.when === "before") fault.stop();
    const result = await run();
    if (fault?.at === number && fault.when === "after") fault.stop();
    return result;
  }
  return {
    writes: () => writes,
    get: (key) => lake.get(key),
    list: (prefix) => lake.list(prefix),
    getFile: (key) => lake.getFile(key),
    getRange: (key, offset, length) => lake.getRange(key, offset, length),
    put: (key, body, when) => write(() => lake.put(key, body, when)),
    delete: (key) => write(() => lake.delete(key)),
    putFile: (key, file) => write(() => lake.putFile(key, file)),
    publish: (key, body) => write(() => lake.publish(key, body)),
  };
}
