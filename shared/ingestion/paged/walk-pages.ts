import { GenOpsError } from "../../core/errors.ts";
import type { FetchedBill } from "../sources/fetcher.ts";
import type { PageStore } from "./snapshot.ts";

/** Why a fetcher stops before it has a bill. */
export type Stop = Exclude<FetchedBill, { outcome: "fetched" }>;

export type Brought<P> =
  /** The page, already in the store. */
  { outcome: "page"; page: P } | { outcome: "restart"; reason: string } | Stop;

export interface PageSource<P> {
  pages: PageStore<P>;
  /** Asks the API for a page that is not in the store and keeps it there. */
  bring(token: string | undefined): Promise<Brought<P>>;
  /** What leads to the page after this one. */
  next(page: P): string | undefined;
}

/** An API that keeps saying "begin again" will not come to an end. */
const MAX_RESTARTS = 3;

/** All pages of one query in their order, from the store where they are there, from the API where not. */
export async function walkPages<P>(
  query: unknown,
  source: PageSource<P>,
): Promise<{ outcome: "pages"; pages: P[] } | Stop> {
  for (let restarts = 0; restarts <= MAX_RESTARTS; restarts++) {
    const walked = await walkOnce(query, source);
    if (walked.outcome !== "restart") return walked;
    for (const token of walked.tokens) await source.pages.remove(query, token);
  }
  throw new GenOpsError("unavailable", "the API loses its place while its answer is read; the next run tries again");
}

async function walkOnce<P>(
  query: unknown,
  { pages, bring, next }: PageSource<P>,
): Promise<{ outcome: "pages"; pages: P[] } | { outcome: "restart"; tokens: (string | undefined)[] } | Stop> {
  const found: P[] = [];
  const tokens: (string | undefined)[] = [];
  let token: string | undefined;
  do {
    const known = await pages.get(query, token);
    const brought: Brought<P> = known === undefined ? await bring(token) : { outcome: "page", page: known };
    if (brought.outcome === "restart") return { outcome: "restart", tokens };
    if (brought.outcome !== "page") return brought;
    found.push(brought.page);
    tokens.push(token);
    token = next(brought.page);
    if (token !== undefined && tokens.includes(token))
      throw new GenOpsError("refused", "the API's pages lead in a circle");
  } while (token !== undefined);
  return { outcome: "pages", pages: found };
}
