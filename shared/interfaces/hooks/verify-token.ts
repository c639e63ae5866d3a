import type { JWTPayload } from "jose";
import { GenOpsError, messageOf } from "../../core/errors.ts";
import { type HookDeps, refused, type Verdict } from "./types.ts";

/** What a sender's token must say. */
export interface ExpectedToken {
  keysUrl: string;
  issuers: readonly string[];
  audiences: readonly string[];
  /** Signatures that are believed, all of them of public keys; default RS256. */
  algorithms?: readonly string[];
}

type KeySet = ReturnType<typeof import("jose").createRemoteJWKSet>;

/** Key sets by URL; one object serves a process. */
export type KeySets = Map<string, KeySet>;

/** Expired by less than this is accepted: clocks differ. */
const TOLERANCE_SECONDS = 60;
const BEARER = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i;

/** The claims of a bearer token that an identity provider signed and that is valid now for one of the audiences. */
export async function verifyToken(
  headers: Headers,
  expected: ExpectedToken,
  { clock, fetch }: Pick<HookDeps, "clock" | "fetch">,
  keySets: KeySets,
): Promise<Verdict<JWTPayload>> {
  const token = BEARER.exec(headers.get("authorization") ?? "")?.[1];
  if (token === undefined) return refused("there is no bearer token");
  const { customFetch, createRemoteJWKSet, errors, jwtVerify } = await import("jose");
  const keys = keySets.get(expected.keysUrl) ?? createRemoteJWKSet(new URL(expected.keysUrl), { [customFetch]: fetch });
  keySets.set(expected.keysUrl, keys);
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer: [...expected.issuers],
      audience: [...expected.audiences],
      algorithms: [...(expected.algorithms ?? ["RS256"])],
      currentDate: clock.now(),
      clockTolerance: TOLERANCE_SECONDS,
      requiredClaims: ["exp"],
    });
    return { ok: true, verified: payload };
  } catch (error) {
    if (isAboutToken(error, errors)) return refused(`the token is not accepted: ${messageOf(error)}`);
    throw new GenOpsError("unavailable", `the keys of ${expected.keysUrl} cannot be fetched: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** The token itself is wrong; otherwise its keys could not be had. */
function isAboutToken(error: unknown, errors: typeof import("jose").errors): boolean {
  return (
    error instanceof errors.JWTClaimValidationFailed ||
    error instanceof errors.JWTExpired ||
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JOSENotSupported ||
    error instanceof errors.JWKSNoMatchingKey
  );
}
