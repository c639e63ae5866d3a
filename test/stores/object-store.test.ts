import { afterAll, describe, inject } from "vitest";
import { billStoreContract } from "../contract/bill-store.contract.ts";
import { objectStoreContract } from "../contract/object-store.contract.ts";
import { storeFaultsContract } from "../contract/store-faults.contract.ts";
import { removeCopies, STORE_KINDS } from "../support/servers/store-kinds.ts";

afterAll(removeCopies);

describe.each(STORE_KINDS)("$name", (kind) => {
  const url = () => inject("storeServers")[kind.name];
  objectStoreContract(kind.name, async () => (await kind.createStore(url())).openLake);
  billStoreContract(kind, url);
  storeFaultsContract(kind, url);
});
