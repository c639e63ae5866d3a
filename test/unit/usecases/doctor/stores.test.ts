import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { Lake } from "../../../../shared/ports/object-store.ts";
import { startFakeBlob } from "../../../support/servers/fake-blob.ts";
import { startFakeGcs } from "../../../support/servers/fake-gcs.ts";
import { startFakeS3 } from "../../../support/servers/fake-s3.ts";
import { type FaultProxy, startFaultProxy } from "../../../support/servers/fault-proxy.ts";
import type { TestServer } from "../../../support/servers/http-server.ts";
import { removeCopies, STORE_KINDS, type StoreKind, type StoreRequest } from "../../../support/servers/store-kinds.ts";
import { checkOf, examined, folders } from "./support.ts";

interface Place {
  kind: StoreKind;
  start: () => Promise<TestServer>;
  location: string;
  grants: Readonly<Record<string, { missing: string; how: RegExp }>>;
}

const [S3, BLOB, GCS] = STORE_KINDS;
if (S3 === undefined || BLOB === undefined || GCS === undefined) throw new Error("three kinds of stores are known");

const CONTAINER = /az role assignment create .* --role "Storage Blob Data .*blobServices\/default\/containers\/lake"/;
const BUCKET = /gcloud storage buckets add-iam-policy-binding gs:\/\/lake .*--role=roles\/storage\.object/;

const PLACES: readonly Place[] = [
  {
    kind: S3,
    start: startFakeS3,
    location: "s3://lake/genops",
    grants: {
      list: { missing: "s3:ListBucket", how: /"s3:ListBucket","Resource":"arn:aws:s3:::lake"}/ },
      write: {
        missing: "s3:PutObject",
        how: /{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::lake\/genops\/\*"}/,
      },
      read: { missing: "s3:GetObject", how: /"s3:GetObject","Resource":"arn:aws:s3:::lake\/genops\/\*"}/ },
      delete: { missing: "s3:DeleteObject", how: /"s3:DeleteObject"/ },
    },
  },
  {
    kind: BLOB,
    start: startFakeBlob,
    location: "azblob://account/lake/genops",
    grants: {
      list: { missing: "Storage Blob Data Reader", how: CONTAINER },
      write: { missing: "Storage Blob Data Contributor", how: CONTAINER },
      read: { missing: "Storage Blob Data Reader", how: CONTAINER },
      delete: { missing: "Storage Blob Data Contributor", how: CONTAINER },
    },
  },
  {
    kind: GCS,
    start: startFakeGcs,
    location: "gs://lake/genops",
    grants: {
      list: { missing: "roles/storage.objectViewer", how: BUCKET },
      write: { missing: "roles/storage.objectUser", how: BUCKET },
      read: { missing: "roles/storage.objectViewer", how: BUCKET },
      delete: { missing: "roles/storage.objectUser", how: BUCKET },
    },
  },
];

const running: TestServer[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});
afterAll(async () => {
  await removeCopies();
  await folders.clean();
});

async function open({ kind, start }: Place) {
  const server = await start();
  const proxy = await startFaultProxy(server.url);
  running.push(server, proxy);
  const store = await kind.createStore(server.url);
  return { proxy, store, lake: await store.openLake({ via: proxy.url }) };
}

/** Takes one right away, as the store would. */
function deny(proxy: FaultProxy, { kind }: Place, is: (request: StoreRequest) => boolean): void {
  proxy.inject({ on: is, times: 100, does: kind.denial });
}

const IS_LIST = ({ method, url }: StoreRequest) =>
  method === "GET" && (/list-type=2|comp=list/.test(url) || /\/o\?(?!.*alt=media)/.test(url));
const REQUESTS: Readonly<Record<string, (request: StoreRequest, kind: StoreKind) => boolean>> = {
  list: IS_LIST,
  write: (request, kind) => kind.isWrite(request),
  read: (request) => (request.method === "GET" || request.method === "HEAD") && !IS_LIST(request),
  delete: ({ method }) => method === "DELETE",
};

const name = ({ location }: Place, right: string) => `lake ${location}: ${right}`;

describe.each(PLACES)("the lake's rights in $kind.name", (place) => {
  const examinedLake = (lake: Lake) => examined(`lake: ${place.location}`, { lake });

  it("are all there: listed, written, read, by conditions, removed", async () => {
    const { lake } = await open(place);
    const checks = (await examinedLake(lake)).filter(({ what }) => what.startsWith("lake "));
    expect(checks.map(({ what, ok, missing }) => ({ what, ok, missing }))).toEqual(
      ["list", "write", "read", "conditional writes", "delete"].map((right) => ({
        what: name(place, right),
        ok: true,
        missing: undefined,
      })),
    );
    const left: string[] = [];
    for await (const { key } of lake.list("")) left.push(key);
    expect(left).toEqual([]);
  });

  it.each(["list", "write", "read", "delete"])("miss only %s, and say how to give it", async (right) => {
    const { proxy, lake } = await open(place);
    deny(proxy, place, (request) => REQUESTS[right]?.(request, place.kind) ?? false);
    const checks = await examinedLake(lake);
    const found = checkOf(checks, name(place, right));
    expect(found).toMatchObject({ ok: false, missing: place.grants[right]?.missing });
    expect(found?.grant).toMatch(place.grants[right]?.how ?? /never/);
    if (right !== "list") expect(checkOf(checks, name(place, "list"))?.ok).toBe(true);
    if (right === "write")
      expect(checkOf(checks, name(place, "read"))).toMatchObject({
        ok: true,
        checked: false,
        detail: expect.stringContaining("not checked") as string,
      });
  });

  it("are not called missing when the store is out of order", async () => {
    const server = await place.start();
    const store = await place.kind.createStore(server.url);
    const lake = await store.openLake();
    await server.close();
    const found = checkOf(await examinedLake(lake), name(place, "list"));
    expect(found?.ok).toBe(false);
    expect(found?.missing).toBeUndefined();
  });
});

describe.each(PLACES)("the rights on bills in $kind.name", (place) => {
  const yaml = `sources: [{ id: bill, type: focus-export, location: "${place.location}/2024-*/*.csv" }]`;

  async function examinedBills(prepare: (opened: Awaited<ReturnType<typeof open>>) => Promise<void>) {
    const opened = await open(place);
    await prepare(opened);
    const store = await opened.store.openBills(opened.proxy.url);
    return examined(yaml, { openBills: async () => ({ store, key: "genops/2024-*/*.csv" }) });
  }

  async function put({ store }: Awaited<ReturnType<typeof open>>): Promise<void> {
    const lake = await store.openLake({ prefix: "genops" });
    await lake.put("2024-09/a.csv", new TextEncoder().encode("a,b\n1,2\n"));
  }

  it("are there", async () => {
    const checks = await examinedBills(put);
    expect(checkOf(checks, "source bill: list")).toMatchObject({ ok: true, detail: "1 object" });
    expect(checkOf(checks, "source bill: read")).toMatchObject({ ok: true, detail: "genops/2024-09/a.csv was read" });
    expect(checkOf(checks, "source bill")).toMatchObject({ ok: true, detail: "1 file" });
  });

  it.each(["list", "read"])("miss %s, and say how to give it", async (right) => {
    const checks = await examinedBills(async (opened) => {
      await put(opened);
      deny(opened.proxy, place, (request) => REQUESTS[right]?.(request, place.kind) ?? false);
    });
    expect(checkOf(checks, `source bill: ${right}`)).toMatchObject({
      ok: false,
      missing: place.grants[right]?.missing,
    });
  });

  it("cannot be read where there is nothing", async () => {
    const checks = await examinedBills(async () => {});
    expect(checkOf(checks, "source bill: list")).toMatchObject({ ok: true, detail: "0 objects" });
    expect(checkOf(checks, "source bill: read")).toMatchObject({ ok: true, checked: false });
    expect(checkOf(checks, "source bill")).toMatchObject({ ok: false });
  });
});

describe("lakes that rows stay in", () => {
  const yaml = `
lakes: { frankfurt: { location: "file:./frankfurt", rows: readable } }
sources: [{ id: a, type: focus-export, location: a.csv, lake: frankfurt }]`;

  it("are looked at where this process may reach them", async () => {
    expect(checkOf(await examined(yaml), "lake frankfurt")).toEqual({
      what: "lake frankfurt",
      ok: true,
      detail: "file:./frankfurt: conditional writes hold",
    });
  });

  it("are left to a process at home otherwise, with their sources and the clouds that only those need", async () => {
    const checks = await examined(`
lakes: { frankfurt: { location: "s3://bucket/lake" } }
sources: [{ id: a, type: azure-cost-query, scope: subscriptions/s, lake: frankfurt }]`);
    expect(checkOf(checks, "lake frankfurt")).toMatchObject({ ok: true, checked: false });
    expect(checkOf(checks, "source a")).toMatchObject({
      ok: true,
      checked: false,
      detail: expect.stringContaining("GENOPS_HOME=frankfurt") as string,
    });
    expect(checks.filter(({ what }) => what.startsWith("identity"))).toEqual([]);
  });
});
