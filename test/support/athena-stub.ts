import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { DuckDBInstance } from "@duckdb/node-api";

export interface AthenaStub {
  url: string;
  run(sql: string): Promise<void>;
  /** Statements that were run, in Athena's dialect. */
  queries: string[];
  calls: { action: string; input: Record<string, unknown> }[];
  /** Regions that requests were signed for. */
  regions: string[];
  faults: { action: string; status: number; type: string; after?: boolean }[];
  /** `BytesScannedCutoffPerQuery` by workgroup. */
  limits: Record<string, number | undefined>;
  /** What a query is said to read. */
  bytesOf: (sql: string) => number;
  pageRows: number;
  close(): Promise<void>;
}

interface Run {
  state: "QUEUED" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELLED";
  reason?: string;
  bytes: number;
  columns: string[];
  rows: (string | null)[][];
}

/** Athena's JSON API as far as queries need it, in front of DuckDB, which runs the SQL. */
export async function createAthenaStub(): Promise<AthenaStub> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run("CREATE MACRO json_format(j) AS j::VARCHAR");
  const runs = new Map<string, Run>();
  const tokens = new Map<string, string>();
  const stub: AthenaStub = {
    url: "",
    run: async (sql) => void (await connection.run(sql)),
    queries: [],
    calls: [],
    regions: [],
    faults: [],
    limits: { primary: undefined, finops: 10 ** 10 },
    bytesOf: () => 12_345_678,
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

  async function start(input: Record<string, unknown>): Promise<unknown> {
    const token = String(input["ClientRequestToken"]);
    const known = tokens.get(token);
    if (known !== undefined) return { QueryExecutionId: known };
    const id = `q-${runs.size}`;
    tokens.set(token, id);
    const sql = String(input["QueryString"]);
    stub.queries.push(sql);
    runs.set(id, await execute(sql, stub.limits[String(input["WorkGroup"])]));
    return { QueryExecutionId: id };
  }

  async function execute(sql: string, limit: number | undefined): Promise<Run> {
    const bytes = stub.bytesOf(sql);
    const none = { bytes, columns: [], rows: [] };
    if (limit !== undefined && bytes > limit)
      return { ...none, bytes: limit, state: "CANCELLED", reason: "Bytes scanned limit was exceeded" };
    try {
      const reader = await connection.runAndReadAll(translate(sql));
      const rows = reader.getRowsJson().map((row) => row.map((value) => (value === null ? null : String(value))));
      // The engine lower-cases what it is asked for.
      return { bytes, state: "QUEUED", columns: reader.columnNames().map((name) => name.toLowerCase()), rows };
    } catch (error) {
      return { ...none, state: "FAILED", reason: `SYNTAX_ERROR: ${String(error)}` };
    }
  }

  function look(id: string): unknown {
    const run = runOf(id);
    const state = run.state;
    if (run.state === "QUEUED") run.state = "RUNNING";
    else if (run.state === "RUNNING") run.state = "SUCCEEDED";
    return {
      QueryExecution: {
        QueryExecutionId: id,
        Status: { State: state, StateChangeReason: run.reason },
        Statistics: { DataScannedInBytes: run.bytes },
      },
    };
  }

  function results(id: string, token: string | undefined): unknown {
    const { columns, rows } = runOf(id);
    const all = [columns, ...rows];
    const begin = Number(token ?? "0");
    const end = begin + stub.pageRows;
    return {
      ResultSet: {
        ResultSetMetadata: { ColumnInfo: columns.map((Name) => ({ Name, Type: "varchar" })) },
        Rows: all
          .slice(begin, end)
          .map((row) => ({ Data: row.map((value) => (value === null ? {} : { VarCharValue: value })) })),
      },
      ...(end < all.length ? { NextToken: String(end) } : {}),
    };
  }

  function runOf(id: string): Run {
    const run = runs.get(id);
    if (run === undefined) throw { status: 400, type: "InvalidRequestException" };
    return run;
  }

  async function answer(action: string, input: Record<string, unknown>): Promise<unknown> {
    const id = String(input["QueryExecutionId"]);
    if (action === "StartQueryExecution") return start(input);
    if (action === "GetQueryExecution") return look(id);
    if (action === "GetQueryResults") return results(id, input["NextToken"] as string | undefined);
    const cutoff = stub.limits[String(input["WorkGroup"])];
    return {
      WorkGroup: {
        Name: input["WorkGroup"],
        Configuration: cutoff === undefined ? {} : { BytesScannedCutoffPerQuery: cutoff },
      },
    };
  }

  async function handle(request: IncomingMessage): Promise<unknown> {
    const action = String(request.headers["x-amz-target"]).replace("AmazonAthena.", "");
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const input = JSON.parse(Buffer.concat(chunks).toString("utf8")) as Record<string, unknown>;
    stub.calls.push({ action, input });
    stub.regions.push(/Credential=[^/]*\/[^/]*\/([^/]*)\//.exec(request.headers.authorization ?? "")?.[1] ?? "");
    const index = stub.faults.findIndex((fault) => fault.action === action);
    const [fault] = index < 0 ? [] : stub.faults.splice(index, 1);
    if (fault !== undefined && fault.after !== true) throw fault;
    const body = await answer(action, input);
    if (fault !== undefined) throw fault;
    return body;
  }

  const server = createServer((request, response) => {
    const send = (status: number, body: unknown, headers: Record<string, string> = {}) => {
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1", ...headers });
      response.end(JSON.stringify(body));
    };
    handle(request).then(
      (body) => send(200, body),
      ({ status = 500, type = String(request) }: { status?: number; type?: string }) =>
        send(status, { __type: type, message: `stub says ${type}` }, { "x-amzn-errortype": type }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stub.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return stub;
}

/** What differs between Trino and DuckDB in the statements that GenOps sends: the catalog's columns and a map as JSON. */
function translate(sql: string): string {
  return sql
    .replaceAll(
      "information_schema.columns",
      "(SELECT * REPLACE (lower(data_type) AS data_type) FROM information_schema.columns)",
    )
    .replaceAll(/JSON_FORMAT\(CAST\(("[^"]*") AS JSON\)\)/g, "json_format(to_json($1))");
}
