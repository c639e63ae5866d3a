import { addDays, dayOf } from "../../../core/period.ts";
import { HOURLY_DIMENSIONS } from "../../../ledger/hourly-costs.ts";
import type { ObjectStore } from "../../../ports/object-store.ts";
import type { SqlEngine } from "../../../ports/sql-engine.ts";
import { explainExcess } from "../attribution/explain-excess.ts";
import { daysOfHours } from "../series/days-of-hours.ts";
import { readHours } from "../series/read-hours.ts";
import type { LeafTable } from "../series/types.ts";
import { DAY_MS } from "../types.ts";
import { dayAt } from "./cause-observation.ts";
import { exactCosts } from "./exact-costs.ts";
import { hoursIdentity, hoursObservation, UNUSUAL_HOUR } from "./hours-observation.ts";
import { hoursOfCause } from "./hours-of-cause.ts";
import { coverage, judgeOnce, type StandingCause, standingCauses } from "./judge-once.ts";
import { HOURLY_MEMORY_KEY } from "./memory.ts";
import type { UnusualInput, UnusualReport } from "./observe-unusual.ts";

/** What a watch sees of the past: four weeks to learn the hours of the week from, and the newest one. */
const HISTORY_DAYS = 35;

export interface UnusualHoursInput extends Omit<UnusualInput, "completenessOf"> {
  /** Relation with hourly costs (`ledger/hourly-costs.ts`). */
  hourlyRelation: string;
}

/**
 * Unusual cost by the hour, where bills tell hours: the same levels and the same rule of one alert per cause as by the day, told on the day
 * itself. An hour counts only when it is over.
 */
export async function observeHours(
  deps: { engine: SqlEngine; store: ObjectStore },
  input: UnusualHoursInput,
  now: Date,
): Promise<UnusualReport> {
  const start = addDays(dayOf(now), -HISTORY_DAYS);
  const by = input.config.by.filter((name) => HOURLY_DIMENSIONS.some((known) => known === name));
  const table = await readHours(deps.engine, { ...input, by, start, now: now.getTime() });
  const judged = { ...input, table, completenessOf: () => [] };
  const { causes } = await judgeOnce(deps.store, HOURLY_MEMORY_KEY, judged, now);
  const observations = await explained(deps.engine, { ...input, table, today: dayOf(now) }, standingCauses(causes));
  return { observations, covers: coverage(causes, UNUSUAL_HOUR, hoursIdentity) };
}

async function explained(
  engine: SqlEngine,
  input: UnusualHoursInput & { table: LeafTable; today: string },
  standing: readonly StandingCause[],
): Promise<UnusualReport["observations"]> {
  if (standing.length === 0) return [];
  const { table, hourlyRelation } = input;
  const { by } = table;
  const hours = standing.map((one) => hoursOfCause(one, table));
  const ofDays = hours.map(({ from, to, actual, expected }, index) => {
    const { cause, now } = standing[index] as StandingCause;
    const days = { start: dayAt(from), end: dayAt(to - 1 + DAY_MS) };
    return { ...cause, alert: { direction: now.direction, impact: Math.abs(actual - expected) }, days };
  });
  const ofHours = ofDays.map((one, index) => ({ ...one, days: instants(hours[index]) }));
  const parts = await explainExcess(engine, { ...input, ...daysOfHours(table) }, ofDays);
  const owners = await exactCosts(engine, { ...input, by }, ofDays);
  const exact = await exactCosts(engine, { ...input, cubeRelation: hourlyRelation, by, time: "hour" }, ofHours);
  return standing.flatMap((one, index) => {
    const [of, cost, part] = [hours[index], exact[index], parts[index]];
    if (of === undefined || cost === undefined || part === undefined) return [];
    return [hoursObservation(one, { table, hours: of, exact: cost, team: owners[index]?.team, explained: part })];
  });
}

function instants(hours: { from: number; to: number } | undefined): { start: string; end: string } {
  const text = (at = 0) => new Date(at).toISOString().slice(0, 19).replace("T", " ");
  return { start: text(hours?.from), end: text(hours?.to) };
}
