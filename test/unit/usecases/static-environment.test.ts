import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Cloud } from "../../../shared/ports/credentials.ts";
import {
  type Environment,
  findStaticVariables,
  refuseStaticVariables,
} from "../../../shared/usecases/static-environment.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "genops-static-"));
  const write = (name: string, body: unknown) => writeFile(path.join(folder, name), JSON.stringify(body));
  await write("key.json", { type: "service_account", private_key: "hush" });
  await write("person.json", { type: "authorized_user" });
  await write("federated.json", { type: "external_account" });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const AKIA = { AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE", AWS_SECRET_ACCESS_KEY: "hush" };
const STORAGE = "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=aHVzaA==";

describe("keys in the environment", () => {
  it.each([
    ["AWS_ACCESS_KEY_ID", AKIA],
    ["AWS_ACCESS_KEY_ID", { ...AKIA, AWS_ENDPOINT_URL_S3: "http://127.0.0.1:5000" }],
    [
      "AWS_ACCESS_KEY_ID",
      { ...AKIA, AWS_ENDPOINT_URL: "http://127.0.0.1:5000", AWS_ENDPOINT_URL_STS: "https://sts.amazonaws.com" },
    ],
    [
      "AWS_ACCESS_KEY_ID",
      { ...AKIA, AWS_ENDPOINT_URL: "http://127.0.0.1:5000", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" },
    ],
    ["AZURE_CLIENT_SECRET", { AZURE_CLIENT_ID: "c", AZURE_CLIENT_SECRET: "hush" }],
    ["AZURE_CLIENT_CERTIFICATE_PATH", { AZURE_CLIENT_CERTIFICATE_PATH: "/hush.pem" }],
    ["AZURE_STORAGE_KEY", { AZURE_STORAGE_KEY: "hush" }],
    ["AZURE_STORAGE_CONNECTION_STRING", { AZURE_STORAGE_CONNECTION_STRING: STORAGE }],
    ["AzureWebJobsStorage", { AzureWebJobsStorage: `${STORAGE};BlobEndpoint=https://a.blob.core.windows.net` }],
  ])("%s is refused by name, without its value", async (name, environment: Environment) => {
    const cloud = name.startsWith("AWS") ? "aws" : "azure";
    expect((await findStaticVariables(environment)).map((each) => each.name)).toEqual([name]);
    await expect(refuseStaticVariables(environment, cloud)).rejects.toThrow(
      new RegExp(`${name} \\(.*allowStaticCredentials`),
    );
    await expect(refuseStaticVariables(environment, cloud)).rejects.not.toThrow(/hush|aHVzaA|AKIAIOS/);
  });

  it("a service account's key file is refused, other files of Google are not", async () => {
    const at = (name: string) => ({ GOOGLE_APPLICATION_CREDENTIALS: path.join(folder, name) });
    await expect(refuseStaticVariables(at("key.json"), "gcp")).rejects.toThrow(/GOOGLE_APPLICATION_CREDENTIALS/);
    const small = { google_application_credentials: path.join(folder, "key.json") };
    await expect(refuseStaticVariables(small, "gcp")).rejects.toThrow(/google_application_credentials/);
    for (const name of ["person.json", "federated.json", "missing.json"])
      expect(await findStaticVariables(at(name))).toEqual([]);
  });

  it.each([
    [{ AWS_ACCESS_KEY_ID: "ASIAIOSFODNN7EXAMPLE", AWS_SECRET_ACCESS_KEY: "s", AWS_SESSION_TOKEN: "t" }],
    [{ ...AKIA, AWS_ENDPOINT_URL: "http://127.0.0.1:5000", AWS_ENDPOINT_URL_S3: "http://localhost:9000" }],
    [{ AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" }],
    [{ AZURE_CLIENT_ID: "c", AZURE_CLIENT_SECRET: "" }],
    [{ AzureWebJobsStorage: "UseDevelopmentStorage=true" }],
    [
      {
        AzureWebJobsStorage:
          "AccountName=a;AccountKey=aHVzaA==;BlobEndpoint=http://127.0.0.1:10000/a;QueueEndpoint=http://127.0.0.1:10001/a",
      },
    ],
    [{ AzureWebJobsStorage__accountName: "a" }],
  ] satisfies [Environment][])("sessions, emulators and identities are none: %j", async (environment) => {
    expect(await findStaticVariables(environment)).toEqual([]);
  });

  it("of one cloud do not keep another one from being used", async () => {
    const refused = async (cloud: Cloud) =>
      refuseStaticVariables(AKIA, cloud).then(
        () => false,
        () => true,
      );
    expect(await Promise.all((["aws", "azure", "gcp"] as const).map(refused))).toEqual([true, false, false]);
  });
});
