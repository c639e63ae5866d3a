/** What a signed token (JWT) says of itself. Not verified: good for messages and caches, never for a decision about trust. */
export interface TokenClaims {
  issuer?: string;
  subject?: string;
  audience?: string;
  expiresAt?: Date;
}

/** The claims of a JWT; `{}` for anything else. */
export function readClaims(token: string): TokenClaims {
  const payload = payloadOf(token);
  const { iss, sub, aud, exp } = payload;
  const audience = Array.isArray(aud) ? aud.join(" ") : aud;
  return {
    ...(typeof iss === "string" ? { issuer: iss } : {}),
    ...(typeof sub === "string" ? { subject: sub } : {}),
    ...(typeof audience === "string" ? { audience } : {}),
    ...(typeof exp === "number" ? { expiresAt: new Date(exp * 1000) } : {}),
  };
}

function payloadOf(token: string): Readonly<Record<string, unknown>> {
  const part = token.split(".")[1] ?? "";
  try {
    const bytes = Uint8Array.from(atob(part.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
    const parsed: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** `issuer "…", subject "…", audience "…", valid until …`: what a person compares with the other cloud's trust. */
export function describeClaims({ issuer, subject, audience, expiresAt }: TokenClaims): string {
  const parts = [
    issuer === undefined ? [] : [`issuer "${issuer}"`],
    subject === undefined ? [] : [`subject "${subject}"`],
    audience === undefined ? [] : [`audience "${audience}"`],
    expiresAt === undefined ? [] : [`valid until ${expiresAt.toISOString()}`],
  ].flat();
  return parts.length === 0 ? "a proof without readable claims" : parts.join(", ");
}
