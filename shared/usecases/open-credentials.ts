import type { CredentialsConfig } from "../config/types.ts";
import { GenOpsError } from "../core/errors.ts";
import { once } from "../core/once.ts";
import type { GoogleCredentials } from "../platforms/gcp/credentials.ts";
import type { Clock } from "../ports/clock.ts";
import type { AwsAccess, AzureTokens, Cloud, HomeCloud, IdentityProof } from "../ports/credentials.ts";
import { type Environment, refuseStaticVariables } from "./static-environment.ts";

export interface CredentialsOptions {
  /** Where this process runs. */
  home: HomeCloud;
  credentials: CredentialsConfig;
  /** Development: a cloud that is not configured is left to its SDK, which may find keys in the environment. */
  allowStaticCredentials: boolean;
  clock: Pick<Clock, "now">;
  /** Of the process. `AZURE_CLIENT_ID` names the managed identity where a function app has several; keys in it are refused. */
  environment: Environment;
  /** Instead of the clouds' token services, for tests (AWS's clients read `AWS_ENDPOINT_URL_STS`). */
  endpoints?: {
    google?: { sts: string; iam: string };
    entra?: { authorityHost: string; tlsOptions: { ca: string } };
  };
}

/** Who this process is in each cloud. `undefined` stands for the SDK's own chain: the function's role at home, the person on a laptop. */
export interface Credentials {
  readonly home: HomeCloud;
  aws(): Promise<AwsAccess>;
  azure(): Promise<AzureTokens | undefined>;
  gcp(): Promise<GoogleCredentials | undefined>;
}

/** STS answers in every region; this one is always enabled. */
const ANY_REGION = "us-east-1";
/** What a Google proof for AWS is made out to, where the configuration does not say. */
const AWS_AUDIENCE = "genops";

/**
 * Credentials for all three clouds without a key: at home the function's own identity, in the other two that identity exchanged by
 * workload identity federation (`reference/kubernetes.md` §1.3). Nothing is loaded or asked before a cloud is needed. A cloud that is
 * neither home nor configured is a `config` error, and so are long-lived keys in the environment for a cloud that is used.
 */
export function openCredentials(options: CredentialsOptions): Credentials {
  const guarded = async <T>(cloud: Cloud, open: (options: CredentialsOptions) => Promise<T>): Promise<T> => {
    if (!options.allowStaticCredentials) await refuseStaticVariables(options.environment, cloud);
    return open(options);
  };
  return {
    home: options.home,
    aws: once(() => guarded("aws", openAws)),
    azure: once(() => guarded("azure", openAzure)),
    gcp: once(() => guarded("gcp", openGcp)),
  };
}

async function openAws(options: CredentialsOptions): Promise<AwsAccess> {
  const { home, clock, credentials } = options;
  const wanted = credentials.aws;
  if (wanted?.kind === "static") {
    const { accessKeyId, secretAccessKey, region } = wanted;
    return { ...(region === undefined ? {} : { region }), credentials: async () => ({ accessKeyId, secretAccessKey }) };
  }
  if (home === "aws" || home === "local") return {};
  if (wanted === undefined) return leaveToSdk(options, "aws", "roleArn", {});
  const { roleArn, region = ANY_REGION, audience } = wanted;
  const proof = await proofOf(home, options);
  if (home === "azure" && audience === undefined) throw noAudience("aws");
  if (proof.home === "aws") throw new GenOpsError("internal", "AWS needs no proof for itself");
  const { createWebIdentityKeys } = await import("../platforms/aws/web-identity.ts");
  const keys = createWebIdentityKeys({ roleArn, region, audience: audience ?? AWS_AUDIENCE, proof, clock });
  return { region, credentials: keys };
}

async function openAzure(options: CredentialsOptions): Promise<AzureTokens | undefined> {
  const { home, credentials, environment } = options;
  const wanted = credentials.azure;
  if (home === "local" && wanted?.kind !== "static") return undefined;
  const azure = await import("../platforms/azure/credentials.ts");
  if (wanted?.kind === "static") return azure.createSecretTokens(wanted);
  if (home === "azure") return azure.createManagedIdentityTokens(environment["AZURE_CLIENT_ID"]);
  if (wanted === undefined) return leaveToSdk(options, "azure", "tenantId and clientId", undefined);
  const proof = await proofOf(home, options);
  if (proof.home === "azure") throw new GenOpsError("internal", "Azure needs no proof for itself");
  const { tenantId, clientId, audience, authorityHost } = wanted;
  return azure.createFederatedTokens({
    tenantId,
    clientId,
    audience,
    authorityHost,
    proof,
    ...options.endpoints?.entra,
  });
}

async function openGcp(options: CredentialsOptions): Promise<GoogleCredentials | undefined> {
  const { home, credentials } = options;
  const wanted = credentials.gcp;
  if ((home === "gcp" || home === "local") && wanted?.kind !== "static") return undefined;
  if (wanted === undefined) return leaveToSdk(options, "gcp", "workloadIdentityProvider", undefined);
  const gcp = await import("../platforms/gcp/credentials.ts");
  if (wanted.kind === "static") return gcp.createKeyFileCredentials(wanted.keyFile);
  const proof = await proofOf(home, options);
  if (home === "azure" && wanted.audience === undefined) throw noAudience("gcp");
  if (proof.home === "gcp") throw new GenOpsError("internal", "Google needs no proof for itself");
  const { workloadIdentityProvider, serviceAccount, audience } = wanted;
  const endpoints = options.endpoints?.google;
  return gcp.createFederatedCredentials({ workloadIdentityProvider, serviceAccount, audience, proof, endpoints });
}

async function proofOf(home: HomeCloud, { environment }: CredentialsOptions): Promise<IdentityProof> {
  switch (home) {
    case "aws":
      return (await import("../platforms/aws/credentials.ts")).createAwsProof();
    case "azure":
      return (await import("../platforms/azure/credentials.ts")).createAzureProof(environment["AZURE_CLIENT_ID"]);
    case "gcp":
      return (await import("../platforms/gcp/credentials.ts")).createGcpProof();
    case "local":
      throw new GenOpsError("internal", "a laptop proves nothing: its SDKs sign the person in");
  }
}

function leaveToSdk<T>({ home, allowStaticCredentials }: CredentialsOptions, cloud: Cloud, keys: string, own: T): T {
  if (allowStaticCredentials) return own;
  throw new GenOpsError(
    "config",
    `this process runs in ${home} and has no way into ${cloud}: set credentials.${cloud} (${keys}), see docs/identity.md`,
    { place: { field: `credentials.${cloud}` } },
  );
}

function noAudience(cloud: "aws" | "gcp"): GenOpsError {
  return new GenOpsError(
    "config",
    `azure → ${cloud}: expected audience: the App ID URI (api://…) of the Entra application that the managed identity's proof is made out to`,
    { place: { field: `credentials.${cloud}.audience` } },
  );
}
