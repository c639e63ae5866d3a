import { BigQuery } from "@google-cloud/bigquery";
import * as z from "zod";
import { GenOpsError } from "../../core/errors.ts";
import type { BigQueryApi, BigQueryRequest, BigQueryResult, BigQueryRow } from "../../ports/billing-apis.ts";
import { bigQueryError } from "./bigquery-errors.ts";
import { decodeRow, type Field } from "./bigquery-rows.ts";
import type { GoogleCredentials } from "./credentials.ts";
import { createCaller, type RetryDeps } from "./retry.ts";

export interface BigQueryConfig extends RetryDeps {
  /** The project that runs the queries and is billed for them. */
  projectId: string;
  /** Default: Google's. */
  apiEndpoint?: string | undefined;
  /** Credentials with a fresh token; asked for again when a token is not accepted. Undefined: application default credentials. */
  createCredentials?: () => Promise<GoogleCredentials | undefined>;
}

/** Rows of one page; BigQuery ends a page at 20 MB anyway. */
const PAGE_ROWS = 20_000;

const FieldSchema: z.ZodType<Field> = z.lazy(() =>
  z.object({
    name: z.string().optional(),
    type: z.string().optional(),
    mode: z.string().optional(),
    fields: z.array(FieldSchema).optional(),
  }),
);

/** `jobs.query` and `jobs.getQueryResults`; of a dry run only the bytes are there. */
const Answer = z.object({
  jobComplete: z.boolean().optional(),
  jobReference: z.object({ jobId: z.string().optional(), location: z.string().optional() }).optional(),
  schema: z.object({ fields: z.array(FieldSchema).optional() }).optional(),
  rows: z.array(z.unknown()).optional(),
  totalRows: z.string().optional(),
  totalBytesProcessed: z.string().optional(),
  pageToken: z.string().nullish(),
});
type Page = z.output<typeof Answer>;

/**
 * BigQuery's REST API through its own client, which brings transport and credentials. Every query is capped; pages are fetched as rows are
 * read. A repeated request is the same query: its `requestId` stays.
 */
export function createBigQueryApi(config: BigQueryConfig): BigQueryApi {
  const calling = createCaller(config, () => createClient(config), bigQueryError);
  const call = (path: string, options: { json?: unknown; qs?: Readonly<Record<string, unknown>> }) =>
    calling((client) => send(client, path, options));

  return {
    async estimate(request) {
      const answer = await call("/queries", { json: { ...queryOf(request), dryRun: true } });
      return BigInt(answer.totalBytesProcessed ?? "0");
    },
    async query(request) {
      const json = { ...queryOf(request), maxResults: PAGE_ROWS, requestId: config.randomness.id() };
      const started = await call("/queries", { json });
      const { jobId, location } = started.jobReference ?? {};
      const more = (pageToken?: string) => {
        if (jobId === undefined) throw new GenOpsError("unavailable", "BigQuery answered without naming the job");
        const qs = { location, pageToken, maxResults: PAGE_ROWS, "formatOptions.useInt64Timestamp": true };
        return call(`/queries/${encodeURIComponent(jobId)}`, { qs });
      };
      let first = started;
      while (first.jobComplete !== true) first = await more();
      return resultOf(first, more);
    },
  };
}

async function createClient({ projectId, apiEndpoint, createCredentials }: BigQueryConfig): Promise<BigQuery> {
  const authClient = await createCredentials?.();
  return new BigQuery({
    projectId,
    autoRetry: false,
    ...(apiEndpoint === undefined ? {} : { apiEndpoint }),
    ...(authClient === undefined ? {} : { authClient }),
  });
}

function send(
  client: BigQuery,
  uri: string,
  { json, qs }: { json?: unknown; qs?: Readonly<Record<string, unknown>> },
): Promise<Page> {
  return new Promise((resolve, reject) => {
    const request = json === undefined ? { uri, qs } : { uri, method: "POST", json };
    client.request(request, (error, body: unknown) => {
      if (error !== null && error !== undefined) return reject(error);
      const answer = Answer.safeParse(body);
      if (answer.success) return resolve(answer.data);
      reject(new GenOpsError("unavailable", "BigQuery gave an answer that cannot be read", { cause: answer.error }));
    });
  });
}

function queryOf({ sql, parameters, maximumBytesBilled }: BigQueryRequest): Record<string, unknown> {
  const queryParameters = Object.entries(parameters).map(([name, { type, value }]) => ({
    name,
    parameterType: { type },
    parameterValue: { value },
  }));
  return {
    query: sql,
    useLegacySql: false,
    // A project may have another default; days and months here are UTC.
    connectionProperties: [{ key: "time_zone", value: "UTC" }],
    maximumBytesBilled: String(maximumBytesBilled),
    formatOptions: { useInt64Timestamp: true },
    ...(queryParameters.length === 0 ? {} : { parameterMode: "NAMED", queryParameters }),
  };
}

function resultOf(first: Page, more: (pageToken?: string) => Promise<Page>): BigQueryResult {
  return {
    rows: rowsFrom(first, more),
    totalRows: Number(first.totalRows ?? 0),
    bytesProcessed: BigInt(first.totalBytesProcessed ?? "0"),
  };
}

async function* rowsFrom(first: Page, more: (pageToken?: string) => Promise<Page>): AsyncIterable<BigQueryRow> {
  const fields = first.schema?.fields ?? [];
  for (let page = first; ; ) {
    for (const row of page.rows ?? []) yield decodeRow(fields, row);
    if (page.pageToken === undefined || page.pageToken === null || page.pageToken === "") return;
    page = await more(page.pageToken);
  }
}
