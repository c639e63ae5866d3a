import { AssumeRoleWithWebIdentityCommand, type Credentials, type STSClient } from "@aws-sdk/client-sts";
import { GenOpsError, messageOf } from "../../core/errors.ts";
import { exchangeRefused, noProof } from "../../core/exchange-refused.ts";
import { type Expiring, keepUntilExpiry } from "../../core/expiring.ts";
import type { Clock } from "../../ports/clock.ts";
import type { AwsKeyProvider, AwsKeys, TokenProof } from "../../ports/credentials.ts";
import { createStsClient, isPassing, type StsOptions } from "./sts-client.ts";

export interface WebIdentityOptions extends StsOptions {
  roleArn: string;
  /** Whose STS is asked. */
  region: string;
  /** What the role's trust policy expects as the proof's audience. */
  audience: string;
  proof: TokenProof;
  clock: Pick<Clock, "now">;
}

const EARLY_MS = 5 * 60_000;

/** Keys of an AWS role for a process in another cloud: `AssumeRoleWithWebIdentity` with that cloud's proof, renewed before they expire. */
export function createWebIdentityKeys(options: WebIdentityOptions): AwsKeyProvider {
  const { clock } = options;
  const client = createStsClient(options);
  const keep = keepUntilExpiry(() => assumeRole(client, options), { now: () => clock.now(), earlyMs: EARLY_MS });
  return async () => (await keep()).value;
}

async function assumeRole(client: STSClient, options: WebIdentityOptions): Promise<Expiring<AwsKeys>> {
  const { roleArn, audience, proof } = options;
  const token = await proof.token(audience).catch((error: unknown) => {
    throw noProof(`${proof.home} → aws`, `role ${roleArn}`, error, PROOF_FIX[proof.home]);
  });
  const request = { RoleArn: roleArn, RoleSessionName: "genops", WebIdentityToken: token };
  try {
    const answer = await client.send(new AssumeRoleWithWebIdentityCommand(request));
    return keysOf(answer.Credentials, roleArn);
  } catch (error) {
    throw error instanceof GenOpsError ? error : refused(options, token, error);
  }
}

const PROOF_FIX: Readonly<Record<TokenProof["home"], string>> = {
  azure:
    "The function app needs a managed identity, and credentials.aws.audience must be the App ID URI of an Entra application in the same tenant",
  gcp: "The function must run as a service account of its own",
};

function keysOf(credentials: Credentials | undefined, roleArn: string): Expiring<AwsKeys> {
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = credentials ?? {};
  if (AccessKeyId === undefined || SecretAccessKey === undefined || SessionToken === undefined || !Expiration)
    throw new GenOpsError("unavailable", `STS gave an answer without keys for ${roleArn}`);
  return {
    value: {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      expiration: Expiration,
    },
    expiresAt: Expiration,
  };
}

/** What these errors of AssumeRoleWithWebIdentity mean to the person who set up the trust. */
function fixOf(name: string, { audience, proof }: WebIdentityOptions): string {
  const provider =
    proof.home === "gcp"
      ? "AWS knows accounts.google.com by itself: remove an OIDC provider that was made for it"
      : "The account needs an IAM OIDC provider for exactly this issuer, with this audience in its list of client ids";
  if (name === "InvalidIdentityToken") return `${provider}; the audience is credentials.aws.audience (${audience})`;
  if (name === "ExpiredTokenException" || name === "ExpiredToken")
    return "The proof had expired when STS read it: look at the clock of this process";
  const conditions =
    proof.home === "gcp"
      ? "accounts.google.com:sub (the service account's unique id) and accounts.google.com:oaud (the audience)"
      : "the issuer's :sub (the managed identity's object id) and :aud (the audience)";
  return `Let the role's trust policy allow sts:AssumeRoleWithWebIdentity, with conditions on ${conditions} that equal what was presented`;
}

function refused(options: WebIdentityOptions, token: string, error: unknown): GenOpsError {
  const name = error instanceof Error ? error.name : "";
  const passing = isPassing(error);
  return exchangeRefused({
    direction: `${options.proof.home} → aws`,
    target: `role ${options.roleArn}`,
    said: `${name}: ${messageOf(error)}`,
    proof: token,
    fix: passing ? "STS did not answer: the next run tries again" : fixOf(name, options),
    field: "credentials.aws.roleArn",
    retryable: passing,
  });
}
