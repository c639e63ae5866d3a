import {
  AthenaClient,
  type AthenaClientConfig,
  GetQueryExecutionCommand,
  type GetQueryExecutionCommandOutput,
  GetQueryResultsCommand,
  type GetQueryResultsCommandOutput,
  GetWorkGroupCommand,
  StartQueryExecutionCommand,
} from "@aws-sdk/client-athena";
import { GenOpsError, messageOf } from "../../core/errors.ts";
import type { AthenaApi, AthenaRequest } from "../../ports/billing-apis.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Randomness } from "../../ports/randomness.ts";

export interface AthenaConfig {
  clock: Clock;
  randomness: Randomness;
  region?: string | undefined;
  /** Default: the SDK's chain. */
  credentials?: AthenaClientConfig["credentials"] | undefined;
  /** Instead of AWS's, for tests. */
  endpoint?: string;
}

/** Between two looks at a running query. */
const LOOK_MS = 1000;
const LONGEST_LOOK_MS = 8000;
/** Throttled calls are common: Athena allows few per second. */
const ATTEMPTS = 6;

/** Athena through its own client. Results come from its API, page by page, which reads them with the caller's rights on the result bucket. */
export function createAthenaApi({ clock, randomness, region, credentials, endpoint }: AthenaConfig): AthenaApi {
  const client = new AthenaClient({
    maxAttempts: ATTEMPTS,
    ...(region === undefined ? {} : { region }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(endpoint === undefined ? {} : { endpoint }),
  });

  async function call<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw error instanceof GenOpsError ? error : athenaError(error);
    }
  }

  async function start({ sql, database, workgroup, output }: AthenaRequest): Promise<string> {
    const answer = await client.send(
      new StartQueryExecutionCommand({
        QueryString: sql,
        QueryExecutionContext: { Database: database },
        WorkGroup: workgroup,
        // The same request again is the same query, also when the first answer was lost.
        ClientRequestToken: randomness.id(),
        ...(output === undefined ? {} : { ResultConfiguration: { OutputLocation: output } }),
      }),
    );
    if (answer.QueryExecutionId === undefined) throw new GenOpsError("unavailable", "Athena did not name the query");
    return answer.QueryExecutionId;
  }

  async function finish(id: string): Promise<bigint> {
    for (let wait = LOOK_MS; ; wait = Math.min(wait * 2, LONGEST_LOOK_MS)) {
      const { QueryExecution: query } = await client.send(new GetQueryExecutionCommand({ QueryExecutionId: id }));
      const state = query?.Status?.State;
      if (state === "SUCCEEDED") return BigInt(query?.Statistics?.DataScannedInBytes ?? 0);
      if (state === "FAILED" || state === "CANCELLED") throw endedError(query);
      await clock.sleep(wait);
    }
  }

  return {
    scanLimit: (workgroup) =>
      call(async () => {
        const { WorkGroup: found } = await client.send(new GetWorkGroupCommand({ WorkGroup: workgroup }));
        const limit = found?.Configuration?.BytesScannedCutoffPerQuery;
        return limit === undefined || limit === 0 ? undefined : BigInt(limit);
      }),
    query: (request) =>
      call(async () => {
        const id = await start(request);
        const bytesScanned = await finish(id);
        const first = await client.send(new GetQueryResultsCommand({ QueryExecutionId: id }));
        const columns = (first.ResultSet?.ResultSetMetadata?.ColumnInfo ?? []).map(({ Name }) => Name ?? "");
        const more = (token: string) =>
          call(() => client.send(new GetQueryResultsCommand({ QueryExecutionId: id, NextToken: token })));
        return { columns, rows: rowsFrom(first, columns.length, more), bytesScanned };
      }),
  };
}

/** The first row of a SELECT's first page repeats the names of the columns. */
async function* rowsFrom(
  first: GetQueryResultsCommandOutput,
  width: number,
  more: (token: string) => Promise<GetQueryResultsCommandOutput>,
): AsyncIterable<readonly (string | null)[]> {
  let skip = 1;
  for (let page = first; ; ) {
    for (const { Data: data = [] } of (page.ResultSet?.Rows ?? []).slice(skip)) {
      if (data.length !== width)
        throw new GenOpsError("unavailable", `Athena gave a row of ${data.length} values instead of ${width}`);
      yield data.map(({ VarCharValue }) => VarCharValue ?? null);
    }
    skip = 0;
    if (page.NextToken === undefined || page.NextToken === "") return;
    page = await more(page.NextToken);
  }
}

function endedError(query: GetQueryExecutionCommandOutput["QueryExecution"]): GenOpsError {
  const why = query?.Status?.StateChangeReason ?? "without a reason";
  if (/bytes scanned limit/i.test(why)) {
    const scanned = query?.Statistics?.DataScannedInBytes ?? 0;
    return new GenOpsError(
      "refused",
      `Athena stopped the query at the workgroup's limit after ${scanned} bytes: ${why}`,
    );
  }
  if (query?.Status?.AthenaError?.Retryable === true) return new GenOpsError("unavailable", `Athena: ${why}`);
  return new GenOpsError("refused", `Athena ended the query: ${why}`);
}

function athenaError(error: unknown): GenOpsError {
  const name = error instanceof Error ? error.name : "";
  const said = `${name === "" ? "" : `${name}: `}${messageOf(error)}`;
  if (/AccessDenied|UnrecognizedClient|ExpiredToken|InvalidSignature|CredentialsProvider/.test(name)) {
    return new GenOpsError(
      "config",
      `Athena denies access: ${said}; allow athena:StartQueryExecution, athena:GetQueryExecution, athena:GetQueryResults and athena:GetWorkGroup on the workgroup, glue:GetDatabase, glue:GetTable and glue:GetPartitions, reading the table's bucket, and reading and writing the bucket of results`,
      { cause: error },
    );
  }
  if (name === "InvalidRequestException")
    return new GenOpsError("refused", `Athena refused: ${said}`, { cause: error });
  return new GenOpsError("unavailable", `Athena did not answer: ${said}`, { cause: error });
}
