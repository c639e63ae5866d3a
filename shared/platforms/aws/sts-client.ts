import { STSClient } from "@aws-sdk/client-sts";

export interface StsOptions {
  /** Default: the region that the function runs in. */
  region?: string | undefined;
  /** Instead of the regional STS, for tests. */
  endpoint?: string;
  /** A connection on which nothing moves for so long is given up; default 10 s. */
  idleMs?: number;
}

/** The client waits for ever by itself, and its `requestTimeout` only warns. */
export function createStsClient({ region, endpoint, idleMs = 10_000 }: StsOptions): STSClient {
  return new STSClient({
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    requestHandler: { connectionTimeout: 5_000, socketTimeout: idleMs },
  });
}

const BUSY = /^(IDPCommunicationError|Throttling|ThrottlingException|RequestLimitExceeded|TooManyRequestsException)$/;
/** Nothing was asked: there are no keys to sign with. */
const NOT_SIGNED_IN = /^(CredentialsProviderError|TokenProviderError)$/;

/** STS did not judge the request: no answer, a fault of its own, too much at once, or an issuer whose keys it could not fetch. */
export function isPassing(error: unknown): boolean {
  const name = error instanceof Error ? error.name : "";
  if (BUSY.test(name)) return true;
  return !NOT_SIGNED_IN.test(name) && !isClientFault(error);
}

function isClientFault(error: unknown): boolean {
  return error instanceof Error && "$fault" in error && error.$fault === "client";
}
