import { mkdtemp, rm } from "node:fs/promises";
import type { IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { createLocalCopies } from "../../../shared/ledger/storage/local-copies.ts";
import { createRemoteBillStore } from "../../../shared/ledger/storage/remote-bill-store.ts";
import { createRemoteLake } from "../../../shared/ledger/storage/remote-lake.ts";
import type { RemoteObjects } from "../../../shared/ledger/storage/remote-objects.ts";
import { createS3Client } from "../../../shared/platforms/aws/s3-client.ts";
import { createS3Objects } from "../../../shared/platforms/aws/s3-objects.ts";
import { createBlobContainer } from "../../../shared/platforms/azure/blob-client.ts";
import { createBlobObjects } from "../../../shared/platforms/azure/blob-objects.ts";
import { createGcsClient } from "../../../shared/platforms/gcp/gcs-client.ts";
import { createGcsObjects } from "../../../shared/platforms/gcp/gcs-objects.ts";
import { createSystemClock, createSystemRandomness } from "../../../shared/platforms/local/system.ts";
import type { BillStore } from "../../../shared/ports/bill-store.ts";
import type { Lake } from "../../../shared/ports/object-store.ts";

/** An empty bucket in some server. */
export interface TestStore {
  /** A lake in it, as one more process would open it; `via` is the address of a proxy. */
  openLake(options?: { via?: string; prefix?: string }): Promise<Lake>;
  openBills(via?: string): Promise<BillStore>;
  openRemote(via?: string): Promise<RemoteObjects>;
}

/** A cloud's object storage: how tests get a bucket from a server that speaks its protocol. */
export interface StoreKind {
  name: "S3" | "Blob" | "GCS";
  createStore(url: string): Promise<TestStore>;
  /** Opens a bucket that does not exist. */
  openMissing(url: string): Promise<RemoteObjects>;
  /** The answer with which this store refuses an identity without rights. */
  denial: { answer: number; headers?: Record<string, string>; body?: string };
  /** Whether a request writes one small object. */
  isWrite(request: StoreRequest): boolean;
  /** Whether a request makes an upload in parts an object. */
  isLastOfUpload(request: StoreRequest): boolean;
}

export interface StoreRequest {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
}

/** Of a listing, so that little makes many pages. */
const PAGE_SIZE = 3;
/** S3 takes no smaller parts. */
const PART_BYTES = 5 * 1024 ** 2;
/** A body that does not move for so long has stalled. */
const IDLE_MS = 600;

const system = createSystemClock();
/** Pauses between attempts pass quickly, waiting for an answer does not. */
const clock = {
  ...system,
  sleep: (ms: number, signal?: AbortSignal) => system.sleep(ms === IDLE_MS ? ms : ms / 50, signal),
};

let made = 0;
const freshName = () => `bucket-${process.pid}-${++made}`;

function storeOf(openRemote: (via?: string) => Promise<RemoteObjects>): TestStore {
  return {
    openRemote,
    async openLake({ via, prefix = "lake" } = {}) {
      const copies = createLocalCopies({ createFolder: createCacheFolder, clock });
      const remote = await openRemote(via);
      return createRemoteLake({ remote, clock, idleMs: IDLE_MS, prefix, randomness: createSystemRandomness(), copies });
    },
    openBills: async (via) => createRemoteBillStore({ remote: await openRemote(via), clock, idleMs: IDLE_MS }),
  };
}

const folders: string[] = [];

async function createCacheFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "genops-test-copies-"));
  folders.push(folder);
  return folder;
}

/** Removes what lakes have copied. */
export async function removeCopies(): Promise<void> {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
}

const S3: StoreKind = {
  name: "S3",
  async createStore(url) {
    const bucket = freshName();
    await s3At(url).send(new CreateBucketCommand({ Bucket: bucket }));
    return storeOf(async (via = url) =>
      createS3Objects({ client: s3At(via), bucket, clock, pageSize: PAGE_SIZE, partBytes: PART_BYTES }),
    );
  },
  openMissing: async (url) => createS3Objects({ client: s3At(url), bucket: "nowhere", clock }),
  denial: {
    answer: 403,
    headers: { "content-type": "application/xml" },
    body: "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>",
  },
  isWrite: ({ method }) => method === "PUT",
  isLastOfUpload: ({ method, url }) => method === "POST" && url.includes("uploadId="),
};

function s3At(endpoint: string) {
  const credentials = async () => ({ accessKeyId: "test", secretAccessKey: "test" });
  return createS3Client({ endpoint, region: "us-east-1", credentials, idleMs: 5_000 });
}

/** Azurite's own, published account. */
const ACCOUNT = "devstoreaccount1";
const ACCOUNT_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

export function azuriteConnection(url: string): string {
  return `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${ACCOUNT_KEY};BlobEndpoint=${url}/${ACCOUNT};`;
}

const BLOB: StoreKind = {
  name: "Blob",
  async createStore(url) {
    const container = freshName();
    await (await containerAt(url, container)).create();
    return storeOf(async (via = url) =>
      createBlobObjects({
        container: await containerAt(via, container),
        name: `azblob://${ACCOUNT}/${container}`,
        pageSize: PAGE_SIZE,
        partBytes: PART_BYTES,
      }),
    );
  },
  openMissing: async (url) =>
    createBlobObjects({ container: await containerAt(url, "nowhere"), name: `azblob://${ACCOUNT}/nowhere` }),
  denial: { answer: 403, headers: { "x-ms-error-code": "AuthorizationPermissionMismatch" } },
  isWrite: ({ method }) => method === "PUT",
  isLastOfUpload: ({ url }) => url.includes("comp=blocklist"),
};

function containerAt(url: string, container: string) {
  return createBlobContainer(ACCOUNT, container, { connectionString: azuriteConnection(url), retryPauseMs: 10 });
}

const GCS: StoreKind = {
  name: "GCS",
  async createStore(url) {
    const bucket = freshName();
    await gcsAt(url).createBucket(bucket);
    return storeOf(async (via = url) =>
      createGcsObjects({ storage: gcsAt(via), bucket, clock, pageSize: PAGE_SIZE, partBytes: PART_BYTES }),
    );
  },
  openMissing: async (url) => createGcsObjects({ storage: gcsAt(url), bucket: "nowhere", clock }),
  denial: {
    answer: 403,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ error: { code: 403, message: "no access", errors: [{ reason: "forbidden" }] } }),
  },
  isWrite: ({ method, url }) => method === "POST" && url.includes("/upload/"),
  isLastOfUpload: ({ method, headers }) => method === "PUT" && /\/\d+$/.test(headers["content-range"] ?? ""),
};

function gcsAt(endpoint: string) {
  return createGcsClient({ endpoint });
}

export const STORE_KINDS: readonly StoreKind[] = [S3, BLOB, GCS];
