import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { CostManagementClient } from "@azure/arm-costmanagement";
import { createCostQueryApi } from "../../shared/platforms/azure/cost-query.ts";
import type { CostQueryApi } from "../../shared/ports/billing-apis.ts";
import type { AzureTokens } from "../../shared/ports/credentials.ts";
import { type Certificate, createCertificate } from "./identity/certificate.ts";
import { answer, bodyOf } from "./servers/http-server.ts";

/** One charge of the stub's scope. */
export interface AzureCharge {
  day: string;
  /** `ChargeType`, `ServiceName`, `TAG:team`, …; null is delivered as null. */
  keys: Readonly<Record<string, string | null>>;
  actual: number;
  amortized: number;
  currency?: string;
}

export type AzureFault =
  | { status: number; headers?: Record<string, string>; code?: string }
  | "dropped"
  | "truncated"
  | "answered"
  | { body: unknown };

export interface QueryBody {
  type: "ActualCost" | "AmortizedCost";
  timeframe: string;
  timePeriod: { from: string; to: string };
  dataset: {
    granularity: string;
    aggregation: unknown;
    grouping: { type: string; name: string }[];
    filter?: AzureFilter;
  };
}

interface AzureFilter {
  and?: AzureFilter[];
  dimensions?: { name: string; operator: string; values: string[] };
  tags?: { name: string; operator: string; values: string[] };
}

export interface CostQueryStub {
  url: string;
  certificate: Certificate;
  charges: AzureCharge[];
  pageSize: number;
  faults: AzureFault[];
  requests: { url: string; headers: IncomingMessage["headers"]; body: QueryBody }[];
  /** A token that is no longer taken: 401. */
  expired: Set<string>;
  /** Scopes that tokens were asked for. */
  tokenScopes: string[];
  api(source?: string): CostQueryApi;
  close(): Promise<void>;
}

/** Azure's Query API as `reference/clouds.md` §2.1 describes its wire, over charges in memory, behind TLS. */
export async function createCostQueryStub(charges: AzureCharge[] = []): Promise<CostQueryStub> {
  const certificate = createCertificate();
  const server = createServer(certificate, (request, response) => {
    handle(request, response).catch((error: unknown) => answer(response, 500, {}, String(error)));
  });
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const body = JSON.parse((await bodyOf(request)).toString("utf8")) as QueryBody;
    stub.requests.push({ url: request.url ?? "", headers: request.headers, body });
    const fault = stub.faults.shift() ?? "answered";
    if (fault === "dropped") return void request.socket.destroy();
    const token = String(request.headers.authorization).replace("Bearer ", "");
    if (stub.expired.has(token)) return refuse(response, 401, "ExpiredAuthenticationToken");
    if (typeof fault === "object" && "status" in fault) {
      if (fault.status === 204) return answer(response, 204);
      return refuse(response, fault.status, fault.code ?? String(fault.status), fault.headers);
    }
    const page = typeof fault === "object" ? fault.body : pageOf(stub, request.url ?? "", body);
    const text = JSON.stringify(page);
    answer(
      response,
      200,
      { "content-type": "application/json" },
      fault === "truncated" ? text.slice(0, text.length / 2) : text,
    );
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `https://localhost:${(server.address() as AddressInfo).port}`;
  let issued = 0;
  const tokens: AzureTokens = {
    getToken(scopes) {
      stub.tokenScopes.push(String(scopes));
      return Promise.resolve({ token: `token-${++issued}`, expiresOnTimestamp: Date.parse("2099-01-01") });
    },
  };
  const stub: CostQueryStub = {
    url,
    certificate,
    charges,
    pageSize: 1000,
    faults: [],
    requests: [],
    expired: new Set(),
    tokenScopes: [],
    api: (source = "azure-q") =>
      createCostQueryApi({
        source,
        endpoint: url,
        createClient: (endpoint) =>
          new CostManagementClient(tokens, {
            endpoint,
            tlsOptions: { ca: certificate.cert },
            retryOptions: { maxRetries: 0 },
          }),
      }),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return stub;
}

function refuse(response: ServerResponse, status: number, code: string, headers: Record<string, string> = {}): void {
  const body = JSON.stringify({ error: { code, message: `told by the stub: ${code}` } });
  answer(response, status, { "content-type": "application/json", ...headers }, body);
}

type Cell = string | number | null;

function pageOf(stub: CostQueryStub, url: string, { type, timePeriod, dataset }: QueryBody): object {
  const { grouping, filter } = dataset;
  const start = Number(new URL(url, stub.url).searchParams.get("$skiptoken") ?? 0);
  const inside = stub.charges.filter(
    ({ day, keys }) =>
      day >= timePeriod.from.slice(0, 10) && day <= timePeriod.to.slice(0, 10) && matches(keys, filter),
  );
  const groups = new Map<string, { cells: Cell[]; sum: bigint }>();
  for (const charge of inside) {
    const values = grouping.flatMap(({ type: kind, name }) =>
      kind === "TagKey"
        ? [name, charge.keys[`TAG:${name}`] ?? ""]
        : [charge.keys[name] ?? (name in charge.keys ? null : "")],
    );
    const cells: Cell[] = [Number(charge.day.replaceAll("-", "")), ...values, charge.currency ?? "USD"];
    const name = JSON.stringify(cells);
    const amount = type === "ActualCost" ? charge.actual : charge.amortized;
    const known = groups.get(name);
    groups.set(name, { cells, sum: (known?.sum ?? 0n) + units(amount) });
  }
  const rows = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { cells, sum }]) => [Number(sum) / 1e6, ...cells]);
  const more = start + stub.pageSize < rows.length;
  const names = grouping.flatMap(({ type: kind, name }) => (kind === "TagKey" ? ["TagKey", "TagValue"] : [name]));
  return {
    id: "subscriptions/1/providers/Microsoft.CostManagement/query/9",
    type: "Microsoft.CostManagement/query",
    properties: {
      nextLink: more ? `${stub.url}${url.split("&$skiptoken")[0]}&$skiptoken=${start + stub.pageSize}` : null,
      columns: [
        { name: "Cost", type: "Number" },
        { name: "UsageDate", type: "Number" },
        ...names.map((name) => ({ name, type: "String" })),
        { name: "Currency", type: "String" },
      ],
      rows: rows.slice(start, start + stub.pageSize),
      somethingNew: true,
    },
  };
}

/** The stub's amounts have six fraction digits at most, so that their sums are exact as numbers. */
export function units(amount: number): bigint {
  return BigInt(Math.round(amount * 1e6));
}

function matches(keys: AzureCharge["keys"], filter: AzureFilter | undefined): boolean {
  if (filter === undefined) return true;
  if (filter.and !== undefined) return filter.and.length > 1 && filter.and.every((each) => matches(keys, each));
  const { dimensions, tags } = filter;
  const value = dimensions === undefined ? keys[`TAG:${tags?.name}`] : keys[dimensions.name];
  return (dimensions ?? tags)?.values.includes(value ?? "") ?? false;
}
