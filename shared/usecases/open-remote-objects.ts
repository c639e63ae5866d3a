import { GenOpsError } from "../core/errors.ts";
import { parseBucketUrl } from "../ingestion/input/bucket-url.ts";
import type { RemoteObjects } from "../ledger/storage/remote-objects.ts";
import type { Clock } from "../ports/clock.ts";
import type { Credentials } from "./open-credentials.ts";
import { type Environment, refuseStaticVariables } from "./static-environment.ts";

export interface StorageContext {
  clock: Pick<Clock, "now" | "sleep">;
  /** Default: each SDK's own chain. */
  credentials?: Pick<Credentials, "aws" | "azure" | "gcp"> | undefined;
  /** The process's variables, for addresses other than the clouds' own (`docs/lakes.md`). */
  environment?: Environment | undefined;
  allowStaticCredentials?: boolean | undefined;
}

/** The bucket that a location lies in, and what follows it. */
export interface RemotePlace {
  remote: RemoteObjects;
  key: string;
}

/** Opens the bucket of `s3://…`, `azblob://…` or `gs://…`; undefined for anything else. The adapter and its SDK are loaded only then. */
export async function openRemoteObjects(location: string, context: StorageContext): Promise<RemotePlace | undefined> {
  const url = parseBucketUrl(location);
  if (url === undefined) return undefined;
  const [scheme = "", rest = ""] = url.root.slice(0, -1).split("://");
  const [first = "", container = ""] = rest.split("/");
  switch (scheme) {
    case "s3":
      return { remote: await openS3(first, context), key: url.key };
    case "azblob":
      return { remote: await openBlob(first, container, context), key: url.key };
    case "gs":
      return { remote: await openGcs(first, context), key: url.key };
    default:
      throw new GenOpsError("internal", `no store is behind ${url.root}`);
  }
}

async function openS3(bucket: string, { clock, credentials, environment }: StorageContext): Promise<RemoteObjects> {
  const { createS3Client } = await import("../platforms/aws/s3-client.ts");
  const { createS3Objects } = await import("../platforms/aws/s3-objects.ts");
  const endpoint = setting(environment, "AWS_ENDPOINT_URL_S3") ?? setting(environment, "AWS_ENDPOINT_URL");
  const access = (await credentials?.aws()) ?? {};
  return createS3Objects({ client: createS3Client({ ...access, endpoint }), bucket, clock });
}

async function openBlob(account: string, container: string, context: StorageContext): Promise<RemoteObjects> {
  const { environment = {}, credentials, allowStaticCredentials } = context;
  const { createBlobContainer } = await import("../platforms/azure/blob-client.ts");
  const { createBlobObjects } = await import("../platforms/azure/blob-objects.ts");
  const connectionString = setting(environment, "AZURE_STORAGE_CONNECTION_STRING");
  if (connectionString !== undefined && allowStaticCredentials !== true)
    await refuseStaticVariables(environment, "azure");
  const access = {
    connectionString,
    endpoint: setting(environment, "AZURE_STORAGE_ENDPOINT"),
    createCredential: async () => credentials?.azure(),
  };
  const client = await createBlobContainer(account, container, access);
  return createBlobObjects({ container: client, name: `azblob://${account}/${container}` });
}

async function openGcs(bucket: string, { clock, credentials, environment }: StorageContext): Promise<RemoteObjects> {
  const { createGcsClient } = await import("../platforms/gcp/gcs-client.ts");
  const { createGcsObjects } = await import("../platforms/gcp/gcs-objects.ts");
  const endpoint = setting(environment, "STORAGE_EMULATOR_HOST");
  const authClient = endpoint === undefined ? await credentials?.gcp() : undefined;
  return createGcsObjects({ storage: createGcsClient({ authClient, endpoint }), bucket, clock });
}

/** A deployment that cannot leave a variable out leaves it empty. */
function setting(environment: Environment | undefined, name: string): string | undefined {
  const value = environment?.[name];
  return value === "" ? undefined : value;
}
