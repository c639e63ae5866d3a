import { createDraw } from "../fine/random.ts";
import { drawBill } from "./bill.ts";
import { type Case, drawCase, type EventShape } from "./inject.ts";

/** What kind of bill and of cause. */
export interface Kind extends EventShape {
  sparse: boolean;
}

/** One case per seed. A bill in which nothing is large enough is drawn anew, so that every seed gives one. */
export function casesOf(kind: Kind, [first, last]: readonly [number, number]): Case[] {
  const place = (kind.sparse ? 4 : 0) + (kind.rough === true ? 2 : 0) + kind.dimensions - 1;
  return Array.from({ length: last - first + 1 }, (_none, index) => oneCase(kind, (first + index) * 8 + place));
}

function oneCase(kind: Kind, seed: number): Case {
  const draw = createDraw(seed);
  for (;;) {
    const found = drawCase(draw, drawBill(draw, kind), kind);
    if (found !== undefined) return found;
  }
}
