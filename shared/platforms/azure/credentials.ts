import {
  ClientAssertionCredential,
  ClientSecretCredential,
  DefaultAzureCredential,
  ManagedIdentityCredential,
  type TokenCredential,
} from "@azure/identity";
import { GenOpsError, messageOf } from "../../core/errors.ts";
import { exchangeRefused, noProof } from "../../core/exchange-refused.ts";
import type { AwsProof, AzureTokens, TokenProof } from "../../ports/credentials.ts";

/** What Entra expects as the audience of a foreign proof. Sovereign clouds have names of their own. */
const EXCHANGE_AUDIENCE = "api://AzureADTokenExchange";

/** Tokens of the function app's managed identity; `clientId` names one of several. */
export function createManagedIdentityTokens(clientId?: string): AzureTokens {
  return tokensOf(new ManagedIdentityCredential(clientId === undefined ? {} : { clientId }));
}

/** Tokens of the person who is signed in on this machine (`az login`). */
export function createPersonalTokens(): AzureTokens {
  return tokensOf(new DefaultAzureCredential());
}

/** With a client secret: development only, refused unless `allowStaticCredentials`. */
export function createSecretTokens(identity: {
  tenantId: string;
  clientId: string;
  clientSecret: string;
  authorityHost?: string | undefined;
}): AzureTokens {
  const { tenantId, clientId, clientSecret, authorityHost } = identity;
  const options = authorityHost === undefined ? {} : { authorityHost };
  return tokensOf(new ClientSecretCredential(tenantId, clientId, clientSecret, options));
}

function tokensOf(credential: TokenCredential): AzureTokens {
  return {
    async getToken(scopes) {
      const token = await credential.getToken(scopes);
      if (token === null) throw new GenOpsError("unavailable", "Entra gave no token");
      return { token: token.token, expiresOnTimestamp: token.expiresOnTimestamp };
    },
  };
}

/** Proves the managed identity to other clouds: a token for an application of our own, whose App ID URI is the audience. */
export function createAzureProof(clientId?: string): TokenProof<"azure"> {
  const tokens = createManagedIdentityTokens(clientId);
  return {
    home: "azure",
    token: async (audience) => (await tokens.getToken(`${audience}/.default`)).token,
  };
}

export interface FederatedTokensOptions {
  tenantId: string;
  clientId: string;
  /** Default: `api://AzureADTokenExchange`. */
  audience?: string | undefined;
  /** Default: `https://login.microsoftonline.com`. */
  authorityHost?: string | undefined;
  proof: AwsProof | TokenProof<"gcp">;
  /** A private authority's certificate, for tests. */
  tlsOptions?: { ca: string };
}

/** Tokens of an Entra application (or user-assigned identity) for a process in another cloud, against that cloud's proof. */
export function createFederatedTokens(options: FederatedTokensOptions): AzureTokens {
  const { tenantId, clientId, proof, audience = EXCHANGE_AUDIENCE, authorityHost, tlsOptions } = options;
  const target = `application ${clientId} in tenant ${tenantId}`;
  let shown: string | undefined;
  const assertion = async () => {
    shown = undefined;
    shown = await proof.token(audience).catch((error: unknown) => {
      throw noProof(`${proof.home} → azure`, target, error, PROOF_FIX[proof.home]);
    });
    return shown;
  };
  const credential = new ClientAssertionCredential(tenantId, clientId, assertion, {
    ...(authorityHost === undefined ? {} : { authorityHost, disableInstanceDiscovery: true }),
    ...(tlsOptions === undefined ? {} : { tlsOptions }),
  });
  const tokens = tokensOf(credential);
  return {
    async getToken(scopes) {
      try {
        return await tokens.getToken(scopes);
      } catch (error) {
        throw refused(error, { direction: `${proof.home} → azure`, target, proof: shown, audience });
      }
    },
  };
}

const PROOF_FIX: Readonly<Record<"aws" | "gcp", string>> = {
  aws: "The function's role needs sts:GetWebIdentityToken, and the account outbound identity federation",
  gcp: "The function must run as a service account of its own",
};

interface Attempt {
  direction: string;
  target: string;
  proof: string | undefined;
  audience: string;
}

function refused(error: unknown, { direction, target, proof, audience }: Attempt): unknown {
  const own = causeOf(error);
  if (own !== undefined) return own;
  const said = messageOf(error).split(/\r?\n/, 1)[0] ?? "";
  const code = /AADSTS\d+/.exec(messageOf(error))?.[0];
  return exchangeRefused({
    direction,
    target,
    said,
    proof,
    fix: code === undefined ? "Entra did not answer: the next run tries again" : fixOf(code, audience),
    field: "credentials.azure.clientId",
    retryable: code === undefined || code === "AADSTS90033",
  });
}

/** An error of ours that the SDK has wrapped. */
function causeOf(error: unknown): GenOpsError | undefined {
  for (let each = error; each instanceof Error; each = each.cause) if (each instanceof GenOpsError) return each;
  return undefined;
}

function fixOf(code: string, audience: string): string {
  if (code === "AADSTS700024") return "The proof is not valid at this time: look at the clock of this process";
  if (code === "AADSTS700016")
    return "The application is not in this tenant: compare credentials.azure.clientId and tenantId";
  if (code === "AADSTS90002") return "There is no such tenant: compare credentials.azure.tenantId";
  return `Give the application a federated credential whose issuer and subject equal what was presented letter by letter, with the audience ${audience}; a new one needs some minutes until Entra knows it everywhere`;
}
