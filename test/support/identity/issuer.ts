import * as jose from "jose";

/** A cloud's token service: signs JWTs with a key of its own. */
export interface Issuer {
  /** The `iss` of its tokens. */
  issuer: string;
  sign(claims: { subject: string; audience: string; more?: Readonly<Record<string, unknown>> }): Promise<string>;
  /** Its public key, as others fetch it. */
  jwks: jose.JSONWebKeySet;
}

const LIFE_SECONDS = 300;

export async function createIssuer(issuer: string, algorithm = "RS256"): Promise<Issuer> {
  const { privateKey, publicKey } = await jose.generateKeyPair(algorithm, { extractable: true });
  return {
    issuer,
    jwks: { keys: [{ ...(await jose.exportJWK(publicKey)), alg: algorithm }] },
    sign: ({ subject, audience, more = {} }) =>
      new jose.SignJWT({ ...more })
        .setProtectedHeader({ alg: algorithm })
        .setIssuer(issuer)
        .setSubject(subject)
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime(`${LIFE_SECONDS}s`)
        .sign(privateKey),
  };
}

/** Whom a token service trusts. Each part is one question, so that each wrong part is found by its own test. */
export interface Trust {
  issuer: string;
  jwks: jose.JSONWebKeySet;
  audience: string;
  subject: string;
}

export type Verdict =
  | { fault: undefined; claims: jose.JWTPayload }
  | { fault: "issuer" | "signature" | "expired" | "audience" | "subject" };

/** What every cloud checks of a foreign token: who signed it, whether the key is that issuer's, the time, for whom, and who. */
export async function judge(token: string, trust: Trust, now: Date): Promise<Verdict> {
  const claimed = claimsOf(token);
  if (claimed === undefined) return { fault: "signature" };
  if (claimed.iss !== trust.issuer) return { fault: "issuer" };
  try {
    const keys = jose.createLocalJWKSet(trust.jwks);
    await jose.jwtVerify(token, keys, { issuer: trust.issuer, algorithms: ["RS256"], currentDate: now });
  } catch (error) {
    return { fault: error instanceof jose.errors.JWTExpired ? "expired" : "signature" };
  }
  if (claimed.aud !== trust.audience) return { fault: "audience" };
  if (claimed.sub !== trust.subject) return { fault: "subject" };
  return { fault: undefined, claims: claimed };
}

function claimsOf(token: string): jose.JWTPayload | undefined {
  try {
    return jose.decodeJwt(token);
  } catch {
    return undefined;
  }
}
