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
