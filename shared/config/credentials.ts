import * as z from "zod";
import { closed, expected, oneOf, text } from "./scalars.ts";
import type { CredentialsConfig } from "./types.ts";

const arn = "a role such as arn:aws:iam::123456789012:role/genops";
const roleArn = z.string(expected(arn)).regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/, expected(arn));

const region = z
  .string(expected("a region such as eu-central-1"))
  .regex(/^[a-z]{2,4}(-[a-z]+)+-\d$/, expected("a region such as eu-central-1"));

const uuid = "an id such as 00000000-0000-0000-0000-000000000000";
const entraId = z.string(expected(uuid)).regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, expected(uuid));

const AUTHORITIES = [
  "https://login.microsoftonline.com",
  "https://login.microsoftonline.us",
  "https://login.chinacloudapi.cn",
] as const;

const pool = "projects/<number>/locations/global/workloadIdentityPools/<pool>/providers/<provider>";
const provider = z
  .string(expected(pool))
  .regex(
    /^(\/\/iam\.googleapis\.com\/)?projects\/\d+\/locations\/global\/workloadIdentityPools\/[a-z0-9-]+\/providers\/[a-z0-9-]+$/,
    expected(pool),
  )
  .transform((name) => name.replace("//iam.googleapis.com/", ""));

const email = "a service account such as genops@project.iam.gserviceaccount.com";
const serviceAccount = z
  .string(expected(email))
  .regex(/^[a-z0-9-]+@[a-z0-9.:-]+\.gserviceaccount\.com$/, expected(email));

const development = text.meta({ description: "Development only: needs allowStaticCredentials." });

const Aws = closed({
  roleArn: z.exactOptional(roleArn),
  region: z.exactOptional(region),
  audience: z.exactOptional(text),
  accessKeyId: z.exactOptional(development),
  secretAccessKey: z.exactOptional(development),
}).superRefine(({ roleArn: role, accessKeyId, secretAccessKey }, context) => {
  const keys = accessKeyId !== undefined && secretAccessKey !== undefined;
  if (role === undefined ? keys : accessKeyId === undefined && secretAccessKey === undefined) return;
  const message = "expected roleArn (or, for development, accessKeyId and secretAccessKey without it)";
  context.addIssue({ code: "custom", message });
});

const Azure = closed({
  tenantId: entraId,
  clientId: entraId,
  audience: z.exactOptional(text),
  authorityHost: z.exactOptional(oneOf(AUTHORITIES)),
  clientSecret: z.exactOptional(development),
});

const Gcp = closed({
  workloadIdentityProvider: z.exactOptional(provider),
  serviceAccount: z.exactOptional(serviceAccount),
  audience: z.exactOptional(text),
  keyFile: z.exactOptional(development),
}).superRefine(({ workloadIdentityProvider, keyFile }, context) => {
  if ((workloadIdentityProvider === undefined) !== (keyFile === undefined)) return;
  const message = "expected workloadIdentityProvider (or, for development, keyFile without it)";
  context.addIssue({ code: "custom", message });
});

/** `credentials:` as it stands in the file: how to get into the clouds in which this process does not run. */
export const Credentials = closed({
  aws: z.exactOptional(Aws),
  azure: z.exactOptional(Azure),
  gcp: z.exactOptional(Gcp),
});

/** Tells the two forms of each cloud apart. */
export function toCredentialsConfig({ aws, azure, gcp }: z.output<typeof Credentials>): CredentialsConfig {
  return {
    ...(aws === undefined ? {} : { aws: toAws(aws) }),
    ...(azure === undefined ? {} : { azure: toAzure(azure) }),
    ...(gcp === undefined ? {} : { gcp: toGcp(gcp) }),
  };
}

function toAws({ roleArn: role, accessKeyId, secretAccessKey, ...rest }: z.output<typeof Aws>) {
  if (accessKeyId !== undefined && secretAccessKey !== undefined)
    return { kind: "static", accessKeyId, secretAccessKey, ...rest } as const;
  return { kind: "federated", roleArn: role ?? "", ...rest } as const;
}

function toAzure({ clientSecret, ...rest }: z.output<typeof Azure>) {
  if (clientSecret !== undefined) return { kind: "static", clientSecret, ...rest } as const;
  return { kind: "federated", ...rest } as const;
}

function toGcp({ keyFile, workloadIdentityProvider = "", ...rest }: z.output<typeof Gcp>) {
  if (keyFile !== undefined) return { kind: "static", keyFile } as const;
  return { kind: "federated", workloadIdentityProvider, ...rest } as const;
}
