import { S3Client } from "@aws-sdk/client-s3";
import type { AwsAccess } from "../../ports/credentials.ts";

/** How to reach S3. Everything has the SDK's default: AWS_REGION, the credential chain, AWS_ENDPOINT_URL_S3. */
export interface S3Access extends AwsAccess {
  endpoint?: string | undefined;
  /** Attempts per request, the first one included. */
  maxAttempts?: number;
  /** A connection on which nothing moves for so long is given up. */
  idleMs?: number;
}

/** One client per process and identity: it keeps connections and credentials. */
export function createS3Client(access: S3Access = {}): S3Client {
  const { credentials, region, endpoint, maxAttempts = 5, idleMs = 30_000 } = access;
  return new S3Client({
    ...(credentials === undefined ? {} : { credentials }),
    ...(region === undefined ? {} : { region }),
    // Other hosts than AWS's (gateways, interface endpoints, emulators) know buckets by path.
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    maxAttempts,
    followRegionRedirects: true,
    requestHandler: { connectionTimeout: 5_000, socketTimeout: idleMs },
  });
}
