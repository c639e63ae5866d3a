import type { AnomalyConfig } from "../../../config/types.ts";
import { add, type Decimal, formatFixed, multiply, parseDecimal, sum, ZERO } from "../../../core/decimal.ts";
import type { Contributor, Scope } from "../../../core/finding.ts";
import { addDays, type Day } from "../../../core/period.ts";
import type { SqlEngine } from "../../../ports/sql-engine.ts";
import type { SeriesName } from "../feedback/types.ts";
import { largestFirst } from "./largest-first.ts";
import { type NewCell, readNewCells } from "./read-new-cells.ts";
import { recentHistory } from "./recent-history.ts";
import { type RuleObservation, ruleObservation } from "./types.ts";

const CONTRIBUTORS = 5;
const DAYS_OF_NOTHING = 7;

export interface FirstUseInput {
  cubeRelation: string;
  config: Pick<AnomalyConfig, "firstUse">;
  today: Day;
  /** First costs of so many days are looked at. */
  watchedDays: number;
  cautionOf(series: SeriesName): number;
}

/** The first costs of one service or region of a provider on one day, in the organisation or in some of its accounts. */
interface Arrival {
  dimension: "service" | "region";
  provider: string;
  value: string;
  currency: string;
  day: Day;
  /** Nobody in the organisation had it before. */
  isNewToAll: boolean;
  cells: NewCell[];
}

/**
 * A service or a region that an account (or the whole organisation) has never paid for before, once it has cost `floor`. Only where there
 * are `historyDays` of history to know that: a new account or a fresh lake says nothing. Accounts that begin on the same day are one
 * observation. A new service in a new region is one, too: what is mostly the money of a larger one is not told again.
 */
export async function firstUses(engine: SqlEngine, input: FirstUseInput): Promise<RuleObservation[]> {
  const newCells = await readNewCells(engine, {
    cubeRelation: input.cubeRelation,
    historyDays: input.config.firstUse.historyDays,
    start: addDays(input.today, 1 - input.watchedDays),
    today: input.today,
  });
  const arrivals = [...arrivalsOf(newCells, "service"), ...arrivalsOf(newCells, "region")];
  const claimed = new Set<NewCell>();
  return largestFirst(arrivals, ({ cells }) => amountOf(cells)).flatMap((arrival) => {
    const amount = amountOf(arrival.cells);
    if (isToldAlready(arrival, amount, claimed)) return [];
    const raisedOn = dayOverFloor(arrival, input);
    if (raisedOn === undefined) return [];
    for (const cell of arrival.cells) claimed.add(cell);
    return observation(arrival, amount, raisedOn);
  });
}

function arrivalsOf(cells: readonly NewCell[], dimension: Arrival["dimension"]): Arrival[] {
  const own = cells.filter((cell) => cell[dimension].isNew);
  const groups = Map.groupBy(own, (cell) =>
    JSON.stringify([cell.provider, cell.currency, cell[dimension].value, cell[dimension].since]),
  );
  return [...groups.values()].flatMap((group) => {
    return group.slice(0, 1).map(({ provider, currency, ...first }): Arrival => {
      const { value, since: day, isNewToAll } = first[dimension];
      return { dimension, provider, value, currency, day, isNewToAll, cells: group };
    });
  });
}

function isToldAlready({ cells }: Arrival, amount: Decimal, claimed: ReadonlySet<NewCell>): boolean {
  return amountOf(cells.filter((cell) => claimed.has(cell))) * 2n > amount;
}

/** The day on which its cost since the first reached the floor; undefined while it is below, or is again. */
function dayOverFloor(arrival: Arrival, { config, cautionOf }: FirstUseInput): Day | undefined {
  const caution = parseDecimal(cautionOf({ scope: scopeOf(arrival), currency: arrival.currency }).toFixed(6));
  const floor = multiply(config.firstUse.floor, caution);
  const days = Map.groupBy(arrival.cells, ({ day }) => day);
  let total = ZERO;
  let since: Day | undefined;
  for (const day of [...days.keys()].sort()) {
    total = add(total, amountOf(days.get(day) ?? []));
    since = total < floor ? undefined : (since ?? day);
  }
  return since;
}

function amountOf(cells: readonly NewCell[]): Decimal {
  return sum(cells.map(({ amount }) => amount));
}

function scopeOf({ provider, dimension, value }: Arrival): Scope {
  return { provider: [provider], [dimension]: [value] };
}

function observation(arrival: Arrival, amount: Decimal, raisedOn: Day): RuleObservation {
  const { provider, dimension, value, currency, day, isNewToAll, cells } = arrival;
  const accounts = new Set(cells.map(({ account }) => account));
  const [only = ""] = accounts;
  const where = accounts.size === 1 ? `account ${only}` : `${accounts.size} accounts`;
  const news = isNewToAll ? `, new to the organisation` : "";
  return ruleObservation({
    rule: "first-use",
    scope: scopeOf(arrival),
    currency,
    day,
    raisedOn,
    title: `First use of ${dimension} ${provider} / ${value} on ${day} in ${where}${news}: ${formatFixed(amount, 2)} ${currency} so far`,
    amount,
    rows: cells.reduce((rows, cell) => rows + cell.rows, 0),
    isSettled: false,
    contributors: contributorsOf(cells),
    facts: {
      expected: "0",
      new: isNewToAll ? `${dimension}, nobody had it before` : `${dimension} in ${where}`,
      ...recentHistory(dailyCosts(arrival)),
    },
  });
}

/** A week of nothing, then what it cost. */
function dailyCosts({ cells, day }: Arrival): Map<Day, Decimal> {
  const costs = new Map(
    Array.from({ length: DAYS_OF_NOTHING }, (_, index) => [addDays(day, index - DAYS_OF_NOTHING), ZERO]),
  );
  for (const cell of cells) costs.set(cell.day, add(costs.get(cell.day) ?? ZERO, cell.amount));
  return costs;
}

function contributorsOf(cells: readonly NewCell[]): Contributor[] {
  const groups = Map.groupBy(cells, ({ account, service, region }) =>
    JSON.stringify([account, service.value, region.value]),
  );
  const parts = [...groups.values()].flatMap((group): Contributor[] =>
    group.slice(0, 1).map(({ account, service, region }) => {
      const keys = { account, service: service.value, region: region.value };
      return { keys, amount: amountOf(group) };
    }),
  );
  return largestFirst(parts, ({ amount }) => amount).slice(0, CONTRIBUTORS);
}
