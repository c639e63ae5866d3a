import * as z from "zod";
import { type Decimal, divide, formatDecimal, fromInteger, multiply, parseDecimal } from "../../../core/decimal.ts";
import { addDays, type Day, dayOf } from "../../../core/period.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { ObjectStore } from "../../../ports/object-store.ts";
import type { Randomness } from "../../../ports/randomness.ts";
import { readState, updateState } from "../../paged/state-document.ts";

/** US dollars for one successful request; every page is one (`reference/clouds.md` §1.1). */
export const CALL_PRICE: Decimal = parseDecimal("0.01");

/** Who reserved a page so long ago has died, or will not answer any more. */
const RESERVED_FOR_MS = 120_000;

/** What one source spent on one UTC day. Written before a call is made: money that might be spent counts as spent. */
interface Spend {
  day: Day;
  /** Calls that were answered. */
  paid: number;
  /** Calls without an answer: perhaps paid. */
  lost: number;
  /** Calls under way, by id. */
  open: Readonly<Record<string, { page: string; at: string }>>;
}

const SpendSchema: z.ZodType<Spend> = z.object({
  day: z.string(),
  paid: z.int().nonnegative(),
  lost: z.int().nonnegative(),
  open: z.record(z.string(), z.object({ page: z.string(), at: z.string() })),
});

export type Reservation =
  | { outcome: "reserved"; call: PaidCall }
  /** The day's money is gone; there is new in `afterMs`. */
  | { outcome: "spent"; afterMs: number }
  /** Another run is buying this very page. */
  | { outcome: "busy"; afterMs: number };

/** One call that may be made. Exactly one of the three tells how it went; a call of a run that died counts as spent. */
export interface PaidCall {
  answered(): Promise<void>;
  /** Nobody knows whether it was charged. */
  lost(): Promise<void>;
  /** It failed, and failures are free. */
  free(): Promise<void>;
}

export interface PaidCallsDeps {
  store: ObjectStore;
  clock: Clock;
  randomness: Randomness;
}

export interface PaidCalls {
  /** `page` names what is bought, so that two runs do not buy the same at once. */
  reserve(page: string): Promise<Reservation>;
  /** Calls that were made today or may have been. */
  callsToday(): Promise<number>;
}

/** Counts paid calls per UTC day by compare-and-swap, so that no number of runs spends more than `maxDailyCost` together. */
export function createPaidCalls(
  { store, clock, randomness }: PaidCallsDeps,
  source: string,
  maxDailyCost: Decimal,
): PaidCalls {
  const most = callsFor(maxDailyCost);
  const keyOf = (day: Day) => `sources/${source}/spend/${day}.json`;
  const settle = (day: Day, id: string, count: Partial<Pick<Spend, "paid" | "lost">>) => async () => {
    await updateState(store, keyOf(day), SpendSchema, (known) => settled(known ?? emptySpend(day), id, count));
  };
  return {
    async reserve(page) {
      const id = randomness.id();
      const now = clock.now();
      const day = dayOf(now);
      let refusal: Refusal | undefined;
      await updateState(store, keyOf(day), SpendSchema, (known = emptySpend(day)) => {
        // A write whose answer was lost is seen again: then the call is reserved already.
        refusal = known.open[id] === undefined ? refusalOf(known, page, most, now) : undefined;
        return refusal === undefined ? reserved(known, id, { page, at: now.toISOString() }) : known;
      });
      if (refusal !== undefined) return refusal;
      return {
        outcome: "reserved",
        call: {
          answered: settle(day, id, { paid: 1 }),
          lost: settle(day, id, { lost: 1 }),
          free: settle(day, id, {}),
        },
      };
    },
    async callsToday() {
      const spend = await readState(store, keyOf(dayOf(clock.now())), SpendSchema);
      return spend === undefined ? 0 : countOf(spend.value);
    },
  };
}

/** How many calls an amount buys. */
export function callsFor(amount: Decimal): number {
  return Number(divide(amount, CALL_PRICE) / fromInteger(1));
}

/** US dollars, as text. */
export function priceOf(calls: number): string {
  return formatDecimal(multiply(fromInteger(calls), CALL_PRICE));
}

function emptySpend(day: Day): Spend {
  return { day, paid: 0, lost: 0, open: {} };
}

function countOf({ paid, lost, open }: Spend): number {
  return paid + lost + Object.keys(open).length;
}

type Refusal = Exclude<Reservation, { outcome: "reserved" }>;

function refusalOf(spend: Spend, page: string, most: number, now: Date): Refusal | undefined {
  if (Object.values(spend.open).some((call) => call.page === page && isAlive(call.at, now)))
    return { outcome: "busy", afterMs: RESERVED_FOR_MS / 4 };
  return countOf(spend) >= most ? { outcome: "spent", afterMs: untilTomorrow(now) } : undefined;
}

function reserved(spend: Spend, id: string, call: Spend["open"][string]): Spend {
  return spend.open[id] === undefined ? { ...spend, open: { ...spend.open, [id]: call } } : spend;
}

/** Settling twice is settling once. */
function settled(spend: Spend, id: string, { paid = 0, lost = 0 }: Partial<Pick<Spend, "paid" | "lost">>): Spend {
  if (spend.open[id] === undefined) return spend;
  const open = Object.fromEntries(Object.entries(spend.open).filter(([each]) => each !== id));
  return { ...spend, paid: spend.paid + paid, lost: spend.lost + lost, open };
}

function isAlive(at: string, now: Date): boolean {
  return now.getTime() - Date.parse(at) < RESERVED_FOR_MS;
}

function untilTomorrow(now: Date): number {
  return Date.parse(`${addDays(dayOf(now), 1)}T00:00:00Z`) - now.getTime();
}
