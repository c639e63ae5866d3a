import type { Day } from "../../core/period.ts";
import { sqlText } from "../../ports/sql-engine.ts";
import { longestSettling, type SettledAfterDays, unsettledSql } from "../settledness.ts";
import { HORIZON_DAYS } from "./knowledge.ts";
import { completenessOf, type LagModel, sureShare } from "./lag-model.ts";
import { PROVIDERS_WITH_PRIOR } from "./priors.ts";

/** What is sure of an amount in percent, and what it is expected to end at in thousandths: whole numbers, so that money stays exact. */
export const SETTLED_SURE = 100;
export const SETTLED_GROWN = 1000;
/** A day of which next to nothing is visible says nothing about what it will be. */
const GROWN_AT_MOST = 20_000;

export interface LagSql {
  /** A WITH item `lags(provider, service, lag_sure, lag_grown)`; undefined where no service is learnt apart. */
  table: string | undefined;
  /** Adds `lags` to a relation with the cube's columns. */
  join(relation: string): string;
  /** INTEGER: percent of a row's amount that can be relied on; 100 of what is settled, and of nothing else. */
  sure: string;
  /** INTEGER: thousandths of a row's amount that it is expected to end at. */
  grown: string;
}

/**
 * The lag model as SQL over the cube's columns. A list per provider (and service) has the day that is running first, then the days
 * before it up to the oldest that is not settled. A running day keeps what it has: what it will still bring is a forecast.
 */
export function lagSql(model: LagModel, settledAfterDays: SettledAfterDays, today: Day): LagSql {
  // Beyond the horizon every age is alike.
  const days = Math.min(longestSettling(settledAfterDays), HORIZON_DAYS) + 2;
  const lists = (provider: string, service: string | undefined) => {
    const ages = Array.from({ length: days }, (_none, index) => index - 1);
    return {
      sure: `[${ages.map((age) => Math.floor(100 * sureShare(model, provider, service, age))).join(", ")}]`,
      grown: `[${ages.map((age) => grown(model, provider, service, age)).join(", ")}]`,
    };
  };
  const services = [...model.providers].flatMap(([provider, lag]) =>
    [...lag.services.keys()].map((service) => {
      const own = lists(provider, service);
      return `(${sqlText(provider)}, ${sqlText(service)}, ${own.sure}, ${own.grown})`;
    }),
  );
  const named = [...new Set([...model.providers.keys(), ...PROVIDERS_WITH_PRIOR])];
  const unsettled = unsettledSql(settledAfterDays, today);
  const place = `[greatest(0, least(${days - 1}, DATE ${sqlText(today)} - date))::INTEGER + 1]`;
  const ofProvider = (what: "sure" | "grown") => {
    const cases = named.map(
      (provider) => `WHEN ${sqlText(provider)} THEN (${lists(provider, undefined)[what]})${place}`,
    );
    return `CASE provider ${cases.join(" ")} ELSE (${lists("", undefined)[what]})${place} END`;
  };
  const value = (what: "sure" | "grown", settled: number) => {
    const own = services.length === 0 ? ofProvider(what) : `coalesce(lag_${what}${place}, ${ofProvider(what)})`;
    return `CASE WHEN ${unsettled} THEN ${own} ELSE ${settled} END`;
  };
  return {
    table:
      services.length === 0
        ? undefined
        : `lags(provider, service, lag_sure, lag_grown) AS (VALUES ${services.join(", ")})`,
    join: (relation) => (services.length === 0 ? relation : `${relation} LEFT JOIN lags USING (provider, service)`),
    sure: value("sure", SETTLED_SURE),
    grown: value("grown", SETTLED_GROWN),
  };
}

function grown(model: LagModel, provider: string, service: string | undefined, age: number): number {
  if (age < 0) return SETTLED_GROWN;
  const { share } = completenessOf(model, provider, service, age);
  return Math.min(GROWN_AT_MOST, Math.round(SETTLED_GROWN / share));
}
