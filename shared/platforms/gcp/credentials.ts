import { type AnyAuthClient, AwsClient, GoogleAuth, IdentityPoolClient, JWT } from "google-auth-library";
import { GenOpsError, messageOf } from "../../core/errors.ts";
import { exchangeRefused, noProof } from "../../core/exchange-refused.ts";
import type { AwsProof, TokenProof } from "../../ports/credentials.ts";

/** What every Google client takes as `authClient`. */
export type GoogleCredentials = AnyAuthClient;

/** The cluster's API server asks for the e-mail address as well. */
const SCOPES = ["https://www.googleapis.com/auth/cloud-platform", "https://www.googleapis.com/auth/userinfo.email"];

/** Whoever runs this process: the function's service account, or the person who is signed in (`gcloud auth application-default login`). */
export function findGoogleCredentials(): Promise<GoogleCredentials> {
  return new GoogleAuth({ scopes: SCOPES }).getClient();
}

/** The project that this process runs in, as Google's own runtimes say. */
export function findGoogleProject(): Promise<string> {
  return new GoogleAuth().getProjectId();
}

/** With a service account's key file: development only, refused unless `allowStaticCredentials`. */
export function createKeyFileCredentials(keyFile: string): GoogleCredentials {
  return new JWT({ scopes: SCOPES, keyFile });
}

/** Proves the function's service account to other clouds: an ID token of the metadata server. */
export function createGcpProof(): TokenProof<"gcp"> {
  const auth = new GoogleAuth();
  return {
    home: "gcp",
    token: async (audience) => (await auth.getIdTokenClient(audience)).idTokenProvider.fetchIdToken(audience),
  };
}

export interface FederatedGoogleOptions {
  /** `projects/<number>/locations/global/workloadIdentityPools/<pool>/providers/<provider>` */
  workloadIdentityProvider: string;
  /** Impersonated with the pool's token; without it the pool's principal itself is who acts. */
  serviceAccount?: string | undefined;
  /** The proof's audience, from Azure: the App ID URI that the provider allows. */
  audience?: string | undefined;
  proof: AwsProof | TokenProof<"azure">;
  /** Instead of Google's token services, for tests. */
  endpoints?: { sts: string; iam: string } | undefined;
}

const ENDPOINTS = { sts: "https://sts.googleapis.com", iam: "https://iamcredentials.googleapis.com" };

/** Google credentials for a process in another cloud, through workload identity federation. */
export function createFederatedCredentials(options: FederatedGoogleOptions): GoogleCredentials {
  const { proof, serviceAccount, endpoints = ENDPOINTS } = options;
  const common = {
    audience: `//iam.googleapis.com/${options.workloadIdentityProvider}`,
    token_url: `${endpoints.sts}/v1/token`,
    scopes: SCOPES,
    ...(serviceAccount === undefined
      ? {}
      : {
          service_account_impersonation_url: `${endpoints.iam}/v1/projects/-/serviceAccounts/${serviceAccount}:generateAccessToken`,
        }),
  };
  const presented: Presented = {};
  const client =
    proof.home === "aws"
      ? new AwsClient({
          ...common,
          subject_token_type: "urn:ietf:params:aws:token-type:aws4_request",
          aws_security_credentials_supplier: awsSupplier(proof, options),
        })
      : new IdentityPoolClient({
          ...common,
          subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
          subject_token_supplier: { getSubjectToken: () => azureToken(proof, options, presented) },
        });
  explainFailures(client, options, presented);
  return client;
}

/** The token that was shown last, for messages. */
interface Presented {
  token?: string;
}

function awsSupplier(proof: AwsProof, options: FederatedGoogleOptions) {
  return {
    getAwsRegion: () => proof.region(),
    getAwsSecurityCredentials: async () => {
      const { accessKeyId, secretAccessKey, sessionToken } = await proof.keys().catch((error: unknown) => {
        throw noProof("aws → gcp", targetOf(options), error, "The function must run with a role of its own");
      });
      return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { token: sessionToken }) };
    },
  };
}

async function azureToken(proof: TokenProof, options: FederatedGoogleOptions, presented: Presented): Promise<string> {
  const fix =
    "The function app needs a managed identity, and credentials.gcp.audience must be the App ID URI of an Entra application in the same tenant";
  const token = await proof.token(options.audience ?? "").catch((error: unknown) => {
    throw noProof("azure → gcp", targetOf(options), error, fix);
  });
  presented.token = token;
  return token;
}

function targetOf({ serviceAccount, workloadIdentityProvider }: FederatedGoogleOptions): string {
  const through = `workload identity provider ${workloadIdentityProvider}`;
  return serviceAccount === undefined ? through : `service account ${serviceAccount} through ${through}`;
}

/** Every way to a token passes this method of the client, also those of Google's other libraries. */
function explainFailures(
  client: AwsClient | IdentityPoolClient,
  options: FederatedGoogleOptions,
  presented: Presented,
): void {
  const getAccessToken = client.getAccessToken.bind(client);
  client.getAccessToken = () =>
    getAccessToken().catch((error: unknown) => {
      throw error instanceof GenOpsError ? error : refused(error, options, presented.token);
    });
}

function refused(error: unknown, options: FederatedGoogleOptions, token: string | undefined): GenOpsError {
  const status = statusOf(error);
  const passing = status === undefined || status >= 500 || status === 429;
  const impersonation = status === 403 && options.serviceAccount !== undefined;
  return exchangeRefused({
    direction: `${options.proof.home} → gcp`,
    target: targetOf(options),
    said: messageOf(error),
    proof: token,
    fix: passing ? "Google did not answer: the next run tries again" : fixOf(options, impersonation),
    field: impersonation ? "credentials.gcp.serviceAccount" : "credentials.gcp.workloadIdentityProvider",
    retryable: passing,
  });
}

function fixOf({ proof, audience = "" }: FederatedGoogleOptions, impersonation: boolean): string {
  if (impersonation)
    return "Grant roles/iam.workloadIdentityUser on the service account to this pool's principal (principal://… or principalSet://…)";
  return proof.home === "aws"
    ? "The provider must be an AWS provider for this account, and its attribute condition must accept the ARN of the function's assumed role"
    : `The provider must be an OIDC provider with this issuer, the allowed audience ${audience}, and an attribute condition that accepts this subject (the managed identity's object id)`;
}

/** HTTP status of an answer that the library turned into an error. */
function statusOf(error: unknown): number | undefined {
  for (let each = error; each instanceof Error; each = each.cause) {
    if ("status" in each && typeof each.status === "number") return each.status;
    if ("response" in each && typeof each.response === "object" && each.response !== null && "status" in each.response)
      return typeof each.response.status === "number" ? each.response.status : undefined;
  }
  return undefined;
}
