import { createHmac } from "node:crypto";
import { isSameSecret } from "./same-secret.ts";
import { type HookRequest, refused, type Verdict } from "./types.ts";

const SECONDS = 300;

/** A request that Slack signed: when, and the signature, which no other request has. */
export interface SlackProof {
  sentAt: Date;
  signature: string;
}

/** Slack's signature v0 over the raw body, not older or newer than five minutes (`reference/clouds.md` §4). */
export function verifySlack({ headers, body }: HookRequest, secret: string, now: Date): Verdict<SlackProof> {
  const timestamp = headers.get("x-slack-request-timestamp") ?? "";
  const signature = headers.get("x-slack-signature") ?? "";
  if (!/^\d{1,12}$/.test(timestamp)) return refused("there is no time of Slack's");
  if (!isSameSecret(signature, slackSignature(secret, timestamp, body))) return refused("the signature is wrong");
  const sentAt = new Date(Number(timestamp) * 1000);
  if (Math.abs(now.getTime() - sentAt.getTime()) > SECONDS * 1000)
    return refused(`it was signed at ${sentAt.toISOString()}, more than five minutes off`);
  return { ok: true, verified: { sentAt, signature } };
}

export function slackSignature(secret: string, timestamp: string, body: string): string {
  return `v0=${createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex")}`;
}
