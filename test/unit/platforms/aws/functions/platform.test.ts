import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createAwsPlatform, writeLine } from "../../../../../shared/platforms/aws/functions/platform.ts";
import { startAwsServices } from "../../../../support/functions/aws-services.ts";
import type { CloudServices } from "../../../../support/functions/sent-message.ts";

let services: CloudServices;

beforeAll(async () => {
  const parameters = Object.fromEntries(
    Array.from({ length: 12 }, (_, index) => [`/genops/s${index}`, `value ${index}`]),
  );
  services = await startAwsServices({ ...parameters, "/genops/team/token": "nested" });
});
afterAll(() => services.close());

function platform() {
  for (const [name, value] of Object.entries(services.env)) vi.stubEnv(name, value);
  return createAwsPlatform();
}

describe("AWS around a function", () => {
  it("sends messages to SQS", async () => {
    const queue = await platform().openQueue(services.queueAddress("collect"));
    await queue.send('{"ä":1}');
    expect(services.sent).toEqual([{ queue: "collect", body: '{"ä":1}' }]);
  });

  it("has SQS keep messages back, as long as it can", async () => {
    const queue = await platform().openQueue(services.queueAddress("later"));
    for (const delayMs of [0, 1_500, 3_600_000]) await queue.send("{}", { delayMs });
    const delays = services.sent.filter((message) => message.queue === "later").map((message) => message.delaySeconds);
    expect(delays).toEqual([undefined, 2, 900]);
  });

  it("fetches secrets below /genops/, more than one call takes, and leaves out what is not there", async () => {
    const names = [...Array.from({ length: 12 }, (_, index) => `s${index}`), "team/token", "missing"];
    const secrets = await platform().fetchSecrets(names);
    expect(secrets.size).toBe(13);
    expect([secrets.get("s11"), secrets.get("team/token"), secrets.has("missing")]).toEqual([
      "value 11",
      "nested",
      false,
    ]);
  });

  it("writes log entries as lines of JSON", () => {
    const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    writeLine({ severity: "warn", message: "m", fields: { correlationId: "c" } });
    expect(JSON.parse(String(write.mock.calls[0]?.[0]))).toMatchObject({
      level: "warn",
      message: "m",
      correlationId: "c",
    });
  });
});
