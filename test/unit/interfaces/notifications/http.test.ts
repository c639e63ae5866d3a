import { afterEach, describe, expect, it } from "vitest";
import { checkHttpUrl, parseRetryAfter, postHttp } from "../../../../shared/interfaces/notifications/http.ts";
import { type FaultServer, fakeClock, faultServer, NOW } from "./support.ts";

describe("parseRetryAfter", () => {
  it.each([
    ["30", 30_000],
    [" 0 ", 0],
    ["1.5", 1_500],
    ["Sun, 22 Nov 2026 08:02:00 GMT", 120_000],
    ["Sun, 22 Nov 2026 07:00:00 GMT", 0],
    ["99999999999", 604_800_000],
    ["soon", undefined],
    ["-5", undefined],
    ["", undefined],
    [null, undefined],
  ])("reads %j as %j", (header, expected) => {
    expect(parseRetryAfter(header, NOW)).toBe(expected);
  });
});

describe("checkHttpUrl", () => {
  it.each([
    "ftp://example.com",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "nothing",
    "https://user:pw@example.com/secret",
  ])("refuses %s without repeating it", (url) => {
    expect(() => checkHttpUrl(url, "notifications.webhooks.ops.url")).toThrow(
      /^(?!.*(secret|passwd|alert)).*notifications\.webhooks\.ops\.url/,
    );
  });

  it("accepts http and https", () => {
    expect(checkHttpUrl("http://localhost:1/x", "f")).toBe("http://localhost:1/x");
    expect(checkHttpUrl("https://example.com", "f")).toBe("https://example.com/");
  });
});

describe("postHttp", () => {
  let server: FaultServer | undefined;
  afterEach(async () => await server?.close());

  const post = async (url: string, timeoutMs = 5_000): Promise<unknown> =>
    await postHttp(fakeClock(), { url, headers: { "x-test": "1" }, body: "hello", timeoutMs });

  it("posts and answers with status, text and Retry-After", async () => {
    server = await faultServer(() => ({ status: 429, headers: { "retry-after": "7" }, body: "slow down" }));
    expect(await post(server.url)).toEqual({ kind: "answer", status: 429, text: "slow down", retryAfterMs: 7_000 });
    expect(server.received[0]?.body).toBe("hello");
    expect(server.received[0]?.headers["x-test"]).toBe("1");
  });

  it("reads an empty answer", async () => {
    server = await faultServer(() => ({ status: 204 }));
    expect(await post(server.url)).toEqual({ kind: "answer", status: 204, text: "", retryAfterMs: undefined });
  });

  it("does not follow redirects", async () => {
    server = await faultServer(() => ({ status: 307, headers: { location: "/elsewhere" } }));
    expect(await post(server.url)).toMatchObject({ status: 307 });
    expect(server.received).toHaveLength(1);
  });

  it("reads no more than the start of a long answer", async () => {
    server = await faultServer(() => ({ status: 200, body: "x".repeat(300_000) }));
    expect(await post(server.url)).toMatchObject({ text: "x".repeat(65_536) });
  });

  it("gives up on a receiver that does not answer in time", async () => {
    server = await faultServer(() => "hang");
    expect(await post(server.url, 60)).toEqual({ kind: "silence", reason: "no answer within 0.06 s" });
  });

  it("reports a dropped connection without the URL", async () => {
    server = await faultServer(() => "drop");
    expect(await post(`${server.url}/secret`)).toEqual({
      kind: "silence",
      reason: "the connection failed: UND_ERR_SOCKET",
    });
  });

  it("reports a receiver that is not there", async () => {
    server = await faultServer(() => ({ status: 200 }));
    const { url } = server;
    await server.close();
    server = undefined;
    expect(await post(url)).toEqual({ kind: "silence", reason: "the connection failed: ECONNREFUSED" });
  });
});
