import {
  CostExplorerClient,
  type Expression,
  GetCostAndUsageCommand,
  type GetCostAndUsageCommandInput,
  type GroupDefinition,
} from "@aws-sdk/client-cost-explorer";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { GenOpsError } from "../../core/errors.ts";
import type {
  CostAndUsageAnswer,
  CostAndUsageRequest,
  CostCondition,
  CostExplorerApi,
} from "../../ports/billing-apis.ts";
import type { AwsKeyProvider } from "../../ports/credentials.ts";
import { answerOfFailure, hasExpired, identityError } from "./cost-explorer-errors.ts";

/** The service is global; its requests are signed for this region wherever the function runs (`reference/clouds.md` §1.1). */
const REGION = "us-east-1";

export interface CostExplorerOptions {
  /** Id of the source, for messages. */
  source: string;
  /** Default: the SDK's own chain. */
  credentials?: AwsKeyProvider | undefined;
  /** How long an answer may take. */
  idleMs?: number;
  createClient?: () => CostExplorerClient;
  createIdentityClient?: () => STSClient;
}

/**
 * AWS Cost Explorer by the SDK. The SDK repeats nothing: a repeated call may cost money, so whoever counts the calls repeats them.
 * `AWS_ENDPOINT_URL_COST_EXPLORER` and `AWS_ENDPOINT_URL_STS` lead elsewhere, as in every AWS client.
 */
export function createCostExplorerApi(options: CostExplorerOptions): CostExplorerApi {
  const place = { source: options.source };
  const createClient = options.createClient ?? (() => new CostExplorerClient(clientOptions(options)));
  let client: CostExplorerClient | undefined;
  const send = async (input: GetCostAndUsageCommandInput): Promise<CostAndUsageAnswer> => {
    client ??= createClient();
    const { ResultsByTime, DimensionValueAttributes, NextPageToken } = await client.send(
      new GetCostAndUsageCommand(input),
    );
    if (ResultsByTime === undefined) return { outcome: "lost", reason: "an answer without ResultsByTime" };
    return {
      outcome: "page",
      page: {
        resultsByTime: ResultsByTime,
        dimensionValueAttributes: DimensionValueAttributes ?? [],
        ...(NextPageToken === undefined || NextPageToken === "" ? {} : { nextPageToken: NextPageToken }),
      },
    };
  };
  return {
    async getCostAndUsage(request) {
      const input = inputOf(request);
      try {
        return await send(input).catch((error: unknown) => {
          if (!hasExpired(error)) throw error;
          // A client keeps its keys until they say they have expired; when AWS is ahead of them, new ones are fetched once.
          client = undefined;
          return send(input);
        });
      } catch (error) {
        return answerOfFailure(error, place);
      }
    },
    async accountId() {
      const identity = (options.createIdentityClient ?? (() => new STSClient(clientOptions(options))))();
      const { Account } = await identity.send(new GetCallerIdentityCommand({})).catch((error: unknown) => {
        throw identityError(error, place);
      });
      if (Account === undefined)
        throw new GenOpsError("unavailable", "sts:GetCallerIdentity gave an answer without an account", { place });
      return Account;
    },
  };
}

function clientOptions({ credentials, idleMs = 60_000 }: CostExplorerOptions) {
  return {
    region: REGION,
    maxAttempts: 1,
    // The SDK's `requestTimeout` only warns.
    requestHandler: { connectionTimeout: 5_000, socketTimeout: idleMs },
    ...(credentials === undefined ? {} : { credentials }),
  };
}

function inputOf(request: CostAndUsageRequest): GetCostAndUsageCommandInput {
  const { timePeriod, granularity, metrics, groupBy, where, nextPageToken } = request;
  const filter = filterOf(where);
  return {
    TimePeriod: { Start: timePeriod.start, End: timePeriod.end },
    Granularity: granularity,
    Metrics: [...metrics],
    ...(groupBy.length === 0
      ? {}
      : { GroupBy: groupBy.map(({ type, key }): GroupDefinition => ({ Type: type, Key: key })) }),
    ...(filter === undefined ? {} : { Filter: filter }),
    ...(nextPageToken === undefined ? {} : { NextPageToken: nextPageToken }),
  };
}

function filterOf(where: readonly CostCondition[]): Expression | undefined {
  const expressions = where.map(expressionOf);
  return expressions.length > 1 ? { And: expressions } : expressions[0];
}

function expressionOf({ type, key, value }: CostCondition): Expression {
  if (type === "DIMENSION") {
    return {
      Dimensions: {
        Key: key as NonNullable<Expression["Dimensions"]>["Key"],
        Values: [value ?? ""],
        MatchOptions: ["EQUALS"],
      },
    };
  }
  const values =
    value === null ? { MatchOptions: ["ABSENT" as const] } : { Values: [value], MatchOptions: ["EQUALS" as const] };
  return type === "TAG" ? { Tags: { Key: key, ...values } } : { CostCategories: { Key: key, ...values } };
}
