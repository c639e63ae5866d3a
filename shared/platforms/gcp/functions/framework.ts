import * as framework from "@google-cloud/functions-framework";
import { once } from "../../../core/once.ts";
import type { EventHost, HttpHost, Platform, PlatformCall } from "../../../ports/platform.ts";
import { eventsOf } from "./events.ts";
import { createGcpPlatform, writeLine } from "./platform.ts";

/** What Cloud Run gives a request when nothing is configured. */
const DEFAULT_TIMEOUT_SECONDS = 60;

/** Registers a function for CloudEvents. `load` brings everything heavy at the first call. */
export function registerEvents(
  functionName: string,
  load: (platform: Platform) => Promise<EventHost>,
  platform = createGcpPlatform(),
): void {
  const open = once(() => load(platform));
  framework.cloudEvent(functionName, async (event: framework.CloudEvent<unknown>) => {
    const host = await open();
    const { id, traceparent } = event;
    const call = callOf(platform, String(id), traceparent);
    // The SDK's own class: a plain object is what is kept and logged.
    const plain = JSON.parse(JSON.stringify(event)) as unknown;
    for (const each of eventsOf(plain, functionName)) await host.handle(each, call);
  });
}

/** Registers a function for HTTP. */
export function registerHttp(
  functionName: string,
  load: (platform: Platform) => Promise<HttpHost>,
  platform = createGcpPlatform(),
): void {
  const open = once(() => load(platform));
  framework.http(functionName, async (incoming, outgoing) => {
    const host = await open();
    const call = callOf(platform, incoming.get("x-cloud-trace-context") ?? "http", incoming.get("traceparent"));
    const response = await host.handle(requestOf(incoming), { ...call, signedIn: isSignedIn(platform, incoming) });
    outgoing.status(response.status);
    for (const [name, value] of response.headers) outgoing.append(name, value);
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  });
}

/**
 * Cloud Run checks a caller's token before it calls the service, unless the service is open to all users. Only the deployment knows which
 * it is, so it says so: `GENOPS_SIGN_IN=platform`.
 */
function isSignedIn({ environment }: Platform, incoming: framework.Request): boolean {
  return environment["GENOPS_SIGN_IN"] === "platform" && incoming.get("authorization") !== undefined;
}

function requestOf(incoming: framework.Request): Request {
  const { method, originalUrl, protocol, rawBody } = incoming;
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct))
    for (const value of values ?? []) headers.append(name, value);
  const reads = method === "GET" || method === "HEAD";
  const body = reads || rawBody === undefined ? {} : { body: new Uint8Array(rawBody) };
  return new Request(`${protocol}://${incoming.get("host") ?? "localhost"}${originalUrl}`, {
    method,
    headers,
    ...body,
  });
}

function callOf({ environment }: Platform, id: string, traceparent: unknown): PlatformCall {
  const seconds = Number(environment["CLOUD_RUN_TIMEOUT_SECONDS"] ?? environment["GENOPS_TIMEOUT_SECONDS"]);
  const end = Date.now() + (seconds > 0 ? seconds : DEFAULT_TIMEOUT_SECONDS) * 1000;
  return {
    id,
    deadline: { remainingMs: () => end - Date.now() },
    traceparent: typeof traceparent === "string" ? traceparent : undefined,
    write: writeLine,
  };
}
