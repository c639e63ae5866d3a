import { CostManagementClient, type QueryDefinition, type QueryFilter } from "@azure/arm-costmanagement";
import { DefaultAzureCredential } from "@azure/identity";
import { GenOpsError } from "../../core/errors.ts";
import type { CostQueryAnswer, CostQueryApi, CostQueryRequest } from "../../ports/billing-apis.ts";
import type { AzureTokens } from "../../ports/credentials.ts";
import { answerOfFailure, isUnauthorized } from "./cost-query-errors.ts";

/** The global cloud. Sovereign clouds have their own. */
const ENDPOINT = "https://management.azure.com";
/** Without it all tools of a tenant share one bucket of requests (`reference/clouds.md` §2.1). */
const CLIENT_TYPE = "GenOps";
/** Tells our policy where a further page lies; it never leaves the process. */
const NEXT_LINK = "x-genops-next-link";

export interface CostQueryOptions {
  /** Id of the source, for messages. */
  source: string;
  /** Default: the SDK's own chain (managed identity, workload identity, `az login`). */
  tokens?: AzureTokens | undefined;
  /** Azure Resource Manager; default: `GENOPS_AZURE_MANAGEMENT_ENDPOINT`, else the global cloud's. */
  endpoint?: string | undefined;
  createClient?: (endpoint: string) => CostManagementClient;
}

/**
 * Azure Cost Management's Query API by the SDK. The SDK waits for nothing: how long to wait depends on headers that it does not know and on
 * the time the function has left.
 */
export function createCostQueryApi(options: CostQueryOptions): CostQueryApi {
  const endpoint = options.endpoint ?? process.env["GENOPS_AZURE_MANAGEMENT_ENDPOINT"] ?? ENDPOINT;
  const createClient = options.createClient ?? (() => createManagementClient(endpoint, options.tokens));
  let client: CostManagementClient | undefined;
  const send = async (scope: string, request: CostQueryRequest, nextLink: string | undefined) => {
    client ??= withNextLinks(createClient(endpoint));
    return ask(client, scope, request, nextLink);
  };
  return {
    async query(scope, request, nextLink) {
      assertSameHost(nextLink, endpoint, options.source);
      try {
        return await send(scope, request, nextLink).catch((error: unknown) => {
          if (!isUnauthorized(error)) throw error;
          // A client keeps its token until that says it has expired; when Azure is ahead of it, a new one is fetched once.
          client = undefined;
          return send(scope, request, nextLink);
        });
      } catch (error) {
        return answerOfFailure(error, { source: options.source, scope });
      }
    },
  };
}

function createManagementClient(endpoint: string, tokens: AzureTokens | undefined): CostManagementClient {
  return new CostManagementClient(tokens ?? new DefaultAzureCredential(), {
    endpoint,
    retryOptions: { maxRetries: 0 },
  });
}

/** The SDK gives `nextLink` and has no way to follow it: the same call, sent to that address, is the next page. */
function withNextLinks(client: CostManagementClient): CostManagementClient {
  client.pipeline.addPolicy({
    name: "genopsNextLinkPolicy",
    sendRequest(request, next) {
      const link = request.headers.get(NEXT_LINK);
      request.headers.delete(NEXT_LINK);
      if (link !== undefined) request.url = link;
      return next(request);
    },
  });
  return client;
}

async function ask(
  client: CostManagementClient,
  scope: string,
  request: CostQueryRequest,
  nextLink: string | undefined,
): Promise<CostQueryAnswer> {
  const result = await client.query.usage(scope, bodyOf(request), {
    requestOptions: {
      timeout: 60_000,
      customHeaders: { ClientType: CLIENT_TYPE, ...(nextLink === undefined ? {} : { [NEXT_LINK]: nextLink }) },
    },
  });
  if (result.columns === undefined) return { outcome: "empty" };
  return {
    outcome: "page",
    page: {
      columns: result.columns.map(({ name = "", type = "" }) => ({ name, type })),
      rows: result.rows ?? [],
      ...(result.nextLink === undefined || result.nextLink === null || result.nextLink === ""
        ? {}
        : { nextLink: result.nextLink }),
    },
  };
}

function bodyOf({ type, from, to, groupBy, where }: CostQueryRequest): QueryDefinition {
  const filter = filterOf(where);
  return {
    type,
    timeframe: "Custom",
    timePeriod: { from: new Date(`${from}T00:00:00Z`), to: new Date(`${to}T23:59:59Z`) },
    dataset: {
      granularity: "Daily",
      aggregation: { totalCost: { name: "Cost", function: "Sum" } },
      grouping: groupBy.map((group) => ({ ...group })),
      ...(filter === undefined ? {} : { filter }),
    },
  };
}

/** `and` of a single condition is refused by the service. */
function filterOf(where: CostQueryRequest["where"]): QueryFilter | undefined {
  const filters = where.map(({ type, name, value }): QueryFilter => {
    const comparison = { name, operator: "In", values: [value] };
    return type === "TagKey" ? { tags: comparison } : { dimensions: comparison };
  });
  return filters.length > 1 ? { and: filters } : filters[0];
}

/** The token goes wherever the link leads. */
function assertSameHost(nextLink: string | undefined, endpoint: string, source: string): void {
  if (nextLink === undefined) return;
  if (URL.canParse(nextLink) && new URL(nextLink).origin === new URL(endpoint).origin) return;
  throw new GenOpsError("refused", `the next page lies outside ${endpoint}: ${nextLink.slice(0, 80)}`, {
    place: { source },
  });
}
