import * as z from "zod";
import {
  closed,
  currency,
  expected,
  flag,
  httpUrl,
  kebabName,
  listOf,
  month,
  nonEmptyListOf,
  oneOf,
  positive,
  text,
  textOf,
} from "./scalars.ts";
import { didYouMean } from "./suggest.ts";
import type { SourceTypeName } from "./types.ts";

const CRON = /^\s*([\d*/,A-Za-z-]+\s+){4}[\d*/,A-Za-z-]+\s*$/;
const location = textOf("a path, a glob, a folder or a bucket URL");

const common = {
  id: kebabName,
  billingAccountId: z.exactOptional(text),
  currency: z.exactOptional(currency),
  schedule: z.exactOptional(
    z
      .string(expected('a cron expression such as "0 */6 * * *"'))
      .regex(CRON, expected('a cron expression such as "0 */6 * * *"')),
  ),
  periods: z.exactOptional(nonEmptyListOf(month, "billing periods")),
  allowShrink: z.exactOptional(flag),
  dateFormat: z.exactOptional(oneOf(["DMY", "MDY"])),
  lake: z.exactOptional(kebabName),
};

const usageApi = { url: z.exactOptional(httpUrl), key: text };

const azureCostExport = closed({
  type: z.literal("azure-cost-export"),
  ...common,
  actual: z.exactOptional(location),
  amortized: z.exactOptional(location),
}).refine(
  (source) => source.actual !== undefined || source.amortized !== undefined,
  expected("actual, amortized or both"),
);

const gcpBillingExport = closed({
  type: z.literal("gcp-billing-export"),
  ...common,
  table: z.exactOptional(text),
  location: z.exactOptional(location),
}).refine(
  (source) => (source.table === undefined) !== (source.location === undefined),
  expected("either table or location"),
);

/** The names of `sources[].type`; each has its folder in `ingestion/sources`. */
export const SOURCE_TYPES = [
  "aws-data-export",
  "aws-cost-explorer",
  "azure-cost-export",
  "azure-cost-query",
  "gcp-billing-export",
  "focus-export",
  "custom",
  "opencost",
  "otlp",
  "openai-usage",
  "anthropic-usage",
] as const satisfies readonly SourceTypeName[];

/** One source of bills or usage. */
export const Source = z.discriminatedUnion(
  "type",
  [
    closed({ type: z.literal("aws-data-export"), ...common, location }),
    closed({
      type: z.literal("aws-cost-explorer"),
      ...common,
      maxDailyCost: positive,
      metrics: z.exactOptional(nonEmptyListOf(text, "metrics")),
      groupBy: z.exactOptional(nonEmptyListOf(text, "dimensions")),
    }),
    azureCostExport,
    closed({ type: z.literal("azure-cost-query"), ...common, scope: text }),
    gcpBillingExport,
    closed({
      type: z.literal("focus-export"),
      ...common,
      location,
      version: z.exactOptional(oneOf(["1.0", "1.1", "1.2", "1.3", "1.4"])),
      credits: z.exactOptional(oneOf(["separate", "included"])),
    }),
    closed({ type: z.literal("custom"), ...common, location, sql: textOf("a SELECT into FOCUS columns") }),
    closed({ type: z.literal("opencost"), ...common, url: httpUrl }),
    closed({ type: z.literal("otlp"), ...common }),
    closed({ type: z.literal("openai-usage"), ...common, ...usageApi }),
    closed({ type: z.literal("anthropic-usage"), ...common, ...usageApi }),
  ],
  {
    error: (issue) => {
      if (issue.code !== "invalid_union") return "expected a mapping with id, type, …";
      const given = (issue.input as { type?: unknown }).type;
      const hint = typeof given === "string" ? didYouMean(given, SOURCE_TYPES) : "";
      return `expected one of ${SOURCE_TYPES.join(", ")}${hint}`;
    },
  },
);

export const Sources = listOf(Source, "sources").superRefine((sources, context) => {
  for (const [index, { id }] of sources.entries()) {
    const first = sources.findIndex((other) => other.id === id);
    if (first === index) continue;
    context.addIssue({ code: "custom", message: `this id is taken by sources[${first}]`, path: [index, "id"] });
  }
});
