import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface CloudBillingStub {
  host: string;
  port: number;
  /** Answers by path; a list is handed out page by page. */
  lists: Record<string, { field: string; items: unknown[] }>;
  objects: Record<string, unknown>;
  /** What the next requests are answered with instead. */
  faults: { status: number; body?: string }[];
  tokens: Set<string>;
  requests: string[];
  /** Items of a page, whatever is asked for. */
  pageItems: number;
  close(): Promise<void>;
}

/** The REST side of Cloud Billing: `v1/services`, `v1/services/S/skus`, `v1/billingAccounts`, `v1/projects/P/billingInfo`. */
export async function createCloudBillingStub(): Promise<CloudBillingStub> {
  const stub: CloudBillingStub = {
    host: "127.0.0.1",
    port: 0,
    lists: {},
    objects: {},
    faults: [],
    tokens: new Set(),
    requests: [],
    pageItems: 2,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };

  function answer(request: IncomingMessage): { status: number; body: string } {
    const url = new URL(request.url ?? "/", "http://stub");
    stub.requests.push(`${request.method} ${request.url}`);
    const token = request.headers.authorization?.replace("Bearer ", "") ?? "";
    if (stub.tokens.size > 0 && !stub.tokens.has(token)) return fault(401, "UNAUTHENTICATED");
    const planned = stub.faults.shift();
    if (planned !== undefined) return { ...fault(planned.status, "injected"), ...planned };
    const object = stub.objects[url.pathname];
    if (object !== undefined) return { status: 200, body: JSON.stringify(object) };
    const list = stub.lists[url.pathname];
    if (list === undefined) return fault(404, "NOT_FOUND");
    const start = Number(url.searchParams.get("pageToken") || "0");
    const end = start + stub.pageItems;
    const page = {
      [list.field]: list.items.slice(start, end),
      nextPageToken: end < list.items.length ? String(end) : "",
    };
    return { status: 200, body: JSON.stringify(page) };
  }

  const server = createServer((request, response) => {
    const { status, body } = answer(request);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stub.port = (server.address() as AddressInfo).port;
  return stub;
}

function fault(code: number, status: string): { status: number; body: string } {
  return { status: code, body: JSON.stringify({ error: { code, message: `stub says ${status}`, status } }) };
}

/** A SKU as the catalog writes it (`reference/clouds.md` §3.2). */
export function skuOnWire(
  skuId: string,
  {
    description = "N1 Predefined Instance Core running in Americas",
    tiers = [{ startUsageAmount: 0, units: "0", nanos: 31_611_000 }],
    currencyCode = "USD",
    effectiveTime = "2026-11-01T00:00:00Z",
    baseUnitConversionFactor = 3600,
  }: {
    description?: string;
    tiers?: { startUsageAmount: number; units: string; nanos: number }[];
    currencyCode?: string;
    effectiveTime?: string;
    baseUnitConversionFactor?: number;
  } = {},
): unknown {
  return {
    name: `services/6F81-5844-456A/skus/${skuId}`,
    skuId,
    description,
    category: {
      serviceDisplayName: "Compute Engine",
      resourceFamily: "Compute",
      resourceGroup: "N1Standard",
      usageType: "OnDemand",
    },
    serviceRegions: ["us-central1", "us-east1"],
    pricingInfo: [
      {
        effectiveTime,
        pricingExpression: {
          usageUnit: "h",
          usageUnitDescription: "hour",
          baseUnit: "s",
          baseUnitConversionFactor,
          displayQuantity: 1,
          tieredRates: tiers.map(({ startUsageAmount, units, nanos }) => ({
            startUsageAmount,
            unitPrice: { currencyCode, units, nanos },
          })),
        },
        currencyConversionRate: 1,
        aFieldOfTheFuture: true,
      },
    ],
  };
}
