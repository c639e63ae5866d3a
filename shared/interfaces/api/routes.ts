import * as z from "zod";
import { GenOpsError } from "../../core/errors.ts";
import { HOME_PAGE_POLICY, renderHomePage } from "../console/home-page.ts";
import { PLAN_ROUTES } from "./approval-routes.ts";
import type { ApiDeps, FindingChange } from "./deps.ts";
import { BudgetsDocument, COST_BASES, FindingItem, ReportDocument } from "./documents.ts";
import { namesTag } from "./etag.ts";
import { HOOK_ROUTES } from "./hook-routes.ts";
import { pageOf } from "./paging.ts";
import { problem } from "./problems.ts";
import { defineRoute, type Route } from "./route.ts";

const NoQuery = z.strictObject({});
const NoBody = z.unknown();

const CostsQuery = z.strictObject({
  by: z
    .string()
    .regex(/^[a-z][a-z0-9_]*(,[a-z][a-z0-9_]*){0,7}$/, "use snake_case names with commas between them")
    .default("provider")
    .describe("snake_case FOCUS columns, date, month, or allocation dimensions"),
  period: z.string().max(40).optional().describe("2024-09, 2024-Q3, 2024, 2024-09-01..2024-09-15, mtd, last-7-days"),
  cost: z.enum(COST_BASES).default("billed"),
  asOf: z.iso.datetime({ offset: true }).optional().describe("knowledge time"),
});

const FindingsQuery = z.strictObject({
  state: z.enum(["open", "acknowledged", "snoozed", "resolved"]).optional(),
  level: z.enum(["info", "warning", "critical"]).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(1000).optional(),
});

const FindingsPage = z.object({
  findings: z.array(FindingItem),
  next: z.string().optional().describe("cursor of the next page"),
});

const actor = z.string().min(1).max(200).default("local");
const AckBody = z.strictObject({ actor });
const SnoozeBody = z.strictObject({ actor, until: z.iso.datetime({ offset: true }) });
const ResolveBody = z.strictObject({ actor, resolution: z.string().max(2000).default("closed by hand") });

const FeedbackBody = z.strictObject({
  actor,
  kind: z.enum(["expected", "planned", "wrong"]),
  from: z.iso.date().optional().describe("first planned day; absent: the first of the anomaly"),
  to: z.iso.date().optional().describe("last planned day, included"),
  note: z.string().max(2000).optional(),
});

/** The API's routes, except its own description. */
export const ROUTES: readonly Route[] = [
  defineRoute({
    method: "GET",
    path: "/",
    id: "getHomePage",
    summary: "The first page",
    query: NoQuery,
    body: NoBody,
    problems: [500, 503],
    handle: async ({ deps }) =>
      new Response(renderHomePage(await deps.homeModel()), {
        headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": HOME_PAGE_POLICY },
      }),
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/costs",
    id: "getCosts",
    summary: "Costs, grouped",
    query: CostsQuery,
    body: NoBody,
    answer: ReportDocument,
    problems: [400, 503],
    handle: async ({ deps, query }) => {
      const { by, period, cost, asOf } = query;
      const known = {
        by: by.split(","),
        cost,
        ...(period === undefined ? {} : { period }),
        ...(asOf === undefined ? {} : { asOf }),
      };
      return Response.json(await deps.report(known));
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/budgets",
    id: "getBudgets",
    summary: "Budgets and where they stand",
    query: NoQuery,
    body: NoBody,
    answer: BudgetsDocument,
    problems: [400, 503],
    handle: async ({ deps }) => Response.json(await deps.budgets()),
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/findings",
    id: "getFindings",
    summary: "Findings, the newest first",
    query: FindingsQuery,
    body: NoBody,
    answer: FindingsPage,
    problems: [400, 503],
    handle: async ({ deps, query }) => {
      const { findings } = await deps.findings();
      const wanted = findings.filter(
        (finding) =>
          (query.state ?? finding.state) === finding.state && (query.level ?? finding.level) === finding.level,
      );
      return Response.json(pageOf(wanted, query.limit, query.cursor));
    },
  }),
  defineRoute({
    method: "GET",
    path: "/api/v1/findings/{key}",
    id: "getFinding",
    summary: "One finding; its ETag is its revision",
    query: NoQuery,
    body: NoBody,
    answer: FindingItem,
    problems: [400, 404, 503],
    handle: async ({ deps, parameters }) => {
      const finding = await findFinding(deps, parameters["key"] ?? "");
      return finding === undefined ? problem(404, "There is no such finding.") : findingResponse(finding);
    },
  }),
  changeRoute("ack", "Take a finding", AckBody, ({ actor }) => ({ actor, action: "ack" })),
  changeRoute("snooze", "Be quiet about a finding for a while", SnoozeBody, ({ actor, until }) => ({
    actor,
    action: "snooze",
    until,
  })),
  changeRoute("resolve", "Close a finding", ResolveBody, ({ actor, resolution }) => ({
    actor,
    action: "resolve",
    resolution,
  })),
  changeRoute("feedback", "Say what an anomaly was", FeedbackBody, ({ actor, kind, from, to, note }) => ({
    actor,
    action: "feedback",
    kind,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(note === undefined ? {} : { note }),
  })),
  healthRoute("/healthz", "getHealth"),
  healthRoute("/health", "getHealthAlias"),
  defineRoute({
    method: "GET",
    path: "/readyz",
    id: "getReadiness",
    summary: "Whether the ledger can be read",
    query: NoQuery,
    body: NoBody,
    problems: [503],
    handle: async ({ deps }) => {
      await deps.findings();
      return Response.json({ status: "ready" });
    },
  }),
  ...PLAN_ROUTES,
  ...HOOK_ROUTES,
];

function healthRoute(path: string, id: string): Route {
  return defineRoute({
    method: "GET",
    path,
    id,
    summary: "Whether the process answers",
    query: NoQuery,
    body: NoBody,
    problems: [400],
    handle: async () => Response.json({ status: "ok" }),
  });
}

type ChangeWithoutRevision<Change = FindingChange> = Change extends unknown ? Omit<Change, "revision"> : never;

function changeRoute<Body>(
  action: string,
  summary: string,
  body: z.ZodType<Body>,
  toChange: (body: Body) => ChangeWithoutRevision,
): Route {
  return defineRoute({
    method: "POST",
    path: `/api/v1/findings/{key}/${action}`,
    id: `${action}Finding`,
    summary: `${summary}; If-Match with the finding's ETag is required`,
    query: NoQuery,
    body,
    answer: FindingItem,
    problems: [400, 403, 404, 412, 413, 415, 428, 503],
    handle: async (call) => {
      const { deps, headers } = call;
      const key = call.parameters["key"] ?? "";
      const match = headers.get("if-match");
      if (match === null)
        return problem(428, "Send If-Match with the finding's ETag, so that nobody's change is lost.");
      const finding = await findFinding(deps, key);
      if (finding === undefined) return problem(404, "There is no such finding.");
      if (!namesTag(match, revisionTag(finding), "strong"))
        return problem(412, "The finding has changed; read it again.");
      return change(deps, key, { ...toChange(call.body), revision: finding.revision });
    },
  });
}

/** Somebody may still be quicker between reading and writing: that is a precondition that failed, too. */
async function change(deps: ApiDeps, key: string, wanted: FindingChange): Promise<Response> {
  try {
    return findingResponse(await deps.changeFinding(key, wanted));
  } catch (error) {
    if (error instanceof GenOpsError && error.code === "conflict")
      return problem(412, "The finding has changed; read it again.");
    throw error;
  }
}

async function findFinding(deps: ApiDeps, key: string): Promise<FindingItem | undefined> {
  const { findings } = await deps.findings();
  return findings.find((finding) => finding.key === key);
}

function revisionTag(finding: FindingItem): string {
  return `"${finding.revision}"`;
}

function findingResponse(finding: FindingItem): Response {
  return Response.json(finding, { headers: { etag: revisionTag(finding) } });
}
