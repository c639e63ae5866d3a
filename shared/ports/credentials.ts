import type { Expiring } from "../core/expiring.ts";

export type Cloud = "aws" | "azure" | "gcp";

/** Where this process runs. `local` is a person's machine: there each SDK finds the person's own sign-in. */
export type HomeCloud = Cloud | "local";

/** A session's keys, as AWS's clients take them. */
export interface AwsKeys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  expiration?: Date;
}

/** Keys that are valid now; renewed before they expire. */
export type AwsKeyProvider = () => Promise<AwsKeys>;

/** Goes into every AWS client's options. Without `credentials` the client uses those of the place it runs at. */
export interface AwsAccess {
  region?: string;
  credentials?: AwsKeyProvider;
}

export interface AzureToken {
  token: string;
  /** Unix time in milliseconds. */
  expiresOnTimestamp: number;
}

/** Entra tokens by scope; what Azure's clients call a token credential. */
export interface AzureTokens {
  getToken(scopes: string | string[]): Promise<AzureToken>;
}

/**
 * Who this process is in the cloud it runs in, shown to another cloud. `token` gives a fresh JWT, signed by the home cloud, for the
 * audience that the other cloud expects.
 */
export interface TokenProof<Home extends "azure" | "gcp" = "azure" | "gcp"> {
  home: Home;
  token(audience: string): Promise<string>;
}

/** In AWS the session's keys are a proof as well: Google accepts a GetCallerIdentity request signed with them. */
export interface AwsProof {
  home: "aws";
  token(audience: string): Promise<string>;
  region(): Promise<string>;
  keys: AwsKeyProvider;
}

export type IdentityProof = AwsProof | TokenProof<"azure"> | TokenProof<"gcp">;

/** A bearer token and when it ends. */
export type BearerToken = Expiring<string>;

/** How to reach a Kubernetes API server and what to say there. */
export interface ClusterAccess {
  /** `https://…`, without a slash at the end. */
  server: string;
  /** PEM; undefined when the server's certificate is signed by a public authority. */
  certificateAuthority?: string;
  /** Valid now; renewed before it expires. `rejected`: one that the server did not accept; another is given where that is possible. */
  token(rejected?: string): Promise<BearerToken>;
}
