import * as z from "zod";
import {
  byteSize,
  closed,
  currency,
  dimension,
  expected,
  flag,
  httpUrl,
  kebabName,
  listOf,
  mapOf,
  month,
  nonEmptyListOf,
  oneOf,
  paidCalls,
  text,
  textOf,
  wholeNumber,
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

const plainUrl = httpUrl.refine((url) => {
  const parsed = URL.parse(url);
  return parsed?.username === "" && parsed.password === "";
}, expected("a URL without user name and password"));

const usageApi = { url: z.exactOptional(httpUrl), key: text };

/** As a budget's scope; `tag:eks:cluster-name` selects by one tag. */
const clusterMatch = mapOf(
  z.union([dimension, z.string().regex(/^tag:.+$/, expected("a dimension, or tag:KEY"))]),
  z.union([text.transform((value): readonly string[] => [value]), nonEmptyListOf(text, "values")]),
  "dimension or tag:KEY to values",
).refine(
  (match) => Object.keys(match).length > 0,
  expected("at least one dimension or tag:KEY: which bill rows are the cluster's"),
);

const azureCostExport = closed({
  type: z.literal("azure-cost-export"),
  ...common,
  actual: z.exactOptional(location),
  amortized: z.exactOptional(location),
}).refine(
  (source) => source.actual !== undefined || source.amortized !== undefined,
  expected("actual, amortized or both"),
);

const TABLE = /^[a-z][\w.:-]*\.\w+\.[\w$-]+$/;
const bigQueryTable = z
  .string(expected("a table such as my-project.billing.gcp_billing_export_v1_01ABCD"))
  .regex(TABLE, expected("a table such as my-project.billing.gcp_billing_export_v1_01ABCD"));

const bigQueryReading = {
  queryProject: z.exactOptional(text),
  maximumBytesBilled: z.exactOptional(byteSize),
};

const gcpBillingExport = closed({
  type: z.literal("gcp-billing-export"),
  ...common,
  ...bigQueryReading,
  table: z.exactOptional(bigQueryTable),
  location: z.exactOptional(location),
}).refine(
  (source) => (source.table === undefined) !== (source.location === undefined),
  expected("either table or location"),
);

/** Further keys than the one that tells the charge's category, which is always among them. */
function groupKeysOf(key: z.ZodType<string>, categoryKey: string) {
  return nonEmptyListOf(key, "keys to group by").refine(
    (keys) => new Set(keys).size === keys.length && keys.filter((each) => each !== categoryKey).length <= 3,
    expected(`different keys, at most three beside ${categoryKey}`),
  );
}

const COST_METRICS = [
  "UnblendedCost",
  "NetUnblendedCost",
  "AmortizedCost",
  "NetAmortizedCost",
  "UsageQuantity",
] as const;
const refreshHours = z.exactOptional(wholeNumber(1, 168));

const awsCostExplorer = closed({
  type: z.literal("aws-cost-explorer"),
  ...common,
  maxDailyCost: paidCalls,
  metrics: z.exactOptional(
    nonEmptyListOf(oneOf(COST_METRICS), "metrics").refine(
      (metrics) => metrics.includes("UnblendedCost") || metrics.includes("NetUnblendedCost"),
      expected("UnblendedCost or NetUnblendedCost among the metrics"),
    ),
  ),
  groupBy: z.exactOptional(
    groupKeysOf(
      z
        .string(expected("a dimension such as SERVICE, TAG:team or COST_CATEGORY:Unit"))
        .regex(
          /^([A-Z][A-Z_]*|(TAG|COST_CATEGORY):.+)$/,
          expected("a dimension such as SERVICE, TAG:team or COST_CATEGORY:Unit"),
        ),
      "RECORD_TYPE",
    ),
  ),
  refreshHours,
});

const AZURE_SCOPE =
  /^\/?(subscriptions\/[^/]+(\/resourceGroups\/[^/]+)?|providers\/Microsoft\.(Billing|Management)\/.+[^/])\/?$/i;
const scopeWords = "a scope such as subscriptions/ID, or providers/Microsoft.Billing/billingAccounts/ID";

const azureCostQuery = closed({
  type: z.literal("azure-cost-query"),
  ...common,
  scope: z.string(expected(scopeWords)).regex(AZURE_SCOPE, expected(scopeWords)),
  groupBy: z.exactOptional(
    groupKeysOf(
      z
        .string(expected("a dimension such as ServiceName, or TAG:team"))
        .regex(/^([A-Za-z]+|TAG:.+)$/, expected("a dimension such as ServiceName, or TAG:team")),
      "ChargeType",
    ).refine(
      // An answer names a tag's value by the one column TagValue.
      (keys) => keys.filter((key) => key.startsWith("TAG:")).length <= 1,
      expected("at most one TAG:…"),
    ),
  ),
  refreshHours,
});

const athenaTable = closed({
  database: text,
  table: text,
  workgroup: z.exactOptional(text),
  output: z.exactOptional(z.string(expected("s3://bucket/prefix")).regex(/^s3:\/\//, expected("s3://bucket/prefix"))),
  region: z.exactOptional(text),
});

const focusExport = closed({
  type: z.literal("focus-export"),
  ...common,
  ...bigQueryReading,
  location: z.exactOptional(location),
  table: z.exactOptional(bigQueryTable),
  athena: z.exactOptional(athenaTable),
  mode: z.exactOptional(oneOf(["copy", "in-place"])),
  version: z.exactOptional(oneOf(["1.0", "1.1", "1.2", "1.3", "1.4"])),
  credits: z.exactOptional(oneOf(["separate", "included"])),
})
  .refine(
    ({ location: files, table, athena }) => [files, table, athena].filter((place) => place !== undefined).length === 1,
    expected("one of location, table and athena"),
  )
  .refine(
    ({ location: files, mode }) => files === undefined || mode !== "in-place",
    expected("table or athena with mode: in-place; the rows of files are always copied"),
  )
  .refine(
    ({ athena, mode }) => athena === undefined || mode === "in-place",
    expected("mode: in-place with athena; to copy its rows, name the files behind the table as location"),
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
    awsCostExplorer,
    azureCostExport,
    azureCostQuery,
    gcpBillingExport,
    focusExport,
    closed({ type: z.literal("custom"), ...common, location, sql: textOf("a SELECT into FOCUS columns") }),
    closed({ type: z.literal("opencost"), ...common, url: plainUrl, cluster: text, match: clusterMatch }),
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
