import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type Handler, type HttpServer, serveHttp } from "../../../../functions/local/http.ts";

const servers: HttpServer[] = [];

async function serve(handler: Handler): Promise<HttpServer> {
  const server = await serveHttp(handler, { host: "127.0.0.1", port: 0 });
  servers.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** Sends raw bytes and reads until the server closes. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    let answer = "";
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => (answer += chunk));
    socket.on("end", () => resolve(answer));
    socket.on("error", reject);
  });
}

describe("serveHttp", () => {
  it("hands the request over and sends the response back", async () => {
    const server = await serve(async (request) => {
      const { pathname, search, host } = new URL(request.url);
      const body = await request.text();
      return Response.json(
        { method: request.method, pathname, search, host, body, seen: request.headers.get("x-test") },
        { status: 201, headers: { "x-answer": "1" } },
      );
    });
    const response = await fetch(`${server.url}/a%20b?c=d`, {
      method: "POST",
      body: "hällo",
      headers: { "x-test": "yes" },
    });
    expect(response.status).toBe(201);
    expect(response.headers.get("x-answer")).toBe("1");
    expect(await response.json()).toEqual({
      method: "POST",
      pathname: "/a%20b",
      search: "?c=d",
      host: `127.0.0.1:${server.port}`,
      body: "hällo",
      seen: "yes",
    });
  });

  it.each(["0.0.0.0", "192.168.1.7", "::", "example.com", "127.0.0.1.example.com"])(
    "refuses to listen on %s without authentication",
    async (host) => {
      await expect(serveHttp(async () => new Response(), { host, port: 0 })).rejects.toMatchObject({ code: "config" });
    },
  );

  it("says when the port is taken", async () => {
    const { port } = await serve(async () => new Response());
    await expect(serveHttp(async () => new Response(), { host: "127.0.0.1", port })).rejects.toMatchObject({
      code: "unavailable",
    });
  });

  it("answers 413 to a declared body above 1 MiB without reading it", async () => {
    let called = false;
    const server = await serve(async () => {
      called = true;
      return new Response();
    });
    const answer = await raw(server.port, `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000000\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(called).toBe(false);
  });

  it("answers 413 to a chunked body that grows beyond 1 MiB", async () => {
    const server = await serve(async () => new Response());
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest(server.url, { method: "POST" }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on("error", reject);
      request.write(Buffer.alloc(1024 * 1024 + 1));
    });
    expect(status).toBe(413);
  });

  it("takes a body of exactly 1 MiB", async () => {
    const server = await serve(async (request) => new Response(String((await request.arrayBuffer()).byteLength)));
    const response = await fetch(server.url, { method: "PUT", body: Buffer.alloc(1024 * 1024) });
    expect(await response.text()).toBe("1048576");
  });

  it.each([
    ["GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    ["GET / HTTP/1.1\r\nHost: localhost/@evil\r\n\r\n"],
    ["GET /localhost HTTP/1.1\r\nHost:\r\n\r\n"],
  ])("answers 400 to %j", async (text) => {
    const server = await serve(async () => new Response("reached"));
    const answer = await raw(server.port, text);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).not.toContain("reached");
  });

  it("answers 500 when the handler breaks its promise, without its words", async () => {
    const server = await serve(() => Promise.reject(new Error("secret")));
    const response = await fetch(server.url);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("secret");
  });

  it("tells the handler when the caller goes away", async () => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const server = await serve(
      (request) =>
        new Promise((answer) => {
          request.signal.addEventListener("abort", () => {
            resolve(true);
            answer(new Response());
          });
        }),
    );
    const stop = new AbortController();
    const call = fetch(server.url, { signal: stop.signal }).catch(() => "gone");
    const socket = connect(server.port, "127.0.0.1", () => {
      socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", () => socket.destroy());
    });
    expect(await promise).toBe(true);
    stop.abort();
    expect(await call).toBe("gone");
  });

  it("lets a request in progress end before it closes", async () => {
    const started = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const server = await serveHttp(
      async () => {
        started.resolve();
        await go.promise;
        return new Response("done");
      },
      { host: "localhost", port: 0 },
    );
    const call = fetch(`http://localhost:${server.port}/`);
    await started.promise;
    const closed = server.close();
    go.resolve();
    expect(await (await call).text()).toBe("done");
    await closed;
    await expect(fetch(`http://localhost:${server.port}/`)).rejects.toThrow("fetch failed");
  });
});
