import { RestError } from "@azure/storage-blob";
import {
  isNetworkError,
  isPassingStatus,
  type StoreAction,
  type StoreFault,
} from "../../ledger/storage/store-error.ts";

const NO_CREDENTIALS: ReadonlySet<string> = new Set([
  "AggregateAuthenticationError",
  "AuthenticationError",
  "AuthenticationRequiredError",
  "CredentialUnavailableError",
]);

/** What an error of the storage client, or of the credential behind it, means. */
export function blobFaultOf(error: unknown): StoreFault {
  if (!(error instanceof Error)) return "wrong";
  if (NO_CREDENTIALS.has(error.name)) return "no-credentials";
  const status = blobStatusOf(error);
  if (blobCodeOf(error) === "ContainerNotFound") return "no-store";
  if (status === 401 || status === 403) return "denied";
  if (status === 412) return "changed";
  return isNetworkError(error) || error.name === "AbortError" || isPassingStatus(status) ? "passing" : "wrong";
}

export function blobStatusOf(error: unknown): number | undefined {
  return error instanceof RestError ? error.statusCode : undefined;
}

/** Azure's own code, which answers without a body carry in a header only. */
function blobCodeOf(error: unknown): string | undefined {
  if (!(error instanceof RestError)) return undefined;
  return error.response?.headers.get("x-ms-error-code") ?? error.code;
}

export function isMissingBlob(error: unknown): boolean {
  return blobStatusOf(error) === 404 && blobCodeOf(error) !== "ContainerNotFound";
}

/** 412 for another version or none, 409 for a name that is taken. */
export function isNotHeld(error: unknown): boolean {
  return blobStatusOf(error) === 412 || blobCodeOf(error) === "BlobAlreadyExists";
}

const IDENTITY = "GenOps uses DefaultAzureCredential: the function's managed identity, workload identity, or az login";

/** Names a request, and what it takes, for messages. */
export function blobAction(store: string, doing: string, role: "Reader" | "Contributor"): StoreAction {
  return { store, doing, right: `the role "Storage Blob Data ${role}" on the container`, identity: IDENTITY };
}
