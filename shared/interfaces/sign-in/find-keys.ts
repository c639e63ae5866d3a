import * as z from "zod";
import { GenOpsError, messageOf } from "../../core/errors.ts";
import { readStart } from "../hooks/read-start.ts";
import type { HookFetch } from "../hooks/types.ts";

/** Where issuers keep their keys, once it was found out. */
export type KeyAddresses = Map<string, string>;

const DISCOVERY_BYTES = 256 * 1024;
const TIMEOUT_MS = 5_000;

const Discovery = z.object({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https?$/ }) });

/**
 * The address of an issuer's keys by OpenID Connect Discovery. The document has to be about this issuer, and keys over plain HTTP are only
 * believed of an issuer that is reached by it as well. Throws `unavailable`.
 */
export async function findKeys(issuer: string, fetch: HookFetch, known: KeyAddresses): Promise<string> {
  const kept = known.get(issuer);
  if (kept !== undefined) return kept;
  const url = `${issuer.replace(/\/+$/, "")}/.well-known/openid-configuration`;
  try {
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = await readStart(response, DISCOVERY_BYTES);
    if (response.status !== 200) throw new Error(`it answered ${response.status}`);
    const found = Discovery.parse(JSON.parse(text));
    if (found.issuer !== issuer) throw new Error(`it is about ${JSON.stringify(found.issuer)}`);
    if (found.jwks_uri.startsWith("http:") && !issuer.startsWith("http:")) throw new Error("its keys come without TLS");
    known.set(issuer, found.jwks_uri);
    return found.jwks_uri;
  } catch (error) {
    throw new GenOpsError("unavailable", `${url} does not tell where the keys are: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
