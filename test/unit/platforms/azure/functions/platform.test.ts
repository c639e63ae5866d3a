import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createAzurePlatform } from "../../../../../shared/platforms/azure/functions/platform.ts";
import { type AzureServices, startAzureServices } from "../../../../support/functions/azure-services.ts";

let services: AzureServices;

beforeAll(async () => {
  services = await startAzureServices();
  setDefaultCACertificates([...getCACertificates("default"), services.authority]);
});
afterAll(() => services.close());

function platform(environment: Readonly<Record<string, string>> = {}) {
  for (const [name, value] of Object.entries(services.env)) vi.stubEnv(name, value);
  return createAzurePlatform({ ...services.env, ...environment });
}

describe("Azure around a function app", () => {
  it("sends messages to a queue of the app's account by its managed identity", async () => {
    const queue = await platform().openQueue("collect");
    await queue.send('{"ä":"<&>"}');
    expect(services.sent).toEqual([{ queue: "collect", body: '{"ä":"<&>"}' }]);
  });

  it("has the queue keep messages back", async () => {
    const queue = await platform().openQueue("later");
    for (const delayMs of [0, 1_500]) await queue.send("{}", { delayMs });
    const delays = services.sent.filter((message) => message.queue === "later").map((message) => message.delaySeconds);
    expect(delays).toEqual([undefined, 2]);
  });

  it("needs to know the account", async () => {
    const { openQueue } = createAzurePlatform({});
    await expect(openQueue("collect")).rejects.toMatchObject({
      code: "config",
      message: expect.stringContaining("AzureWebJobsStorage__queueServiceUri") as string,
    });
  });

  it("takes the account's name as well, and the development storage of the Functions tools", async () => {
    const named = createAzurePlatform({ AzureWebJobsStorage__accountName: "acme", AZURE_CLIENT_ID: "c" });
    const local = createAzurePlatform({ AzureWebJobsStorage: "UseDevelopmentStorage=true" });
    expect(await Promise.all([named.openQueue("q"), local.openQueue("q")])).toHaveLength(2);
  });

  it("reads secrets from the settings that Key Vault references fill", async () => {
    const { fetchSecrets } = platform({ GENOPS_SECRET_slack_token: "x" });
    expect([...(await fetchSecrets(["slack-token", "missing"]))]).toEqual([["slack-token", "x"]]);
  });
});
