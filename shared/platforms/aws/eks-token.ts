import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { GenOpsError } from "../../core/errors.ts";
import { type Expiring, keepUntilExpiry } from "../../core/expiring.ts";
import type { Clock } from "../../ports/clock.ts";
import type { AwsKeyProvider, AwsKeys } from "../../ports/credentials.ts";

export interface EksTokenOptions {
  cluster: string;
  region: string;
  keys: AwsKeyProvider;
  clock: Pick<Clock, "now">;
  /** Where the cluster's authenticator asks who signed; default: the region's STS. */
  stsHost?: string | undefined;
}

const PREFIX = "k8s-aws-v1.";
/** What the authenticator reads at most. */
const MOST_BYTES = 4096;
/** EKS accepts a token for 15 minutes after it was signed, whatever X-Amz-Expires says. */
const LIFE_MS = 15 * 60_000;
const EARLY_MS = 60_000;
const EXPIRES_SECONDS = 60;

/** Bearer tokens of an EKS cluster, signed here without a call, kept for 14 minutes or until the keys that signed them expire. */
export function createEksTokens(options: EksTokenOptions): (rejected?: string) => Promise<Expiring<string>> {
  const now = () => options.clock.now();
  return keepUntilExpiry(() => signEksToken(options), { now, earlyMs: EARLY_MS });
}

/**
 * `k8s-aws-v1.` and a presigned `GetCallerIdentity` that names the cluster in a signed header. Throws `refused` when the session's token
 * makes it longer than EKS reads.
 */
export async function signEksToken(options: EksTokenOptions): Promise<Expiring<string>> {
  const { cluster, region, keys, clock, stsHost = regionalSts(region) } = options;
  const credentials = await keys();
  const signedAt = clock.now();
  const signer = new SignatureV4({ credentials, region, service: "sts", sha256: Sha256 });
  const signed = await signer.presign(
    {
      method: "GET",
      protocol: "https:",
      hostname: stsHost,
      path: "/",
      query: { Action: "GetCallerIdentity", Version: "2011-06-15" },
      headers: { host: stsHost, "x-k8s-aws-id": cluster },
    },
    // The authenticator wants this header as a header: it must not become a parameter, whatever a version of the signer does by itself.
    { signingDate: signedAt, expiresIn: EXPIRES_SECONDS, unhoistableHeaders: new Set(["x-k8s-aws-id"]) },
  );
  const query = Object.entries(signed.query ?? {}).map(([name, value]) => `${name}=${encode(String(value))}`);
  const token = `${PREFIX}${Buffer.from(`https://${stsHost}/?${query.join("&")}`).toString("base64url")}`;
  if (token.length > MOST_BYTES) throw tooLong(cluster, token.length);
  return { value: token, expiresAt: endOf(signedAt, credentials) };
}

/** STS knows nobody by the signature of a session that has ended, however young the signature is. */
function endOf(signedAt: Date, { expiration }: AwsKeys): Date {
  const end = signedAt.getTime() + LIFE_MS;
  return new Date(Math.min(end, expiration?.getTime() ?? end));
}

/** Regional, as the authenticator wants it. */
export function regionalSts(region: string): string {
  return `sts.${region}.${amazonDomain(region)}`;
}

/** China is a partition with a domain of its own. */
export function amazonDomain(region: string): string {
  return region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function tooLong(cluster: string, bytes: number): GenOpsError {
  return new GenOpsError(
    "refused",
    `the token for EKS cluster ${cluster} would have ${bytes} bytes, and EKS reads ${MOST_BYTES}: the session token of the role is too large; use a role with fewer session tags and policies`,
  );
}
