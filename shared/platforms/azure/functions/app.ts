import { app, type HttpRequest, type HttpResponseInit, type InvocationContext } from "@azure/functions";
import type { ScheduleDue } from "../../../core/events.ts";
import { once } from "../../../core/once.ts";
import { jsonOrText, scheduleDue } from "../../../core/platform-events.ts";
import type { EventHost, HttpHost, LogEntry, Platform, PlatformCall } from "../../../ports/platform.ts";
import { eventsOf } from "./events.ts";
import { createAzurePlatform, STORAGE } from "./platform.ts";

/** `functionTimeout` of host.json, which the worker is not told. */
const TIMEOUT_MS = 10 * 60_000;

export interface EventTriggers {
  /** NCRONTAB (UTC, six fields) of each task. */
  schedules: Readonly<Partial<Record<ScheduleDue["task"], string>>>;
  /** The setting that names the queue, where it has one; one that is not set has no trigger, for the host would refuse the whole app. */
  queue?: string;
  /** Does Event Grid tell it of new blobs? */
  blobs?: boolean;
}

/** Registers a function for events: a timer per schedule, its queue, Event Grid. `load` brings everything heavy at the first call. */
export function registerEvents(
  functionName: string,
  { schedules, queue, blobs = false }: EventTriggers,
  load: (platform: Platform) => Promise<EventHost>,
): void {
  const platform = createAzurePlatform();
  const open = once(() => load(platform));
  const handleAll = async (events: readonly unknown[], context: InvocationContext) => {
    const host = await open();
    for (const event of events) await host.handle(event, callOf(context));
  };
  for (const [task, schedule] of Object.entries(schedules) as [ScheduleDue["task"], string][]) {
    app.timer(`${functionName}-${task}`, {
      schedule,
      retry: { strategy: "fixedDelay", maxRetryCount: 2, delayInterval: { minutes: 1 } },
      handler: (_timer, context) => {
        const origin = {
          id: context.invocationId,
          source: `azure:timer/${functionName}`,
          time: new Date().toISOString(),
        };
        return handleAll([scheduleDue(origin, task)], context);
      },
    });
  }
  if (queue !== undefined && (platform.environment[queue] ?? "") !== "") {
    app.storageQueue(`${functionName}-queue`, {
      queueName: `%${queue}%`,
      connection: STORAGE,
      handler: (message, context) => handleAll([typeof message === "string" ? jsonOrText(message) : message], context),
    });
  }
  if (blobs) {
    app.eventGrid(`${functionName}-blob`, { handler: (event, context) => handleAll(eventsOf(event), context) });
  }
}

export interface HttpRoute {
  route: string;
  /** `anyone`: what answers here looks after itself. `signed-in`: the platform lets nobody else in. */
  callers: "anyone" | "signed-in";
}

/** Registers a function for HTTP under several routes. `load` brings everything heavy at the first call. */
export function registerHttp(
  functionName: string,
  routes: Readonly<Record<string, HttpRoute>>,
  load: (platform: Platform) => Promise<HttpHost>,
): void {
  const platform = createAzurePlatform();
  const open = once(() => load(platform));
  // With App Service authentication people sign in with Entra; without it the platform asks for a function key.
  const entra = platform.environment["WEBSITE_AUTH_ENABLED"] === "True";
  for (const [suffix, { route, callers }] of Object.entries(routes)) {
    app.http(suffix === "" ? functionName : `${functionName}-${suffix}`, {
      route,
      methods: ["GET", "HEAD", "POST", "PUT", "DELETE"],
      authLevel: callers === "signed-in" && !entra ? "function" : "anonymous",
      handler: async (request, context) => {
        const host = await open();
        const signedIn = callers === "signed-in" && (!entra || request.headers.has("x-ms-client-principal"));
        const traceparent = request.headers.get("traceparent") ?? undefined;
        const call = { ...callOf(context), ...(traceparent === undefined ? {} : { traceparent }), signedIn };
        return answerOf(await host.handle(await requestOf(request), call));
      },
    });
  }
}

async function requestOf(request: HttpRequest): Promise<Request> {
  const { method, url } = request;
  const headers = Object.fromEntries(request.headers.entries());
  const reads = method === "GET" || method === "HEAD";
  return new Request(url, { method, headers, ...(reads ? {} : { body: await request.arrayBuffer() }) });
}

async function answerOf(response: Response): Promise<HttpResponseInit> {
  const headers = Object.fromEntries(response.headers);
  return { status: response.status, headers, body: new Uint8Array(await response.arrayBuffer()) };
}

function callOf(context: InvocationContext): PlatformCall {
  const end = Date.now() + TIMEOUT_MS;
  return {
    id: context.invocationId,
    deadline: { remainingMs: () => end - Date.now() },
    traceparent: context.traceContext?.traceParent,
    write: (entry) => writeTo(context, entry),
  };
}

/** The host sends it to Application Insights with the invocation's id. */
function writeTo(context: InvocationContext, { severity, message, fields }: LogEntry): void {
  context[severity](JSON.stringify({ message, ...fields }));
}
