import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createBlobContainer } from "../../../../shared/platforms/azure/blob-client.ts";
import { createBlobObjects } from "../../../../shared/platforms/azure/blob-objects.ts";
import { startFakeBlob } from "../../../support/servers/fake-blob.ts";
import type { TestServer } from "../../../support/servers/http-server.ts";
import { azuriteConnection } from "../../../support/servers/store-kinds.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startFakeBlob();
});
afterAll(() => server.close());

describe("Blob objects", () => {
  it("do not list the folders of an account with a hierarchical namespace, which are empty blobs there", async () => {
    const connectionString = azuriteConnection(server.url);
    const container = await createBlobContainer("devstoreaccount1", "c1", { connectionString });
    await container.create();
    await container.getBlockBlobClient("heads/aws").upload("", 0, { metadata: { hdi_isfolder: "true" } });
    await container.getBlockBlobClient("heads/aws/2024-09.json").upload("{}", 2);
    const keys: string[] = [];
    for await (const { key } of createBlobObjects({ container, name: "azblob://x/c1" }).list("heads/")) keys.push(key);
    expect(keys).toEqual(["heads/aws/2024-09.json"]);
  });
});
