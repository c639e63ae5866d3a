import {
  isNetworkError,
  isPassingStatus,
  type StoreAction,
  type StoreFault,
} from "../../ledger/storage/store-error.ts";

/** What an error of the storage client, or of the sign-in behind it, means. */
export function gcsFaultOf(error: unknown): StoreFault {
  if (!(error instanceof Error)) return "wrong";
  const status = gcsStatusOf(error);
  if (/default credentials|invalid_grant|invalid_rapt|invalid_target/.test(error.message) || status === 401)
    return "no-credentials";
  if (status === 403) return "denied";
  if (status === 404) return "no-store";
  if (status === 412) return "changed";
  if (error.name === "LostSessionError") return "passing";
  return isNetworkError(error) || isPassingStatus(status) ? "passing" : "wrong";
}

/** HTTP status of an answer; the client calls it `code`, as it does the names of network errors. */
export function gcsStatusOf(error: unknown): number | undefined {
  const code = error instanceof Error && "code" in error ? Number(error.code) : Number.NaN;
  return Number.isInteger(code) ? code : undefined;
}

/** GCS says "No such object" or "The specified bucket does not exist" in prose only. */
export function isMissingObject(error: unknown): boolean {
  return gcsStatusOf(error) === 404 && !/bucket does not exist/i.test(error instanceof Error ? error.message : "");
}

const IDENTITY =
  "GenOps uses Application Default Credentials: the function's service account, workload identity federation, or gcloud auth application-default login";

/** Names a request, and what it takes, for messages. */
export function gcsAction(bucket: string, doing: string, permission: string): StoreAction {
  const role = /get|list/.test(permission) ? "Viewer" : "User";
  const right = `${permission} on the bucket (role "Storage Object ${role}")`;
  return { store: `gs://${bucket}`, doing, right, identity: IDENTITY };
}
