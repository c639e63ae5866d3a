import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { NOW } from "./support.ts";

/** An identity provider: signs tokens and publishes its keys. */
export interface TestIssuer {
  /** The JSON Web Key Set. */
  keys: string;
  token(claims: JWTPayload, options?: { expiresAt?: string; algorithm?: "RS256" | "PS256" }): Promise<string>;
}

export async function createIssuer(kid = "k1"): Promise<TestIssuer> {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid, use: "sig", alg: "RS256" };
  return {
    keys: JSON.stringify({ keys: [jwk] }),
    token: (claims, { expiresAt = "2026-11-22T07:00:00Z", algorithm = "RS256" } = {}) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: algorithm, kid })
        .setIssuedAt(Date.parse(NOW) / 1000)
        .setExpirationTime(Date.parse(expiresAt) / 1000)
        .sign(privateKey),
  };
}
