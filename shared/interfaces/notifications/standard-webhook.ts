import { createHmac } from "node:crypto";
import { GenOpsError } from "../../core/errors.ts";

const PREFIX = "whsec_";

/**
 * The key bytes of a `whsec_…` secret: base64 of 24 to 64 bytes. Throws a `config` error that does not repeat the
 * secret.
 */
export function webhookKey(secret: string, field: string): Buffer {
  const encoded = secret.slice(PREFIX.length);
  const key = Buffer.from(encoded, "base64");
  const wellFormed = secret.startsWith(PREFIX) && /^[A-Za-z0-9+/]+={0,2}$/.test(encoded);
  if (wellFormed && key.length >= 24 && key.length <= 64) return key;
  throw new GenOpsError("config", "a webhook secret is whsec_ and the base64 of 24 to 64 random bytes", {
    place: { field },
  });
}

/**
 * Headers of the Standard Webhooks specification: HMAC-SHA256 over `id.timestamp.body`, one `v1,<base64>` per key, so
 * that a receiver that knows either secret of a rotation is served.
 */
export function webhookHeaders(keys: readonly Buffer[], id: string, at: Date, body: string): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const sign = (key: Buffer): string =>
    `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": keys.map(sign).join(" ") };
}
