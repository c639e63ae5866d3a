import type { Day } from "../../core/period.ts";
import { sqlText } from "../../ports/sql-engine.ts";
import { longestSettling, type SettledAfterDays, unsettledSql } from "../settledness.ts";
import { HORIZON_DAYS } from "./knowledge.ts";
import { completenessOf, type LagModel, sureShare } from "./lag-model.ts";
import { PROVIDERS_WITH_PRIOR } from "./priors.ts";

/** What is sure of an amount in percent, and what it is expected to end at in thousandths: whole numbers, so that money stays exact. */
export const SETTLED_SURE = 100;
export const SETTLED_GROWN = 1000;
/** Where less than this is usually visible, what is visible says nothing about what it will be. */
const LEAST_SHARE = 0.1;
/** Both in one number, `sure × WORTH + grown`, because rows are grouped by it and every column of a group costs time. */
const WORTH = 100_000;
/** The worth of what is settled, and of nothing else. */
export const SETTLED_WORTH = worthOf(SETTLED_SURE, SETTLED_GROWN);

export interface LagSql {
  /** A WITH item `lags(provider, service, lag_worth)`; undefined where no service is learnt apart. */
  table: string | undefined;
  /** Adds `lags` to a relation with the cube's columns. */
  join(relation: string): string;
  /** INTEGER over the columns of that join: the worth of a row. */
  worth: string;
}

/** INTEGER: percent of an amount that can be relied on. */
export function sureSql(worth: string): string {
  return `(${worth} // ${WORTH})`;
}

/** INTEGER: thousandths of an amount that it is expected to end at. */
export function grownSql(worth: string): string {
  return `(${worth} % ${WORTH})`;
}

function worthOf(sure: number, grown: number): number {
  return sure * WORTH + grown;
}

/**
 * The lag model as SQL over the cube's columns. A list per provider (and service) has the day that is running first, then the days
 * before it up to the oldest that is not settled. A running day keeps what it has: what it will still bring is a forecast.
 */
export function lagSql(model: LagModel, settledAfterDays: SettledAfterDays, today: Day): LagSql {
  // Beyond the horizon every age is alike.
  const days = Math.min(longestSettling(settledAfterDays), HORIZON_DAYS) + 2;
  const ages = Array.from({ length: days }, (_none, index) => index - 1);
  const list = (provider: string, service: string | undefined) =>
    `[${ages.map((age) => worthAt(model, provider, service, age)).join(", ")}]`;
  const place = `[greatest(0, least(${days - 1}, DATE ${sqlText(today)} - date))::INTEGER + 1]`;
  const services = [...model.providers].flatMap(([provider, lag]) =>
    [...lag.services.keys()].map(
      (service) => `(${sqlText(provider)}, ${sqlText(service)}, ${list(provider, service)})`,
    ),
  );
  const named = [...new Set([...model.providers.keys(), ...PROVIDERS_WITH_PRIOR])];
  const cases = named.map((provider) => `WHEN ${sqlText(provider)} THEN ${list(provider, undefined)}`);
  const ofProvider = `CASE provider ${cases.join(" ")} ELSE ${list("", undefined)} END`;
  const apart = services.length > 0;
  const own = apart ? `coalesce(lag_worth, ${ofProvider})` : `(${ofProvider})`;
  return {
    table: apart ? `lags(provider, service, lag_worth) AS (VALUES ${services.join(", ")})` : undefined,
    join: (relation) => (apart ? `${relation} LEFT JOIN lags USING (provider, service)` : relation),
    worth: `CASE WHEN ${unsettledSql(settledAfterDays, today)} THEN ${own}${place} ELSE ${SETTLED_WORTH} END`,
  };
}

function worthAt(model: LagModel, provider: string, service: string | undefined, age: number): number {
  return worthOf(Math.floor(100 * sureShare(model, provider, service, age)), grown(model, provider, service, age));
}

function grown(model: LagModel, provider: string, service: string | undefined, age: number): number {
  if (age < 0) return SETTLED_GROWN;
  const { share } = completenessOf(model, provider, service, age);
  return share < LEAST_SHARE ? SETTLED_GROWN : Math.round(SETTLED_GROWN / share);
}
