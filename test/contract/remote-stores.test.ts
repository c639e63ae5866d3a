import { afterAll, beforeAll, describe } from "vitest";
import { startFakeBlob } from "../support/servers/fake-blob.ts";
import { startFakeGcs } from "../support/servers/fake-gcs.ts";
import { startFakeS3 } from "../support/servers/fake-s3.ts";
import type { TestServer } from "../support/servers/http-server.ts";
import { removeCopies, STORE_KINDS } from "../support/servers/store-kinds.ts";
import { billStoreContract } from "./bill-store.contract.ts";
import { objectStoreContract } from "./object-store.contract.ts";
import { storeFaultsContract } from "./store-faults.contract.ts";

const FAKES = { S3: startFakeS3, Blob: startFakeBlob, GCS: startFakeGcs };

// Against servers of our own that handle one request at a time; the same against others' servers is in `test/stores`.
describe.each(STORE_KINDS)("$name over HTTP", (kind) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await FAKES[kind.name]();
  });
  afterAll(async () => {
    await server.close();
    await removeCopies();
  });

  objectStoreContract(kind.name, async () => (await kind.createStore(server.url)).openLake);
  billStoreContract(kind, () => server.url);
  storeFaultsContract(kind, () => server.url);
});
