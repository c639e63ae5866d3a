import { createMemoryLake } from "../support/memory-lake.ts";
import { objectStoreContract } from "./object-store.contract.ts";

// The file lake's run is in `test/unit/platforms/local`; those over HTTP are in `remote-stores.test.ts` and `test/stores`.
objectStoreContract("memory", async () => {
  const lake = createMemoryLake();
  return async () => lake;
});
