import { afterAll, describe, inject } from "vitest";
import { ledgerContract } from "../contract/ledger.contract.ts";
import { removeCopies, STORE_KINDS } from "../support/servers/store-kinds.ts";

afterAll(removeCopies);

describe.each(STORE_KINDS)("$name", ({ name, createStore }) => {
  ledgerContract(name, async () => (await createStore(inject("storeServers")[name])).openLake, { runs: 6 });
});
