import { type KeyObject, X509Certificate } from "node:crypto";
import { GenOpsError, messageOf } from "../../core/errors.ts";
import { readStart } from "./read-start.ts";
import type { HookFetch } from "./types.ts";

const CERTIFICATE_BYTES = 64 * 1024;
const TIMEOUT_MS = 5_000;
/** SNS has one per region and replaces it now and then. */
const KEPT = 50;

/** Certificates by URL; one object serves a process. */
export type CertificateCache = Map<string, X509Certificate>;

/** The public key behind a `SigningCertURL` that was checked before; `undefined` when its certificate is none that is valid now. */
export async function signingKey(
  url: string,
  { fetch, now, cache }: { fetch: HookFetch; now: Date; cache: CertificateCache },
): Promise<KeyObject | undefined> {
  const kept = cache.get(url);
  if (kept !== undefined && isValidAt(kept, now)) return kept.publicKey;
  const certificate = readCertificate(await fetchText(url, fetch));
  if (certificate === undefined || !isValidAt(certificate, now)) return undefined;
  if (cache.size >= KEPT) cache.clear();
  cache.set(url, certificate);
  return certificate.publicKey;
}

async function fetchText(url: string, fetch: HookFetch): Promise<string> {
  try {
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.status === 200) return await readStart(response, CERTIFICATE_BYTES);
    throw new Error(`it answered ${response.status}`);
  } catch (error) {
    throw new GenOpsError("unavailable", `the certificate ${url} cannot be fetched: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function readCertificate(pem: string): X509Certificate | undefined {
  try {
    const certificate = new X509Certificate(pem);
    return certificate.publicKey.asymmetricKeyType === "rsa" ? certificate : undefined;
  } catch {
    return undefined;
  }
}

function isValidAt({ validFrom, validTo }: X509Certificate, now: Date): boolean {
  return Date.parse(validFrom) <= now.getTime() && now.getTime() <= Date.parse(validTo);
}
