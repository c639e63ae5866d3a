import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { CostExplorerClient } from "@aws-sdk/client-cost-explorer";
import { STSClient } from "@aws-sdk/client-sts";
import { add, type Decimal, formatDecimal, parseDecimal, ZERO } from "../../shared/core/decimal.ts";
import { createCostExplorerApi } from "../../shared/platforms/aws/cost-explorer.ts";
import type { CostExplorerApi } from "../../shared/ports/billing-apis.ts";
import { answer, bodyOf, serveHttp } from "./servers/http-server.ts";

/** One charge of the stub's payer. */
export interface CeCharge {
  day: string;
  /** `SERVICE`, `LINKED_ACCOUNT`, `TAG:team`, …; a tag that is left out is not set. */
  keys: Readonly<Record<string, string>>;
  /** Metric → amount. */
  costs: Readonly<Record<string, string>>;
  unit?: string;
}

/** What the next request meets instead of an answer. */
export type CeFault =
  | { error: string; status?: number; message?: string }
  /** It is answered as if there were no fault. */
  | "answered"
  /** The connection breaks before the request was worked on. */
  | "dropped"
  /** The answer was made, and charged, and does not arrive. */
  | "lost"
  | { body: unknown };

export interface CeRequest {
  TimePeriod: { Start: string; End: string };
  Granularity: string;
  Metrics: string[];
  GroupBy?: { Type: string; Key: string }[];
  Filter?: CeFilter;
  NextPageToken?: string;
}

interface CeFilter {
  And?: CeFilter[];
  Dimensions?: { Key: string; Values?: string[]; MatchOptions?: string[] };
  Tags?: { Key: string; Values?: string[]; MatchOptions?: string[] };
  CostCategories?: { Key: string; Values?: string[]; MatchOptions?: string[] };
}

export interface CeStub {
  url: string;
  /** May be changed between calls. */
  charges: CeCharge[];
  /** Days from this one on are estimated. */
  estimatedFrom: string;
  /** Groups per page. */
  pageSize: number;
  /** Taken from the front, one per request. */
  faults: CeFault[];
  requests: CeRequest[];
  headers: Record<string, unknown>[];
  /** Calls that AWS would charge. */
  charged: number;
  accountNames: Record<string, string>;
  api(source?: string): CostExplorerApi;
  /** What an ungrouped query would answer for a metric. */
  total(metric: string, month?: string): string;
  close(): Promise<void>;
}

const credentials = { accessKeyId: "AKIATEST", secretAccessKey: "secret", sessionToken: "token" };

/** Cost Explorer as `reference/clouds.md` §1.1 and §1.2 describe its wire, over charges in memory. */
export async function createCostExplorerStub(charges: CeCharge[] = []): Promise<CeStub> {
  const server = await serveHttp(async (request, response) => {
    const body = (await bodyOf(request)).toString("utf8");
    stub.headers.push(request.headers);
    if (body.startsWith("Action=GetCallerIdentity")) return callerIdentity(response);
    const asked = JSON.parse(body) as CeRequest;
    stub.requests.push(asked);
    const fault = stub.faults.shift();
    if (fault === "dropped") return void request.socket.destroy();
    if (typeof fault === "object" && "error" in fault) return refuse(response, fault);
    const given = typeof fault === "object" ? fault.body : pageOf(stub, asked);
    if (typeof given === "string") return refuse(response, { error: given });
    stub.charged++;
    if (fault === "lost") return void request.socket.destroy();
    answer(response, 200, { "content-type": "application/x-amz-json-1.1" }, JSON.stringify(given));
  });
  const options = { endpoint: server.url, region: "us-east-1", credentials, maxAttempts: 1 };
  const stub: CeStub = {
    url: server.url,
    charges,
    estimatedFrom: "9999",
    pageSize: 1000,
    faults: [],
    requests: [],
    headers: [],
    charged: 0,
    accountNames: {},
    api: (source = "ce") =>
      createCostExplorerApi({
        source,
        createClient: () => new CostExplorerClient(options),
        createIdentityClient: () => new STSClient(options),
      }),
    total: (metric, month = "") =>
      formatDecimal(
        sumOf(
          stub.charges.filter(({ day }) => day.startsWith(month)),
          metric,
        ),
      ),
    close: server.close,
  };
  return stub;
}

function callerIdentity(response: ServerResponse): void {
  const result =
    "<GetCallerIdentityResult><Arn>arn:aws:sts::012345678901:assumed-role/r/s</Arn><UserId>U</UserId><Account>012345678901</Account></GetCallerIdentityResult>";
  answer(
    response,
    200,
    { "content-type": "text/xml" },
    `<GetCallerIdentityResponse>${result}</GetCallerIdentityResponse>`,
  );
}

function refuse(
  response: ServerResponse,
  { error, status = 400, message = "told by the stub" }: Extract<CeFault, { error: string }>,
): void {
  answer(
    response,
    status,
    { "content-type": "application/x-amz-json-1.1" },
    JSON.stringify({ __type: error, Message: message }),
  );
}

/** The answer, or the name of an error. */
function pageOf(stub: CeStub, asked: CeRequest): object | string {
  const { NextPageToken: token, ...question } = asked;
  const groupBy = asked.GroupBy ?? [];
  if (groupBy.length > 2 || asked.Metrics.length === 0) return "ValidationException";
  const fingerprint = createHash("sha256").update(JSON.stringify(question)).digest("hex").slice(0, 12);
  const [given, offset = "0"] = token === undefined ? [fingerprint] : token.split("-");
  if (given !== fingerprint) return "RequestChangedException";
  const inside = stub.charges.filter(
    ({ day, keys }) => day >= asked.TimePeriod.Start && day < asked.TimePeriod.End && matches(keys, asked.Filter),
  );
  const groups = groupsOf(inside, groupBy);
  const page = groups.slice(Number(offset), Number(offset) + stub.pageSize);
  const next = Number(offset) + stub.pageSize;
  const accounts = [...new Set(page.flatMap(({ keys }) => keys))].filter((key) => stub.accountNames[key] !== undefined);
  return {
    GroupDefinitions: groupBy,
    ResultsByTime: daysOf(asked).map((day) => {
      const own = page.filter((group) => group.day === day);
      return {
        TimePeriod: { Start: day, End: nextDay(day) },
        Total: {},
        Estimated: day >= stub.estimatedFrom,
        Groups: own.map(({ keys, charges }) => ({ Keys: keys, Metrics: metricsOf(charges, asked.Metrics) })),
        SomethingNew: { unknown: true },
      };
    }),
    DimensionValueAttributes: accounts.map((key) => ({
      Value: key,
      Attributes: { description: stub.accountNames[key] },
    })),
    ...(next < groups.length ? { NextPageToken: `${fingerprint}-${next}` } : {}),
  };
}

interface Group {
  day: string;
  keys: string[];
  charges: CeCharge[];
}

function groupsOf(charges: readonly CeCharge[], groupBy: NonNullable<CeRequest["GroupBy"]>): Group[] {
  const groups = new Map<string, Group>();
  for (const charge of charges) {
    const keys = groupBy.map(({ Type, Key }) =>
      Type === "DIMENSION" ? (charge.keys[Key] ?? `No${Key}`) : `${Key}$${charge.keys[`${Type}:${Key}`] ?? ""}`,
    );
    const name = JSON.stringify([charge.day, keys, charge.unit]);
    const group = groups.get(name) ?? { day: charge.day, keys, charges: [] };
    groups.set(name, { ...group, charges: [...group.charges, charge] });
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

function metricsOf(charges: readonly CeCharge[], metrics: readonly string[]): object {
  const unit = charges[0]?.unit ?? "USD";
  return Object.fromEntries(
    metrics
      .filter((metric) => charges.some(({ costs }) => costs[metric] !== undefined))
      .map((metric) => [
        metric,
        { Amount: formatDecimal(sumOf(charges, metric)), Unit: metric === "UsageQuantity" ? "Hrs" : unit },
      ]),
  );
}

function sumOf(charges: readonly CeCharge[], metric: string): Decimal {
  return charges.reduce((sum, { costs }) => add(sum, parseDecimal(costs[metric] ?? "0")), ZERO);
}

function matches(keys: CeCharge["keys"], filter: CeFilter | undefined): boolean {
  if (filter === undefined) return true;
  if (filter.And !== undefined) return filter.And.every((each) => matches(keys, each));
  const [kind, condition] = Object.entries(filter)[0] as [string, NonNullable<CeFilter["Tags"]>];
  const prefix = { Dimensions: "", Tags: "TAG:", CostCategories: "COST_CATEGORY:" }[kind] ?? "";
  const value = keys[`${prefix}${condition.Key}`];
  if (condition.MatchOptions?.includes("ABSENT") === true) return value === undefined || value === "";
  return condition.Values?.includes(value ?? `No${condition.Key}`) ?? false;
}

function daysOf({ TimePeriod }: CeRequest): string[] {
  const days: string[] = [];
  for (let day = TimePeriod.Start; day < TimePeriod.End; day = nextDay(day)) days.push(day);
  return days;
}

function nextDay(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}
