import { afterEach, describe, expect, it, vi } from "vitest";
import { createWebIdentityKeys } from "../../../../shared/platforms/aws/web-identity.ts";
import { createFakeClock } from "../../../support/fake-clock.ts";
import { type Asked, type Reply, serve, type TestServer } from "../../../support/identity/server.ts";
import { serveHttp } from "../../../support/servers/http-server.ts";

const ROLE = "arn:aws:iam::123456789012:role/genops";
let server: TestServer | undefined;

afterEach(async () => server?.close());

async function open(answer: (asked: Asked) => Reply, token: () => Promise<string> = async () => "opaque") {
  server = await serve(answer);
  const clock = createFakeClock("2026-11-22T06:00:00.000Z");
  const proof = { home: "gcp", token } as const;
  const keys = createWebIdentityKeys({
    roleArn: ROLE,
    region: "eu-central-1",
    audience: "genops",
    proof,
    clock,
    endpoint: server.url,
  });
  return { keys, clock, asked: server.asked };
}

function answerOf(inner: string): Reply {
  const action = "AssumeRoleWithWebIdentity";
  const body = `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>${inner}</${action}Result></${action}Response>`;
  return { status: 200, headers: { "content-type": "text/xml" }, body };
}

const GIVEN = answerOf(
  "<Credentials><AccessKeyId>ASIAX</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2026-11-22T07:00:00Z</Expiration></Credentials>",
);

describe("keys of a role for another cloud's function", () => {
  it("are asked for once, and again five minutes before they expire", async () => {
    const { keys, clock, asked } = await open(() => GIVEN);
    const first = await keys();
    expect(first).toEqual({
      accessKeyId: "ASIAX",
      secretAccessKey: "s",
      sessionToken: "t",
      expiration: new Date("2026-11-22T07:00:00Z"),
    });
    clock.advance(54 * 60_000);
    expect(await keys()).toBe(first);
    clock.advance(60_000);
    expect(await keys()).not.toBe(first);
    expect(asked).toHaveLength(2);
    expect(Object.fromEntries(new URLSearchParams(asked[0]?.body))).toMatchObject({
      RoleArn: ROLE,
      RoleSessionName: "genops",
      WebIdentityToken: "opaque",
    });
    expect(asked[0]?.headers["authorization"]).toBeUndefined();
  });

  it("are missing while STS is out of order, and may come later", async () => {
    const { keys } = await open(() => ({ status: 503, body: "" }));
    await expect(keys()).rejects.toMatchObject({
      code: "unavailable",
      retryable: true,
      message: expect.stringMatching(/gcp → aws: no credentials for role .*the next run tries again/) as string,
    });
  });

  it("are missing while STS takes the request and never answers, and may come later", async () => {
    vi.stubEnv("AWS_MAX_ATTEMPTS", "1");
    const silent = await serveHttp(() => new Promise(() => undefined));
    const keys = createWebIdentityKeys({
      roleArn: ROLE,
      region: "eu-central-1",
      audience: "genops",
      proof: { home: "gcp", token: async () => "opaque" },
      clock: createFakeClock(),
      endpoint: silent.url,
      idleMs: 50,
    });
    await expect(keys()).rejects.toMatchObject({ code: "unavailable", retryable: true });
    await silent.close();
  });

  it("are missing while STS is asked too often, and may come later", async () => {
    vi.stubEnv("AWS_MAX_ATTEMPTS", "1");
    const body =
      "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>";
    const { keys } = await open(() => ({ status: 400, headers: { "content-type": "text/xml" }, body }));
    await expect(keys()).rejects.toMatchObject({ code: "unavailable", retryable: true });
  });

  it("are missing while this cloud's own token service is out of order, and may come later", async () => {
    const down = Object.assign(new Error("503"), { statusCode: 503 });
    const { keys } = await open(
      () => GIVEN,
      () => Promise.reject(down),
    );
    await expect(keys()).rejects.toMatchObject({ code: "unavailable", retryable: true });
  });

  it("are missing when this cloud proves nothing", async () => {
    const { keys, asked } = await open(
      () => GIVEN,
      () => Promise.reject(new Error("no metadata server")),
    );
    await expect(keys()).rejects.toThrow(/gave no proof of identity: no metadata server. The function must run as/);
    expect(asked).toEqual([]);
  });

  it("are missing in an answer without them", async () => {
    await expect((await open(() => answerOf(""))).keys()).rejects.toMatchObject({ code: "unavailable" });
  });
});
