import { afterAll, describe, inject } from "vitest";
import { collectContract } from "../contract/collect.contract.ts";
import { removeCopies, STORE_KINDS } from "../support/servers/store-kinds.ts";

afterAll(removeCopies);

// At every write: over a folder, in `test/contract/collect.test.ts` and, by killed processes, in `test/unit/ledger/collect/crash.test.ts`.
describe.each(STORE_KINDS)("$name", ({ name, createStore }) => {
  collectContract(name, async () => (await createStore(inject("storeServers")[name])).openLake, { everyNth: 3 });
});
