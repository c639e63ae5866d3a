import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { DuckDBInstance, type DuckDBType, type Json } from "@duckdb/node-api";

/** What the next matching request is answered with instead; `after`: the request takes effect first, and only its answer is lost. */
export interface Fault {
  on: "insert" | "page" | "any";
  status: number;
  reason: string;
  headers?: Record<string, string>;
  after?: boolean;
}

export interface BigQueryStub {
  url: string;
  /** DuckDB, in which the tables are made: a table is called `project.dataset.table`. */
  run(sql: string): Promise<void>;
  /** Statements that were run for good, without dry runs, in BigQuery's dialect. */
  queries: string[];
  faults: Fault[];
  /** Bearer tokens that are accepted; empty: all. */
  tokens: Set<string>;
  requests: { method: string; path: string; body: unknown }[];
  /** What a query is said to read. */
  bytesOf: (sql: string) => bigint;
  pageRows: number;
  close(): Promise<void>;
}

interface Field {
  name: string;
  type: string;
  mode: "NULLABLE" | "REPEATED";
  fields?: Field[];
}

interface Done {
  fields: Field[];
  rows: unknown[];
  bytes: bigint;
  polled: boolean;
}

const MEGABYTE = 2n ** 20n;

/** BigQuery's REST API as far as the client needs it for queries, in front of DuckDB, which runs the SQL. */
export async function createBigQueryStub(): Promise<BigQueryStub> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  for (const macro of MACROS) await connection.run(macro);
  const jobs = new Map<string, Done>();
  const stub: BigQueryStub = {
    url: "",
    run: async (sql) => void (await connection.run(sql)),
    queries: [],
    faults: [],
    tokens: new Set(),
    requests: [],
    bytesOf: () => 20n * MEGABYTE,
    pageRows: 1000,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          connection.closeSync();
          instance.closeSync();
          resolve();
        });
      }),
  };

  async function insert(body: InsertBody): Promise<unknown> {
    const { query, maximumBytesBilled, queryParameters = [], requestId } = body;
    const bytes = stub.bytesOf(query);
    if (body.dryRun === true) return { jobComplete: true, totalBytesProcessed: String(bytes), cacheHit: false };
    const jobId = `job_${requestId}`;
    const reference = { jobReference: { projectId: "p", jobId, location: "EU" }, jobComplete: false };
    // The same request again is the same job.
    if (jobs.has(jobId)) return reference;
    if (bytes > BigInt(maximumBytesBilled)) {
      throw failure(
        400,
        "bytesBilledLimitExceeded",
        `Query exceeded limit for bytes billed: ${maximumBytesBilled}. ${bytes} or higher required.`,
      );
    }
    const reader = await connection.runAndReadAll(translate(query, queryParameters)).catch((error: unknown) => {
      throw failure(400, "invalidQuery", String(error));
    });
    const types = reader.columnTypes();
    const fields = reader.columnNames().map((name, index) => fieldOf(name, types[index]));
    const rows = reader.getRowsJson().map((row) => ({ f: fields.map((field, at) => ({ v: wire(field, row[at]) })) }));
    jobs.set(jobId, { fields, rows, bytes, polled: false });
    stub.queries.push(query);
    return reference;
  }

  function page(jobId: string, query: URLSearchParams): unknown {
    const job = jobs.get(jobId);
    if (job === undefined || query.get("location") !== "EU") throw failure(404, "notFound", `Not found: Job ${jobId}`);
    const head = { jobReference: { projectId: "p", jobId, location: "EU" } };
    // The first look finds the query still running.
    if (!job.polled) {
      job.polled = true;
      return { ...head, jobComplete: false };
    }
    const start = Number(query.get("pageToken") ?? "0");
    const end = start + Math.min(stub.pageRows, Number(query.get("maxResults")));
    return {
      ...head,
      jobComplete: true,
      // Later pages come without it.
      ...(start === 0 ? { schema: { fields: job.fields } } : {}),
      totalRows: String(job.rows.length),
      totalBytesProcessed: String(job.bytes),
      rows: job.rows.slice(start, end),
      pageToken: end < job.rows.length ? String(end) : null,
    };
  }

  async function answer(request: IncomingMessage): Promise<unknown> {
    const url = new URL(request.url ?? "/", stub.url);
    const text = await bodyOf(request);
    const body: unknown = text === "" ? undefined : JSON.parse(text);
    stub.requests.push({ method: request.method ?? "", path: url.pathname, body });
    const token = request.headers.authorization?.replace("Bearer ", "") ?? "";
    if (stub.tokens.size > 0 && !stub.tokens.has(token)) throw failure(401, "authError", "Invalid Credentials");
    const kind = request.method === "POST" ? "insert" : "page";
    const fault = stub.faults.findIndex(({ on }) => on === kind || on === "any");
    const [chosen] = fault < 0 ? [] : stub.faults.splice(fault, 1);
    if (chosen !== undefined && chosen.after !== true) throw failure(chosen.status, chosen.reason, "injected", chosen);
    const jobId = url.pathname.split("/").at(-1) ?? "";
    const result = kind === "insert" ? await insert(body as InsertBody) : page(jobId, url.searchParams);
    if (chosen !== undefined) throw failure(chosen.status, chosen.reason, "injected", chosen);
    return result;
  }

  const server = createServer((request, response) => {
    answer(request).then(
      (body) => send(response, 200, body),
      (error: unknown) => {
        const {
          status = 500,
          headers = {},
          body = { error: { code: 500, message: String(error) } },
        } = error as Failure;
        send(response, status, body, headers);
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stub.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return stub;
}

interface InsertBody {
  dryRun?: boolean;
  query: string;
  maximumBytesBilled: string;
  queryParameters?: Parameter[];
  requestId: string;
}

interface Parameter {
  name: string;
  parameterType: { type: string };
  parameterValue: { value: string };
}

interface Failure {
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
}

function failure(status: number, reason: string, message: string, fault: Partial<Fault> = {}): Failure {
  return {
    status,
    headers: fault.headers ?? {},
    body: { error: { code: status, message, errors: [{ reason, message, domain: "global" }] } },
  };
}

function send(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** Fills INFORMATION_SCHEMA.COLUMNS with a table that was made; pseudo columns have no place in the order. */
export async function describeInStub(stub: BigQueryStub, table: string): Promise<void> {
  const bare = table.split(".").at(-1) ?? table;
  await stub.run(`CREATE TABLE IF NOT EXISTS information_columns
    (table_name VARCHAR, column_name VARCHAR, data_type VARCHAR, ordinal_position BIGINT)`);
  await stub.run(`DELETE FROM information_columns WHERE table_name = '${bare}'`);
  await stub.run(`INSERT INTO information_columns SELECT '${bare}', column_name, ${TYPE_NAME},
      CASE WHEN column_name NOT LIKE '!_PART%' ESCAPE '!' THEN column_index END
    FROM duckdb_columns() WHERE table_name = '${table}'`);
}

/** BigQuery's names of DuckDB's types. */
const TYPE_NAME = `regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(data_type,
  '^(STRUCT.*)\\[\\]$', 'ARRAY<\\1>'), 'VARCHAR', 'STRING', 'g'), 'DOUBLE', 'FLOAT64', 'g'), 'DECIMAL\\([0-9,]*\\)', 'NUMERIC', 'g'), '"', '', 'g')`;

/** BigQuery's functions that DuckDB calls otherwise. */
const MACROS = [
  "CREATE MACRO format_timestamp(pattern, t) AS strftime(t, pattern)",
  // Of nothing it is the text `null`.
  "CREATE MACRO to_json_string(v) AS coalesce(to_json(v)::VARCHAR, 'null')",
];

/** What differs between the two dialects in the statements that GenOps sends. */
function translate(sql: string, parameters: readonly Parameter[]): string {
  const named = parameters.reduce((text, { name, parameterType, parameterValue: { value } }) => {
    const literal = `'${value.replaceAll("'", "''")}'`;
    const typed = parameterType.type === "STRING" ? literal : `${parameterType.type} ${literal.replace(" UTC", "")}`;
    return text.replaceAll(new RegExp(`@${name}\\b`, "g"), typed);
  }, sql);
  return named
    .replaceAll(/`[^`]*`\.INFORMATION_SCHEMA\.COLUMNS/g, "information_columns")
    .replaceAll("`", '"')
    .replaceAll(/UNNEST\((\w+)\) AS (\w+)/g, "(SELECT unnest($1) AS $2)")
    .replaceAll(/\bBIGNUMERIC\b/g, "DECIMAL(38,18)")
    .replaceAll(/\b(UNNEST\([^)]*\)) AS c\b/g, "$1 AS c_(c)")
    .replaceAll(/\bSTRING\b/g, "VARCHAR");
}

function fieldOf(name: string, type: DuckDBType | undefined): Field {
  const text = String(type);
  if (type !== undefined && "valueType" in type) return { ...fieldOf(name, type.valueType), mode: "REPEATED" };
  if (type !== undefined && "entryNames" in type) {
    const fields = type.entryNames.map((entry, index) => fieldOf(entry, type.entryTypes[index]));
    return { name, type: "RECORD", mode: "NULLABLE", fields };
  }
  return { name, type: text.startsWith("DECIMAL") ? "NUMERIC" : (TYPES[text] ?? "STRING"), mode: "NULLABLE" };
}

const TYPES: Readonly<Record<string, string>> = {
  BIGINT: "INTEGER",
  INTEGER: "INTEGER",
  DOUBLE: "FLOAT",
  BOOLEAN: "BOOLEAN",
  TIMESTAMP: "TIMESTAMP",
  DATE: "DATE",
};

/** A value as the REST API writes it: scalars as text, timestamps in microseconds. */
function wire(field: Field, value: Json | undefined): unknown {
  if (value === null || value === undefined) return field.mode === "REPEATED" ? [] : null;
  if (field.mode === "REPEATED") {
    return (value as Json[]).map((item) => ({ v: wire({ ...field, mode: "NULLABLE" }, item) }));
  }
  if (field.type === "RECORD") {
    const record = value as Record<string, Json>;
    return { f: (field.fields ?? []).map((inner) => ({ v: wire(inner, record[inner.name]) })) };
  }
  if (field.type === "TIMESTAMP") return micros(String(value));
  // NUMERIC has no trailing zeros on the wire.
  const text = String(value);
  return field.type === "NUMERIC" && text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function micros(text: string): string {
  const [seconds = "", fraction = ""] = text.split(".");
  const whole = BigInt(Date.parse(`${seconds.replace(" ", "T")}Z`)) * 1000n;
  return String(whole + BigInt(fraction.padEnd(6, "0").slice(0, 6)));
}
