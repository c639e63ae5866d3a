import * as z from "zod";
import type { Hook, HookAnswer, Hooks } from "../hooks/types.ts";
import { problem } from "./problems.ts";
import { defineRoute, type Route } from "./route.ts";

/** Larger than any sender's largest message, escaped. */
export const HOOK_BYTES = 1024 * 1024;

const AnyQuery = z.looseObject({});
const SecretQuery = z.looseObject({
  secret: z.string().optional().describe("alerts.azureMonitor.secret, for the plain webhook"),
});
const Body = z.string().describe("as the sender sends it");

/** How a webhook was answered. */
const HookResult = z.object({ status: z.enum(["accepted", "repeated", "confirmed"]), detail: z.string() });

/** Webhooks of the clouds and of Slack. They need no signing in: each sender proves itself. */
export const HOOK_ROUTES: readonly Route[] = [
  hookRoute({
    path: "/hooks/sns",
    id: "receiveSns",
    summary: "Alerts of AWS Budgets and Cost Anomaly Detection through SNS, verified by SNS's signature",
    query: AnyQuery,
    hook: (hooks) => hooks.sns,
    consumes: ["text/plain"],
  }),
  hookRoute({
    path: "/hooks/azure-monitor",
    id: "receiveAzureMonitor",
    summary: "Alerts of an Azure Action Group, verified by an Entra token or the secret in the URL",
    query: SecretQuery,
    hook: (hooks) => hooks.azureMonitor,
    consumes: ["application/json"],
  }),
  hookRoute({
    path: "/hooks/pubsub",
    id: "receivePubSub",
    summary: "Budget notifications of Google Cloud by Pub/Sub push, verified by Google's OIDC token",
    query: AnyQuery,
    hook: (hooks) => hooks.pubsub,
    consumes: ["application/json"],
  }),
  hookRoute({
    path: "/hooks/slack",
    id: "receiveSlack",
    summary: "Clicks on the buttons of our messages in Slack, verified by Slack's signature",
    query: AnyQuery,
    hook: (hooks) => hooks.slack,
    consumes: ["application/x-www-form-urlencoded"],
    // Some interactions of Slack take a body for a new message.
    empty: true,
  }),
];

/** Whether a path is a webhook's, which is served to whom the platform does not know. */
export function isHookPath(path: string): boolean {
  return HOOK_ROUTES.some((route) => route.path === path);
}

interface HookRoute {
  path: string;
  id: string;
  summary: string;
  query: z.ZodType<Readonly<Record<string, unknown>>>;
  hook: (hooks: Hooks) => Hook;
  consumes: readonly string[];
  /** The sender wants an empty answer. */
  empty?: boolean;
}

function hookRoute({ hook, consumes, query, empty = false, ...route }: HookRoute): Route {
  const defined = defineRoute({
    ...route,
    method: "POST",
    query,
    body: Body,
    ...(empty ? {} : { answer: HookResult }),
    problems: [400, 403, 404, 413, 503],
    handle: async ({ deps, headers, query: given, body }) => {
      const response = responseOf(await hook(deps.hooks)({ headers, query: textsOf(given), body }));
      return empty && response.ok ? new Response(null) : response;
    },
  });
  return { ...defined, hook: { consumes } };
}

function textsOf(query: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(query).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])),
  );
}

/** A stranger learns nothing about why; whoever sets up learns what is missing. */
function responseOf({ status, detail }: HookAnswer): Response {
  switch (status) {
    case "accepted":
    case "repeated":
    case "confirmed":
      return Response.json({ status, detail });
    case "refused":
      return problem(403, "This message is not from whom it should be; the log of GenOps has the reason.");
    case "malformed":
      return problem(400, detail);
    case "unconfigured":
      return problem(404, detail);
  }
}
