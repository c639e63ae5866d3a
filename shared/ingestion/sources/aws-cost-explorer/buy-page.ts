import { GenOpsError } from "../../../core/errors.ts";
import type { CostAndUsageRequest, CostExplorerApi } from "../../../ports/billing-apis.ts";
import { backOffMs, CALL_MS, pause } from "../../paged/pause.ts";
import type { PageStore } from "../../paged/snapshot.ts";
import type { Brought, Stop } from "../../paged/walk-pages.ts";
import type { FetchContext } from "../fetcher.ts";
import { type Page, parsePage } from "./page.ts";
import { type PaidCall, type PaidCalls, priceOf } from "./paid-calls.ts";

export interface Shop {
  context: Pick<FetchContext<"aws-cost-explorer">, "clock" | "deadline" | "randomness">;
  api: CostExplorerApi;
  calls: PaidCalls;
  pages: PageStore<Page>;
  /** Counts what this run bought. */
  bought: { calls: number };
}

type Query = Omit<CostAndUsageRequest, "nextPageToken">;
type Bought = Brought<Page> | { outcome: "again"; reason: string; lost: boolean };

const BACK_OFF = { firstMs: 2_000, longestMs: 60_000 };
const MAX_TRIES = 6;
/** Each try that is lost may have been charged. */
const MAX_LOST = 3;
const LATER_MS = 5 * 60_000;

/** Buys one page and keeps it. Waits where AWS asks for it, as long as the invocation allows; never spends more than the day's money. */
export async function buyPage(shop: Shop, query: Query, token: string | undefined): Promise<Brought<Page>> {
  const { clock, deadline, randomness } = shop.context;
  let lost = 0;
  let reason = "";
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    if (deadline.remainingMs() < CALL_MS)
      return later(0, "the function's time is up; the next invocation goes on from here");
    const bought = await buyOnce(shop, query, token);
    if (bought.outcome !== "again") return bought;
    reason = bought.reason;
    if (bought.lost && ++lost >= MAX_LOST)
      throw new GenOpsError("unavailable", `Cost Explorer's answers do not arrive: ${reason}`);
    if (attempt + 1 === MAX_TRIES) break;
    const waitMs = backOffMs(attempt, BACK_OFF, randomness);
    if (!(await pause(waitMs, { clock, deadline }))) return later(waitMs, `Cost Explorer asks for a pause: ${reason}`);
  }
  return later(LATER_MS, `Cost Explorer keeps asking for a pause: ${reason}`);
}

async function buyOnce(shop: Shop, query: Query, token: string | undefined): Promise<Bought> {
  const reservation = await shop.calls.reserve(shop.pages.name(query, token));
  if (reservation.outcome === "spent") return spent(await shop.calls.callsToday(), reservation.afterMs);
  if (reservation.outcome === "busy") return later(reservation.afterMs, "another run is buying the same page");
  const { call } = reservation;
  const meanwhile = await shop.pages.get(query, token);
  if (meanwhile !== undefined) {
    await call.free();
    return { outcome: "page", page: meanwhile };
  }
  return callFor(shop, call, query, token);
}

async function callFor(shop: Shop, call: PaidCall, query: Query, token: string | undefined): Promise<Bought> {
  const request = token === undefined ? query : { ...query, nextPageToken: token };
  const answer = await shop.api.getCostAndUsage(request).catch(async (error: unknown) => {
    await call.free();
    throw error;
  });
  switch (answer.outcome) {
    case "page": {
      shop.bought.calls++;
      const read = parsePage(answer.page, query.groupBy.length);
      if ("page" in read) await shop.pages.put(query, token, read.page);
      await call.answered();
      if ("page" in read) return { outcome: "page", page: read.page };
      throw new GenOpsError("refused", `Cost Explorer's answer cannot be read: ${read.problem}`);
    }
    case "lost":
      await call.lost();
      return { outcome: "again", reason: answer.reason, lost: true };
    case "throttled":
      await call.free();
      return { outcome: "again", reason: answer.reason, lost: false };
    case "restart":
      await call.free();
      return { outcome: "restart", reason: answer.reason };
    case "no-data":
      await call.free();
      return { outcome: "nothing", messages: [`Cost Explorer has no data for this period: ${answer.reason}`] };
  }
}

function spent(calls: number, afterMs: number): Stop {
  return later(
    afterMs,
    `maxDailyCost is spent: ${calls} calls for ${priceOf(calls)} USD today (UTC); goes on tomorrow, what was bought is kept`,
  );
}

function later(afterMs: number, message: string): Stop {
  return { outcome: "later", afterMs, messages: [message] };
}
