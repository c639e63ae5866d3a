import type { JWTPayload } from "jose";
import { ROLES, type Role, type SignInConfig } from "../../config/types.ts";
import type { HookDeps } from "../hooks/types.ts";
import { type KeySets, verifyToken } from "../hooks/verify-token.ts";
import { findKeys, type KeyAddresses } from "./find-keys.ts";

/** A person or a machine, proven by a token of the configured issuer. */
export interface SignedIn {
  /** What the token proves, the most readable first: a verified e-mail address, the configured claim, `sub`. Never empty. */
  identities: readonly string[];
  roles: ReadonlySet<Role>;
}

export type SignInAnswer = { ok: true; person: SignedIn } | { ok: false; why: string };

/** Keys of issuers, kept for as long as a process lives. */
export interface SignInKeys {
  keySets: KeySets;
  addresses: KeyAddresses;
}

export function createSignInKeys(): SignInKeys {
  return { keySets: new Map(), addresses: new Map() };
}

/** Only signatures of public keys: with a shared one whoever can check a token could make one. */
const ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];

export const HOW_TO_SIGN_IN =
  "GenOps knows no issuer of tokens: set signIn.issuer and signIn.audience in genops.yaml (docs/approvals.md)";

/**
 * Who sent `Authorization: Bearer …`, by a JWT of the configured issuer: signature, issuer, audience and times are checked. What the platform
 * says about the caller does not matter here. Throws `unavailable` when the issuer's keys cannot be fetched.
 */
export async function signInByToken(
  headers: Headers,
  config: SignInConfig | undefined,
  deps: Pick<HookDeps, "clock" | "fetch">,
  keys: SignInKeys,
): Promise<SignInAnswer> {
  if (config === undefined) return { ok: false, why: HOW_TO_SIGN_IN };
  if (!headers.has("authorization")) return { ok: false, why: "send a token: Authorization: Bearer …" };
  const keysUrl = config.keysUrl ?? (await findKeys(config.issuer, deps.fetch, keys.addresses));
  const expected = { keysUrl, issuers: [config.issuer], audiences: config.audience, algorithms: ALGORITHMS };
  const token = await verifyToken(headers, expected, deps, keys.keySets);
  if (!token.ok) return { ok: false, why: token.answer.detail };
  const identities = identitiesOf(token.verified, config);
  return identities.length === 0
    ? { ok: false, why: "the token names nobody: it has no sub" }
    : { ok: true, person: { identities, roles: rolesOf(token.verified, config) } };
}

/** An e-mail address that its issuer has not verified could be anybody's, also where the configuration names this claim. */
function identitiesOf(claims: JWTPayload, { identityClaim }: SignInConfig): string[] {
  const email = claims["email_verified"] === true ? claims["email"] : undefined;
  const named = identityClaim === undefined || identityClaim === "email" ? undefined : claims[identityClaim];
  const texts = [email, named, claims.sub].filter((each) => typeof each === "string" && each.trim() !== "");
  return [...new Set(texts as string[])];
}

function rolesOf(claims: JWTPayload, { rolesClaim, roles }: SignInConfig): Set<Role> {
  const claim = claimAt(claims, rolesClaim);
  const values = new Set(Array.isArray(claim) ? claim : typeof claim === "string" ? claim.split(/[\s,]+/) : []);
  return new Set(ROLES.filter((role) => roles[role].some((value) => values.has(value))));
}

/** A name with dots may be the claim itself (`https://example.com/roles`) or a way into it (`realm_access.roles`). */
function claimAt(claims: JWTPayload, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  return name
    .split(".")
    .reduce<unknown>(
      (inner, part) =>
        typeof inner === "object" && inner !== null && Object.hasOwn(inner, part)
          ? (inner as Readonly<Record<string, unknown>>)[part]
          : undefined,
      claims,
    );
}

/** Does one of these roles allow to decide about plans? */
export function mayApprove({ roles }: SignedIn): boolean {
  return roles.has("approver") || roles.has("admin");
}
