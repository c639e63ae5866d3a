import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createGcpPlatform, writeLine } from "../../../../../shared/platforms/gcp/functions/platform.ts";
import { startGcpServices } from "../../../../support/functions/gcp-services.ts";
import type { CloudServices } from "../../../../support/functions/sent-message.ts";
import { json, serve, type TestServer } from "../../../../support/identity/server.ts";

let services: CloudServices;
let metadata: TestServer;

beforeAll(async () => {
  services = await startGcpServices();
  metadata = await serve(({ url }) =>
    url.pathname.endsWith("/token")
      ? json(200, { access_token: "t", expires_in: 3599, token_type: "Bearer" }, { "metadata-flavor": "Google" })
      : { status: 200, headers: { "metadata-flavor": "Google" }, body: "genops-test" },
  );
});
afterAll(async () => {
  await services.close();
  await metadata.close();
});

describe("Google Cloud around a function", () => {
  it("publishes to a topic of the emulator", async () => {
    const queue = await createGcpPlatform(services.env).openQueue(services.queueAddress("collect"));
    await queue.send('{"ä":1}');
    expect(services.sent).toEqual([{ queue: "collect", body: '{"ä":1}' }]);
    const missing = await createGcpPlatform(services.env).openQueue("projects/p/topics/a:b");
    await expect(missing.send("x")).rejects.toMatchObject({ code: "unavailable" });
  });

  it("publishes with the service account's token", async () => {
    vi.stubEnv("GCE_METADATA_HOST", metadata.url.replace("http://", ""));
    vi.stubEnv("METADATA_SERVER_DETECTION", "assume-present");
    const api = await serve(() => json(200, { messageIds: ["1"] }));
    const queue = await createGcpPlatform({}, api.url).openQueue("projects/p/topics/t");
    await queue.send("x");
    await api.close();
    expect(api.asked).toMatchObject([
      { method: "POST", headers: { authorization: "Bearer t" }, body: '{"messages":[{"data":"eA=="}]}' },
    ]);
    expect(api.asked[0]?.url.pathname).toBe("/v1/projects/p/topics/t:publish");
  });

  it("wants topics by their full names", async () => {
    await expect(createGcpPlatform({}).openQueue("collect")).rejects.toMatchObject({ code: "config" });
  });

  it("reads secrets from the variables that Secret Manager fills", async () => {
    const { fetchSecrets } = createGcpPlatform({ GENOPS_SECRET_slack_token: "x" });
    expect([...(await fetchSecrets(["slack-token", "missing"]))]).toEqual([["slack-token", "x"]]);
  });

  it("writes log entries as Cloud Logging reads them", () => {
    const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    writeLine({ severity: "warn", message: "m", fields: { correlationId: "c" } });
    expect(JSON.parse(String(write.mock.calls[0]?.[0]))).toMatchObject({
      severity: "WARNING",
      message: "m",
      correlationId: "c",
    });
  });
});
