import type { Path } from "./problems.ts";

/** Names that only a long-lived key has, as they look without case and separators. */
const KEY_NAMES: Readonly<Record<string, string>> = {
  accesskeyid: "an AWS access key",
  awsaccesskeyid: "an AWS access key",
  secretaccesskey: "an AWS access key",
  awssecretaccesskey: "an AWS access key",
  clientsecret: "a client secret",
  azureclientsecret: "a client secret",
  clientcertificate: "a client certificate's key",
  clientcertificatepath: "a client certificate's key",
  clientkeydata: "a client certificate's key",
  privatekey: "a private key",
  privatekeyid: "a private key",
  keyfile: "a key file",
  keyfilename: "a key file",
  credentialsfile: "a key file",
  credentialsjson: "a service account key",
  serviceaccountkey: "a service account key",
  serviceaccountjson: "a service account key",
  googleapplicationcredentials: "a key file",
  accountkey: "a storage account key",
  storagekey: "a storage account key",
  storageaccountkey: "a storage account key",
  sharedaccesskey: "a shared access key",
  sharedaccesssignature: "a shared access signature",
  sastoken: "a shared access signature",
  connectionstring: "a connection string",
  storageconnectionstring: "a connection string",
};

/** Below `clusters` these are static as well; elsewhere (Slack, SMTP, AI usage) they are the only way in. */
const CLUSTER_KEY_NAMES: ReadonlySet<string> = new Set(["token", "bearertoken", "password"]);

const VALUES: readonly (readonly [RegExp, string])[] = [
  [/(?<![A-Za-z0-9])A(KI|SI)A[A-Z0-9]{16}(?![A-Za-z0-9])/, "an AWS access key"],
  [/"type"\s*:\s*"service_account"/, "a service account key"],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, "a private key"],
  [/\bAccountKey\s*=/i, "a connection string with an account key"],
  [/\bSharedAccessKey\s*=/i, "a connection string with a shared access key"],
  [/\bSharedAccessSignature\s*=/i, "a connection string with a shared access signature"],
  // Other services (Power Automate) sign their webhook addresses with `sig` too; `sr` and `ss` are Azure Storage's.
  [/(?=.*[?&]s[rs]=)[?&].*\bsig=/i, "a shared access signature"],
  // The form that Entra gives its secrets.
  [/(?<![\w~.-])[\w~.-]{3}\dQ~[\w~.-]{31,34}(?![\w~.-])/, "a client secret"],
];

/**
 * What kind of static credential a value of the configuration is, by the names above it or by its own form; undefined for everything
 * else. Never says the value.
 */
export function staticCredentialIn(path: Path, value: string): string | undefined {
  if (value.trim() === "") return undefined;
  const names = path.filter((part) => typeof part === "string").map(plainName);
  const name = names.at(-1) ?? "";
  if (Object.hasOwn(KEY_NAMES, name)) return KEY_NAMES[name];
  if (names[0] === "clusters" && CLUSTER_KEY_NAMES.has(name)) return "a static cluster credential";
  return VALUES.find(([form]) => form.test(value))?.[1];
}

function plainName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** A static credential, where it stands. */
export interface StaticCredential {
  path: Path;
  what: string;
}

/** Every static credential in values that were read from YAML, in their order. */
export function findStaticCredentials(value: unknown, path: Path = []): StaticCredential[] {
  if (typeof value === "string" || typeof value === "number") {
    const what = staticCredentialIn(path, String(value));
    return what === undefined ? [] : [{ path, what }];
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => findStaticCredentials(item, [...path, index]));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const inKey = VALUES.find(([form]) => form.test(key))?.[1];
    const here = inKey === undefined ? [] : [{ path: [...path, key], what: inKey }];
    return [...here, ...findStaticCredentials(inner, [...path, key])];
  });
}

/** What to do instead; the same for everything. */
export const INSTEAD =
  "use the cloud's own identity or workload identity federation (credentials:, docs/identity.md), or allowStaticCredentials: true for development";
