import * as z from "zod";

/** What SNS posts: JSON with the content type text/plain (`reference/clouds.md` §1.5). */
export const SnsEnvelope = z.object({
  Type: z.enum(["Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"]),
  MessageId: z.string().min(1).max(200),
  TopicArn: z.string(),
  Message: z.string(),
  Timestamp: z.string(),
  SignatureVersion: z.string(),
  Signature: z.string(),
  SigningCertURL: z.string(),
  Subject: z.string().nullish(),
  Token: z.string().nullish(),
  SubscribeURL: z.string().nullish(),
});
export type SnsEnvelope = z.output<typeof SnsEnvelope>;

const NOTIFICATION = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"] as const;
const SUBSCRIPTION = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"] as const;

/** The text that was signed: `key\nvalue\n` of each field that is present. An empty subject was not. */
export function stringToSign(envelope: SnsEnvelope): string {
  const keys: readonly (keyof SnsEnvelope)[] = envelope.Type === "Notification" ? NOTIFICATION : SUBSCRIPTION;
  return keys
    .filter((key) => envelope[key] != null && !(key === "Subject" && envelope[key] === ""))
    .map((key) => `${key}\n${envelope[key]}\n`)
    .join("");
}

/** A region's own name, so that a bucket's host (`sns.s3-us-west-2.amazonaws.com`) is none of SNS's. */
const SNS_HOST = /^sns\.[a-z]{2,}(-[a-z]+)+-\d{1,2}\.amazonaws\.com(\.cn)?$/;

/** An https address of SNS itself: no other port, no user name, nothing that only looks like it. */
export function snsUrl(text: string): URL | undefined {
  // Other parsers read these in other ways.
  const url = /[\s\\]/.test(text) ? null : URL.parse(text);
  if (url === null || url.protocol !== "https:" || url.port !== "" || url.username !== "" || url.password !== "") {
    return undefined;
  }
  return SNS_HOST.test(url.hostname) ? url : undefined;
}
