import * as z from "zod";
import { GenOpsError } from "../../../core/errors.ts";
import type { CostQueryAnswer, CostQueryApi, CostQueryRequest } from "../../../ports/billing-apis.ts";
import type { Randomness } from "../../../ports/randomness.ts";
import { backOffMs, CALL_MS, pause } from "../../paged/pause.ts";
import type { PageStore } from "../../paged/snapshot.ts";
import { readState, updateState } from "../../paged/state-document.ts";
import type { Brought, Stop } from "../../paged/walk-pages.ts";
import type { FetchContext } from "../fetcher.ts";
import { type Page, parsePage } from "./page.ts";

export interface Desk {
  context: Pick<FetchContext<"azure-cost-query">, "clock" | "deadline" | "randomness" | "source" | "store">;
  api: CostQueryApi;
  scope: string;
  pages: PageStore<Page>;
}

export interface Query {
  request: CostQueryRequest;
  keys: readonly string[];
}

/** Where Azure names no time: four queries a minute are allowed per scope. */
const BACK_OFF = { firstMs: 30_000, longestMs: 300_000 };
const MAX_TRIES = 6;

/** Until when nobody asks this source's scope. */
const HoldSchema = z.object({ until: z.string() });

/**
 * Asks for one page and keeps it. Waits as long as Azure says (the longest of all its headers, and a little more), if that fits into the
 * invocation; otherwise the scope is held and the rest is left to a later run.
 */
export async function askPage(desk: Desk, query: Query, nextLink: string | undefined): Promise<Brought<Page>> {
  const { clock, deadline, randomness } = desk.context;
  const held = await heldMs(desk);
  if (held > 0 && !(await pause(held, { clock, deadline })))
    return later(held, "Azure's pause for this scope is not over");
  for (let attempt = 1; ; attempt++) {
    if (deadline.remainingMs() < CALL_MS)
      return later(0, "the function's time is up; the next invocation goes on from here");
    const answer = await desk.api.query(desk.scope, query.request, nextLink);
    if (answer.outcome !== "later") return keep(desk, query, nextLink, answer);
    const { afterMs } = answer;
    const waitMs = afterMs === undefined ? backOffMs(attempt - 1, BACK_OFF, randomness) : longer(afterMs, randomness);
    await hold(desk, waitMs);
    if (attempt === MAX_TRIES || !(await pause(waitMs, { clock, deadline })))
      return later(waitMs, `Azure asks for a pause: ${answer.reason}`);
  }
}

async function keep(
  desk: Desk,
  { request, keys }: Query,
  nextLink: string | undefined,
  answer: Exclude<CostQueryAnswer, { outcome: "later" }>,
): Promise<Brought<Page>> {
  const read =
    answer.outcome === "empty"
      ? { page: { rows: [] } }
      : parsePage(answer.page, { from: request.from, to: request.to, keys });
  if ("problem" in read) throw new GenOpsError("refused", `Azure's answer cannot be read: ${read.problem}`);
  await desk.pages.put(request, nextLink, read.page);
  return { outcome: "page", page: read.page };
}

/** Everybody who was told the same time would come back at once. */
function longer(ms: number, randomness: Randomness): number {
  return ms + Math.ceil((1_000 + ms / 10) * randomness.fraction());
}

function holdKey({ context }: Desk): string {
  return `sources/${context.source.id}/hold.json`;
}

async function heldMs(desk: Desk): Promise<number> {
  const held = await readState(desk.context.store, holdKey(desk), HoldSchema);
  return held === undefined ? 0 : Date.parse(held.value.until) - desk.context.clock.now().getTime();
}

async function hold(desk: Desk, ms: number): Promise<void> {
  const until = new Date(desk.context.clock.now().getTime() + ms).toISOString();
  await updateState(desk.context.store, holdKey(desk), HoldSchema, (known) =>
    known !== undefined && known.until >= until ? known : { until },
  );
}

function later(afterMs: number, message: string): Stop {
  return { outcome: "later", afterMs, messages: [message] };
}
