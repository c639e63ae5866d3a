import { BlobServiceClient, type ContainerClient, type StoragePipelineOptions } from "@azure/storage-blob";
import type { AzureTokens } from "../../ports/credentials.ts";

/** How to reach a storage account. */
export interface BlobAccess {
  /** Asked where no connection string is used. Default: `DefaultAzureCredential`. */
  createCredential?: (() => Promise<AzureTokens | undefined>) | undefined;
  /** Where other than `https://<account>.blob.core.windows.net` the account answers (other Azure clouds, proxies). */
  endpoint?: string | undefined;
  /** Used for the account that it names. It holds a key: whoever passes it has made sure that it leads to an emulator. */
  connectionString?: string | undefined;
  /** First pause before a request is repeated; it doubles. */
  retryPauseMs?: number | undefined;
}

/** A container of an account. */
export async function createBlobContainer(
  account: string,
  container: string,
  access: BlobAccess = {},
): Promise<ContainerClient> {
  const { connectionString, endpoint, retryPauseMs = 500 } = access;
  const options: StoragePipelineOptions = {
    retryOptions: { maxTries: 5, retryDelayInMs: retryPauseMs, maxRetryDelayInMs: 20_000 },
  };
  if (connectionString !== undefined && accountOf(connectionString) === account) {
    return BlobServiceClient.fromConnectionString(connectionString, options).getContainerClient(container);
  }
  const url = endpoint ?? `https://${account}.blob.core.windows.net`;
  const credential = (await access.createCredential?.()) ?? (await defaultCredential());
  return new BlobServiceClient(url, credential, options).getContainerClient(container);
}

let known: Promise<AzureTokens> | undefined;

/** One for the process: it looks in many places and keeps its tokens. */
function defaultCredential(): Promise<AzureTokens> {
  known ??= import("./credentials.ts").then(({ createPersonalTokens }) => createPersonalTokens());
  return known;
}

const EMULATOR_ACCOUNT = "devstoreaccount1";

function accountOf(connectionString: string): string | undefined {
  const fields = fieldsOf(connectionString);
  return fields.get("usedevelopmentstorage") === "true" ? EMULATOR_ACCOUNT : fields.get("accountname");
}

/** `Key=value;…`, keys in lower case; values may contain `=`. */
function fieldsOf(connectionString: string): Map<string, string> {
  const pairs = connectionString.split(";").filter((part) => part.includes("="));
  return new Map(
    pairs.map((part) => [part.slice(0, part.indexOf("=")).trim().toLowerCase(), part.slice(part.indexOf("=") + 1)]),
  );
}
