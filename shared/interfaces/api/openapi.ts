import * as z from "zod";
import { BudgetItem, BudgetsDocument, FindingItem, ProblemDocument, ReportDocument } from "./documents.ts";
import { PlanDocument, PlansDocument } from "./plan-documents.ts";
import type { Route } from "./route.ts";
import { ROUTES } from "./routes.ts";

const COMPONENTS: readonly (readonly [string, z.ZodType])[] = [
  ["Report", ReportDocument],
  ["Budget", BudgetItem],
  ["Budgets", BudgetsDocument],
  ["Finding", FindingItem],
  ["Plan", PlanDocument],
  ["Plans", PlansDocument],
  ["Problem", ProblemDocument],
];

const PROBLEM_WORDS: Readonly<Record<number, string>> = {
  400: "The request is wrong",
  401: "There is no token, or it is not accepted",
  403: "Not allowed: from another origin, not from its sender, or it does not count",
  404: "No such thing",
  412: "It has changed since it was read",
  413: "The body is too large",
  415: "The body is not JSON",
  428: "If-Match is missing",
  500: "A failure inside GenOps",
  503: "Something outside did not answer",
};

type JsonObject = { [key: string]: unknown };

/** The OpenAPI 3.1 document of the API, made from the route table. */
export function openApiDocument(): JsonObject {
  const paths: Record<string, JsonObject> = {};
  for (const route of ROUTES)
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route) };
  return {
    openapi: "3.1.0",
    info: {
      title: "GenOps",
      version: "1.0.0",
      summary: "Cost, budgets and findings across clouds",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    security: [],
    paths,
    components: {
      securitySchemes: { person: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
      schemas: Object.fromEntries(COMPONENTS.map(([name, schema]) => [name, jsonSchema(schema, "output")])),
    },
  };
}

function operation(route: Route): JsonObject {
  const parameters = [...pathParameters(route), ...queryParameters(route), ...headerParameters(route)];
  return {
    operationId: route.id,
    summary: route.summary,
    ...(route.bearer === true ? { security: [{ person: [] }] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined ? {} : { requestBody: { content: requestContent(route, route.body) } }),
    responses: {
      200: okResponse(route),
      ...Object.fromEntries(route.problems.map((status) => [status, problemResponse(status)])),
    },
  };
}

function requestContent({ hook }: Route, body: z.ZodType): JsonObject {
  const schema = jsonSchema(body, "input");
  return Object.fromEntries((hook?.consumes ?? ["application/json"]).map((type) => [type, { schema }]));
}

function okResponse(route: Route): JsonObject {
  if (route.path === "/")
    return { description: "An HTML page", content: { "text/html": { schema: { type: "string" } } } };
  const schema =
    route.answer === undefined
      ? { type: "object", properties: { status: { type: "string" } } }
      : reference(route.answer);
  return { description: route.summary, content: { "application/json": { schema } } };
}

function problemResponse(status: number): JsonObject {
  const content = { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } };
  return { description: PROBLEM_WORDS[status] ?? "A problem", content };
}

function reference(schema: z.ZodType): JsonObject {
  const known = COMPONENTS.find(([, each]) => each === schema);
  return known === undefined ? jsonSchema(schema, "output") : { $ref: `#/components/schemas/${known[0]}` };
}

function pathParameters(route: Route): JsonObject[] {
  return [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

function queryParameters(route: Route): JsonObject[] {
  const schema = jsonSchema(route.query, "input");
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  return Object.entries(schema["properties"] ?? {}).map(([name, each]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema: each,
  }));
}

function headerParameters(route: Route): JsonObject[] {
  return route.method === "POST" && route.hook === undefined && route.bearer !== true
    ? [{ name: "If-Match", in: "header", required: true, schema: { type: "string" } }]
    : [];
}

function jsonSchema(schema: z.ZodType, io: "input" | "output"): JsonObject {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}
