import { EventEmitter } from "node:events";
import { Storage } from "@google-cloud/storage";
import type { GoogleCredentials } from "./credentials.ts";

/** How to reach Google Cloud Storage. Default: Application Default Credentials, or STORAGE_EMULATOR_HOST without any. */
export interface GcsAccess {
  authClient?: GoogleCredentials | undefined;
  /** `http://host:port` of an emulator or a private endpoint. */
  endpoint?: string | undefined;
}

/** One client per process and identity: it keeps connections and tokens. */
export function createGcsClient({ authClient, endpoint }: GcsAccess = {}): Storage {
  // The client hangs eleven listeners on one stream of a download, always as many; Node takes more than ten for a leak and says so.
  EventEmitter.defaultMaxListeners = Math.max(EventEmitter.defaultMaxListeners, 16);
  const storage = new Storage({
    ...(authClient === undefined ? {} : { authClient }),
    ...(endpoint === undefined ? {} : { apiEndpoint: endpoint, projectId: "emulated" }),
    // What it repeats depends on the kind of request, and one unconditional write switches that off for all: we repeat ourselves.
    retryOptions: { autoRetry: false },
  });
  // Where STORAGE_EMULATOR_HOST is set, too, the client leaves the path out, without which fake-gcs-server takes no deletions.
  if (endpoint !== undefined) storage.baseUrl = `${endpoint.replace(/\/+$/, "")}/storage/v1`;
  return storage;
}
