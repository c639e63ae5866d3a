import { S3ServiceException } from "@aws-sdk/client-s3";
import {
  isNetworkError,
  isPassingStatus,
  type StoreAction,
  type StoreFault,
} from "../../ledger/storage/store-error.ts";

const BAD_CREDENTIALS: ReadonlySet<string> = new Set([
  "CredentialsProviderError",
  "ExpiredToken",
  "ExpiredTokenException",
  "InvalidAccessKeyId",
  "InvalidToken",
  "SignatureDoesNotMatch",
  "TokenProviderError",
]);
const PASSING: ReadonlySet<string> = new Set(["NoSuchUpload", "RequestTimeout", "SlowDown"]);

/** What an error of the S3 client means. */
export function s3FaultOf(error: unknown): StoreFault {
  if (!(error instanceof Error)) return "wrong";
  const status = s3StatusOf(error);
  if (error.name === "NoSuchBucket") return "no-store";
  if (BAD_CREDENTIALS.has(error.name) || error.message === "Region is missing") return "no-credentials";
  if (status === 403) return "denied";
  if (status === 412) return "changed";
  const passing = isNetworkError(error) || isCollision(error) || PASSING.has(error.name) || isPassingStatus(status);
  return passing ? "passing" : "wrong";
}

/** Two writes met and nothing landed. Unlike 412 it does not say that somebody else was first. */
export function isCollision(error: unknown): boolean {
  return s3StatusOf(error) === 409;
}

export function s3StatusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

/** `NoSuchKey` of GET and PUT, `NotFound` of HEAD, which does not say whether the bucket exists. */
export function isMissingKey(error: unknown): boolean {
  return s3StatusOf(error) === 404 && error instanceof Error && error.name !== "NoSuchBucket";
}

const IDENTITY =
  "GenOps uses the AWS SDK's own chain (the function's role, AWS_PROFILE, web identity, …) and AWS_REGION";

/** Names a request, and what it takes, for messages. */
export function s3Action(bucket: string, doing: string, ...rights: string[]): StoreAction {
  return { store: `s3://${bucket}`, doing, right: rights.join(" and "), identity: IDENTITY };
}
