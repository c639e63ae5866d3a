import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SourceConfig } from "../../../../shared/config/types.ts";
import { parseBucketUrl } from "../../../../shared/ingestion/input/bucket-url.ts";
import { currentVersion, readHead } from "../../../../shared/ledger/head.ts";
import { createCollect } from "../../../../shared/usecases/collect.ts";
import { createCollectDeps, createFolders } from "../../../support/collect-deps.ts";
import { eventOf, runtimeWith, settle } from "../../../support/collect-function.ts";
import { awsExport } from "../../../support/exports.ts";
import { startFakeBlob } from "../../../support/servers/fake-blob.ts";
import { startFakeGcs } from "../../../support/servers/fake-gcs.ts";
import { startFakeS3 } from "../../../support/servers/fake-s3.ts";
import type { TestServer } from "../../../support/servers/http-server.ts";
import { removeCopies, STORE_KINDS } from "../../../support/servers/store-kinds.ts";

const folders = createFolders();
afterAll(() => Promise.all([folders.clean(), removeCopies()]));

const FAKES = {
  S3: { start: startFakeS3, root: "s3://bucket/" },
  Blob: { start: startFakeBlob, root: "azblob://account/container/" },
  GCS: { start: startFakeGcs, root: "gs://bucket/" },
};

describe.each(STORE_KINDS)("an export and a lake in $name, through its SDK", ({ name, createStore }) => {
  const { start, root } = FAKES[name];
  let server: TestServer;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.close());

  it("is converted part by part, and recognised by the listing from then on", { timeout: 60_000 }, async () => {
    const store = await createStore(server.url);
    const bills = await store.openLake({ prefix: "bills" });
    const { files } = awsExport([[{ billed: "1.25" }], [{ billed: "2" }], [{ billed: "3", day: "2024-08-02" }]]);
    for (const [key, content] of Object.entries(files)) {
      await bills.put(key, new TextEncoder().encode(typeof content === "string" ? content : JSON.stringify(content)));
    }
    const source: SourceConfig = { id: "aws", type: "focus-export", location: `${root}bills/exports/cur` };
    const deps = createCollectDeps(await folders.make(), await store.openLake());
    deps.openBills = async (location) => ({
      store: await store.openBills(),
      key: parseBucketUrl(location)?.key ?? "",
    });
    const collect = createCollect(runtimeWith(deps, [source], { fanOutBytes: 1 }));
    const wanted = () => eventOf("genops.collect.wanted", { source: "aws" });
    expect(await settle(collect, deps.published, wanted())).toHaveLength(4);
    const head = await readHead(deps.lake, "aws", "2024-09");
    const version = head === undefined ? undefined : currentVersion(head.value);
    expect(version).toMatchObject({ rows: 2, totals: [{ currency: "USD", billed: "3.25" }] });
    expect(await settle(collect, deps.published, wanted())).toHaveLength(1);
  });
});
