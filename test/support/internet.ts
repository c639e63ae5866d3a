import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { HookFetch } from "../../shared/interfaces/hooks/types.ts";

export interface Internet {
  /** The real `fetch`, led to a server of this test whatever the host is. */
  fetch: HookFetch;
  /** `https://host/path` as it was asked for, in order. */
  asked: string[];
  close(): Promise<void>;
}

export interface Page {
  status?: number;
  body: string;
  location?: string;
}

/** Answers for every host of the world: `serve` gets the URL that was asked for. */
export async function createInternet(serve: (url: URL) => Page | undefined): Promise<Internet> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", `https://${String(request.headers["x-asked-host"])}`);
    asked.push(url.href);
    const page = serve(url) ?? { status: 404, body: "nothing here" };
    response.writeHead(page.status ?? 200, page.location === undefined ? {} : { location: page.location });
    response.end(page.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    asked,
    fetch: (address, options) => {
      const url = new URL(address);
      const headers = new Headers(options.headers);
      headers.set("x-asked-host", url.host);
      return fetch(`http://127.0.0.1:${port}${url.pathname}${url.search}`, { ...options, headers });
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
