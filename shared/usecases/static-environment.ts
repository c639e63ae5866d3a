import { readFile } from "node:fs/promises";
import { INSTEAD } from "../config/static-credentials.ts";
import { GenOpsError } from "../core/errors.ts";
import type { Cloud } from "../ports/credentials.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** A long-lived key that an SDK would find by itself. */
export interface StaticVariable {
  cloud: Cloud;
  name: string;
  what: string;
}

/**
 * Long-lived keys in the environment of the process, without their values: AWS access keys that belong to no session, Entra client secrets,
 * storage keys, Google service account key files. Keys for emulators on this machine are none: they open nothing.
 */
export async function findStaticVariables(environment: Environment): Promise<StaticVariable[]> {
  const found = [...awsVariables(environment), ...azureVariables(environment)];
  for (const name of KEY_FILES) {
    const file = environment[name];
    if (file !== undefined && (await isServiceAccountKey(file)))
      found.push({ cloud: "gcp", name, what: "the key file of a service account" });
  }
  return found;
}

/** Google's library reads both. */
const KEY_FILES = ["GOOGLE_APPLICATION_CREDENTIALS", "google_application_credentials"];

/** Throws `config` when there are any, for this cloud if one is named; the message names the variables, never a value. */
export async function refuseStaticVariables(environment: Environment, cloud?: Cloud): Promise<void> {
  const found = (await findStaticVariables(environment)).filter((each) => cloud === undefined || each.cloud === cloud);
  if (found.length === 0) return;
  const list = found.map(({ name, what }) => `${name} (${what})`).join(", ");
  throw new GenOpsError("config", `static credentials in the environment are not accepted: ${list}; ${INSTEAD}`);
}

/** Keys of a session begin with ASIA and come with a token; AKIA belongs to a user and lasts until somebody deletes it. */
function awsVariables(environment: Environment): StaticVariable[] {
  const { AWS_ACCESS_KEY_ID: id, AWS_SESSION_TOKEN: session } = environment;
  if (!id?.startsWith("AKIA") || (session !== undefined && session !== "") || awsIsLocal(environment)) return [];
  return [{ cloud: "aws", name: "AWS_ACCESS_KEY_ID", what: "an AWS access key" }];
}

function awsIsLocal(environment: Environment): boolean {
  // The SDK then goes to AWS itself.
  if (/^true$/i.test(environment["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] ?? "")) return false;
  const endpoints = Object.entries(environment).filter(([name]) => name.startsWith("AWS_ENDPOINT_URL"));
  return (
    environment["AWS_ENDPOINT_URL"] !== undefined && endpoints.every(([, url]) => url === undefined || isLoopback(url))
  );
}

const AZURE_SECRETS: Readonly<Record<string, string>> = {
  AZURE_CLIENT_SECRET: "a client secret",
  AZURE_CLIENT_CERTIFICATE_PATH: "a client certificate's key",
  AZURE_PASSWORD: "a person's password",
};
const AZURE_STORAGE_KEYS = ["AZURE_STORAGE_KEY", "AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_SAS_TOKEN"];
const CONNECTION_STRINGS = ["AZURE_STORAGE_CONNECTION_STRING", "AzureWebJobsStorage"];

function azureVariables(environment: Environment): StaticVariable[] {
  const isSet = (name: string) => (environment[name] ?? "") !== "";
  const found = [
    ...Object.entries(AZURE_SECRETS).filter(([name]) => isSet(name)),
    ...AZURE_STORAGE_KEYS.filter(isSet).map((name) => [name, "a storage account key"] as const),
    ...CONNECTION_STRINGS.filter((name) => opensAnAccount(environment[name])).map(
      (name) => [name, "a connection string with a key"] as const,
    ),
  ];
  return found.map(([name, what]) => ({ cloud: "azure", name, what }));
}

function opensAnAccount(connection: string | undefined): boolean {
  if (connection === undefined || !/\b(AccountKey|SharedAccessSignature)\s*=/i.test(connection)) return false;
  const endpoints = [...connection.matchAll(/\b(?:Blob|Queue|Table|File)Endpoint\s*=\s*([^;]+)/gi)].map(
    ([, url = ""]) => url,
  );
  return endpoints.length === 0 || !endpoints.every(isLoopback);
}

function isLoopback(url: string): boolean {
  return URL.canParse(url) && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);
}

/** A person's sign-in (`authorized_user`) and federation (`external_account`) lie in such a file as well. */
async function isServiceAccountKey(file: string): Promise<boolean> {
  const text = await readFile(file, "utf8").catch(() => "");
  return /"type"\s*:\s*"service_account"/.test(text);
}
