import { GetWebIdentityTokenCommand, type STSClient } from "@aws-sdk/client-sts";
import { GenOpsError, messageOf } from "../../core/errors.ts";
import type { AwsKeyProvider, AwsProof } from "../../ports/credentials.ts";
import { createStsClient, isPassing, type StsOptions } from "./sts-client.ts";

/** A proof is shown once, at once. AWS allows 60 to 3600. */
const PROOF_SECONDS = 300;

/** Keys of whoever runs this process: the SDK's own chain (function role, instance profile, single sign-on of a person). */
export function createAwsKeys(options: StsOptions = {}): AwsKeyProvider {
  const client = createStsClient(options);
  return () => client.config.credentials();
}

/**
 * Proves the function's role to other clouds: a JWT signed by this AWS account's own issuer (`sts:GetWebIdentityToken`, IAM outbound
 * identity federation, enabled once per account), or keys that sign a GetCallerIdentity for Google.
 */
export function createAwsProof(options: StsOptions = {}): AwsProof {
  const client = createStsClient(options);
  return {
    home: "aws",
    keys: () => client.config.credentials(),
    region: () => client.config.region(),
    token: (audience) => webIdentityToken(client, audience),
  };
}

/** RS256, because Entra takes no other algorithm from foreign issuers. */
async function webIdentityToken(client: STSClient, audience: string): Promise<string> {
  const request = { Audience: [audience], SigningAlgorithm: "RS256", DurationSeconds: PROOF_SECONDS };
  const answer = await client.send(new GetWebIdentityTokenCommand(request)).catch((error: unknown) => {
    const said = `sts:GetWebIdentityToken failed: ${messageOf(error)}`;
    if (isPassing(error)) throw new GenOpsError("unavailable", said, { cause: error });
    const fix = `Enable outbound identity federation for the account (aws iam enable-outbound-web-identity-federation) and allow the function's role sts:GetWebIdentityToken for the audience ${audience}`;
    throw new GenOpsError("config", `${said}. ${fix}`, { cause: error });
  });
  if (answer.WebIdentityToken === undefined)
    throw new GenOpsError("unavailable", "sts:GetWebIdentityToken gave an answer without a token");
  return answer.WebIdentityToken;
}
