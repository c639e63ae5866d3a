import * as z from "zod";
import { isPlanHash } from "../../clusters/enforcement/approvals/documents.ts";
import { PLAN_STATES, type PlanRecord } from "../../clusters/enforcement/approvals/types.ts";
import type { PlanWish } from "./deps.ts";
import { PlanDocument, PlansDocument, planDocument, planItem } from "./plan-documents.ts";
import { problem } from "./problems.ts";
import { defineRoute, type Route } from "./route.ts";

/** Addresses that a bearer token opens where the platform has not signed the caller in. */
const PREFIX = "/api/v1/enforcement/";

export function isEnforcementPath(path: string): boolean {
  return path.startsWith(PREFIX);
}

const NoQuery = z.strictObject({});
const PlansQuery = z.strictObject({ state: z.enum(PLAN_STATES).optional() });
const reason = z.string().max(500).exactOptional();
const until = z.iso.datetime({ offset: true });
const Plain = z.strictObject({ reason });
const Snooze = z.strictObject({ until, reason });
const Exempt = z.strictObject({
  until,
  step: z.int().nonnegative().describe("index in the plan's steps"),
  what: z.enum(["workload", "namespace"]),
  reason,
});

/** Plans of enforcement, and what people decide about them. */
export const PLAN_ROUTES: readonly Route[] = [
  defineRoute({
    method: "GET",
    path: `${PREFIX}plans`,
    id: "getPlans",
    summary: "Plans of enforcement, the newest first",
    query: PlansQuery,
    body: z.unknown(),
    answer: PlansDocument,
    problems: [400, 401, 503],
    handle: async ({ deps, query }) => {
      const plans = (await deps.plans.list()).filter(({ state }) => (query.state ?? state) === state);
      return Response.json({ plans: plans.map(planItem) });
    },
  }),
  defineRoute({
    method: "GET",
    path: `${PREFIX}plans/{hash}`,
    id: "getPlan",
    summary: "One plan: what it would do, what it saves, and where it is in its life",
    query: NoQuery,
    body: z.unknown(),
    answer: PlanDocument,
    problems: [400, 401, 404, 503],
    handle: async ({ deps, parameters }) => {
      const hash = parameters["hash"] ?? "";
      const record = isPlanHash(hash) ? await deps.plans.read(hash) : undefined;
      return record === undefined ? noPlan() : planResponse(record);
    },
  }),
  decisionRoute("approve", "Approve exactly this plan", Plain, (given) => ({ kind: "approve", ...given })),
  decisionRoute("reject", "Reject a plan for as long as it is wanted", Plain, (given) => ({
    kind: "reject",
    ...given,
  })),
  decisionRoute("snooze", "Ask again later", Snooze, (given) => ({ kind: "snooze", ...given })),
  decisionRoute(
    "exempt",
    "Leave a workload or a namespace of the plan alone until a day, and drop the plan",
    Exempt,
    ({ step, what, ...given }) => ({ kind: "exempt", exempt: { step, what }, ...given }),
  ),
];

function decisionRoute<Body>(
  action: PlanWish["kind"],
  summary: string,
  body: z.ZodType<Body>,
  toWish: (body: Body) => PlanWish,
): Route {
  return defineRoute({
    method: "POST",
    path: `${PREFIX}plans/{hash}/${action}`,
    id: `${action}Plan`,
    summary,
    query: NoQuery,
    body,
    bearer: true,
    answer: PlanDocument,
    problems: [400, 401, 403, 404, 413, 415, 503],
    handle: async ({ deps, parameters, headers, body: given }) => {
      const signed = await deps.plans.signIn(headers);
      if (!signed.ok) return notSignedIn(signed.why);
      const hash = parameters["hash"] ?? "";
      if (!isPlanHash(hash) || (await deps.plans.read(hash)) === undefined) return noPlan();
      const outcome = await deps.plans.decide(hash, signed.person, toWish(given));
      return outcome.counted ? planResponse(outcome.record) : problem(403, `It does not count: ${outcome.why}.`);
    },
  });
}

/** For people only, who learn how to sign in. */
export function notSignedIn(why: string): Response {
  const response = problem(401, `${why}.`);
  response.headers.set("www-authenticate", 'Bearer realm="genops"');
  return response;
}

function noPlan(): Response {
  return problem(404, "There is no such plan.");
}

function planResponse(record: PlanRecord): Response {
  return Response.json(planDocument(record));
}
