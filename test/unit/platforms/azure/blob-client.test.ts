import { RestError } from "@azure/storage-blob";
import { describe, expect, it } from "vitest";
import { createBlobContainer } from "../../../../shared/platforms/azure/blob-client.ts";
import { blobFaultOf } from "../../../../shared/platforms/azure/blob-errors.ts";

const LOCAL =
  "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=a2V5==;BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1;";
const createCredential = async () => ({ getToken: async () => ({ token: "t", expiresOnTimestamp: 0 }) });

describe("createBlobContainer", () => {
  it("reaches an account at Azure's address, unless another is given", async () => {
    const usual = await createBlobContainer("bills", "exports", { createCredential });
    expect(usual.url).toBe("https://bills.blob.core.windows.net/exports");
    const endpoint = "https://bills.blob.core.chinacloudapi.cn";
    expect((await createBlobContainer("bills", "exports", { createCredential, endpoint })).url).toBe(
      `${endpoint}/exports`,
    );
  });

  it("uses a connection string for the account that it names, and for no other", async () => {
    const own = await createBlobContainer("devstoreaccount1", "c1", { connectionString: LOCAL });
    expect(own.url).toBe("http://127.0.0.1:10000/devstoreaccount1/c1");
    const other = await createBlobContainer("bills", "c1", { connectionString: LOCAL, createCredential });
    expect(other.url).toBe("https://bills.blob.core.windows.net/c1");
    const short = await createBlobContainer("devstoreaccount1", "c1", {
      connectionString: "UseDevelopmentStorage=true",
    });
    expect(short.url).toBe("http://127.0.0.1:10000/devstoreaccount1/c1");
  });

  it("leaves it to Azure's own chain who asks, where nothing is configured", async () => {
    const container = await createBlobContainer("bills", "exports", { createCredential: async () => undefined });
    expect(container.credential).toHaveProperty("getToken");
  });
});

const restError = (code: string, statusCode: number) => new RestError(code, { code, statusCode });

describe("an error of Blob Storage", () => {
  it.each([
    [restError("AuthorizationPermissionMismatch", 403), "denied"],
    [restError("InvalidAuthenticationInfo", 401), "denied"],
    [Object.assign(new Error("none"), { name: "AggregateAuthenticationError" }), "no-credentials"],
    [Object.assign(new Error("none"), { name: "CredentialUnavailableError" }), "no-credentials"],
    [restError("ContainerNotFound", 404), "no-store"],
    [restError("ConditionNotMet", 412), "changed"],
    [restError("ServerBusy", 503), "passing"],
    [restError("TooManyRequests", 429), "passing"],
    [new RestError("reset", { code: "ECONNRESET" }), "passing"],
    [Object.assign(new Error("late"), { name: "AbortError" }), "passing"],
    [restError("InvalidHeaderValue", 400), "wrong"],
    ["not an error", "wrong"],
  ] as const)("%s means %s", (error, fault) => {
    expect(blobFaultOf(error)).toBe(fault);
  });
});
