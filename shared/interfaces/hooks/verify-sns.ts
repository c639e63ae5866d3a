import { verify } from "node:crypto";
import { type CertificateCache, signingKey } from "./sns-certificates.ts";
import { SnsEnvelope, snsUrl, stringToSign } from "./sns-envelope.ts";
import { type HookDeps, refused, type Verdict } from "./types.ts";

/** Clocks differ; SNS sends nothing from the future. */
const FUTURE_MS = 5 * 60_000;
const DIGESTS: Readonly<Record<string, string>> = { "1": "RSA-SHA1", "2": "RSA-SHA256" };

/** Verifies an SNS message as `reference/clouds.md` §1.5 says, in that order. Throws `unavailable` when the certificate cannot be had. */
export async function verifySns(
  body: string,
  { config, clock, fetch }: Pick<HookDeps, "config" | "clock" | "fetch">,
  cache: CertificateCache,
): Promise<Verdict<SnsEnvelope>> {
  const envelope = readEnvelope(body);
  if (envelope === undefined) {
    return {
      ok: false,
      answer: { status: "malformed", detail: "not an SNS message; raw message delivery must be off" },
    };
  }
  const { TopicArn, SigningCertURL, SignatureVersion, Signature } = envelope;
  if (!config.sns.topics.includes(TopicArn)) return refused(`topic ${quoted(TopicArn)} is not in alerts.sns.topics`);
  const address = snsUrl(SigningCertURL);
  // A query would be a call of SNS's API, whose answer may hold a stranger's text.
  if (address === undefined || !address.pathname.endsWith(".pem") || address.search !== "") {
    return refused(`SigningCertURL ${quoted(SigningCertURL)} is not an address of SNS`);
  }
  const digest = DIGESTS[SignatureVersion];
  if (digest === undefined) return refused(`SignatureVersion ${quoted(SignatureVersion)} is not known`);
  const now = clock.now();
  const key = await signingKey(address.href, { fetch, now, cache });
  if (key === undefined) return refused(`the certificate of ${quoted(SigningCertURL)} is not valid`);
  const signed = Buffer.from(stringToSign(envelope));
  if (!verify(digest, signed, key, Buffer.from(Signature, "base64"))) return refused("the signature is wrong");
  const stale = whyNotFresh(envelope.Timestamp, now, config.sns.maxAgeMinutes);
  return stale === undefined ? { ok: true, verified: envelope } : refused(stale);
}

function readEnvelope(body: string): SnsEnvelope | undefined {
  try {
    return SnsEnvelope.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}

function whyNotFresh(timestamp: string, now: Date, maxAgeMinutes: number): string | undefined {
  const ageMs = now.getTime() - Date.parse(timestamp);
  if (Number.isNaN(ageMs)) return `Timestamp ${quoted(timestamp)} is no instant`;
  if (ageMs > maxAgeMinutes * 60_000)
    return `the message of ${quoted(timestamp)} is older than ${maxAgeMinutes} minutes`;
  return ageMs < -FUTURE_MS ? `the message is from the future: ${quoted(timestamp)}` : undefined;
}

/** Untrusted text in a log line: one line, not endless. */
export function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}
