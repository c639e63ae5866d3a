import { at } from "../../../core/at.ts";
import { abs, type Decimal, parseDecimal, subtract, sum } from "../../../core/decimal.ts";
import type { Contributor } from "../../../core/finding.ts";
import { daysBetween } from "../../../core/period.ts";
import type { SqlEngine } from "../../../ports/sql-engine.ts";
import { type LeafExcess, leafExcess } from "../hierarchy/leaf-excess.ts";
import { type CompletenessOf, leafCompleteness } from "../series/node-completeness.ts";
import type { LeafTable } from "../series/types.ts";
import type { Alert } from "../types.ts";
import { explainLeaves } from "./explain-leaves.ts";
import { createLeaves } from "./leaves.ts";
import { type CostPart, type CostParts, type PartsQuestion, readParts } from "./read-parts.ts";
import type { Cause, Explanation } from "./types.ts";

export interface ExcessInput {
  cubeRelation: string;
  /** The series that were watched: which days each provider has delivered, and which day is the last. */
  table: LeafTable;
  completenessOf: CompletenessOf;
}

/** An alert whose excess is to be explained, with its figures as known now. */
export interface ExcessQuestion extends PartsQuestion {
  alert: Pick<Alert, "direction" | "impact">;
}

/** What makes an excess, for a finding's evidence. */
export interface ExplainedExcess {
  /** Elements and pairs, the largest first. They share no cost. Amounts are off expectation in the direction of the alert, so above 0. */
  contributors: Contributor[];
  /**
   * - `explained`: part of the excess that the contributors make
   * - `spread`: `even` where no part stands out, and the contributors are only where most of the money is
   * - `surprise`: of each contributor, in thousandths of the most that there can be: how far its share of the whole has changed
   */
  facts: Record<string, string>;
}

const MOST_CONTRIBUTORS = 5;
/** Beyond what it takes to explain the excess, only what makes so much of it is named. */
const LEAST_SHARE = 0.1;

/**
 * Which accounts, services, regions, teams, … make the excess of each alert, in the order of the questions, by one query for all of them.
 * Every combination of dimensions is expected to cost what it usually does (`hierarchy/leaf-excess.ts`), adjusted so that all of them are
 * expected to cost what the alerting series is.
 */
export async function explainExcess(
  engine: SqlEngine,
  { cubeRelation, table, completenessOf }: ExcessInput,
  questions: readonly ExcessQuestion[],
): Promise<ExplainedExcess[]> {
  const answers = await readParts(engine, cubeRelation, questions);
  const known = knownDays(table);
  return answers.map((answer) => {
    const read = { ...answer, parts: answer.parts.filter(({ provider }) => known.has(provider)) };
    return explain(read, excessOf(read, { table, known, completenessOf }));
  });
}

interface Known {
  table: LeafTable;
  /** Per provider a series of it: NaN on the days that it has not delivered. */
  known: ReadonlyMap<string, Float64Array>;
  completenessOf: CompletenessOf;
}

function knownDays({ leaves }: LeafTable): Map<string, Float64Array> {
  return new Map(leaves.map(({ provider, costs }) => [provider, costs]));
}

function excessOf(read: CostParts<ExcessQuestion>, context: Known): LeafExcess {
  const { days, currency, keys, alert } = read.question;
  const offset = daysBetween(context.table.start, read.start);
  const count = daysBetween(read.start, days.end);
  const leaves = read.parts.map((part) => {
    const costs = costsOf(part, count, (day) => context.known.get(part.provider)?.[day + offset]);
    return { provider: part.provider, currency, values: part.values, costs };
  });
  const table: LeafTable = { by: read.dimensions, start: read.start, days: count, leaves };
  const service = keys["service"];
  const completeness = leafCompleteness(table, (provider, own) => context.completenessOf(provider, service ?? own));
  const range = { from: daysBetween(read.start, days.start), to: count - 1 };
  return leafExcess({ table, completeness }, { leaves: [...leaves.keys()] }, range, alert);
}

/** Every day that is not delivered, or not among those that were watched, is unknown. */
function costsOf({ days, costs }: CostPart, count: number, watched: (day: number) => number | undefined): Float64Array {
  const all = Float64Array.from({ length: count }, (_none, day) => {
    return Number.isNaN(watched(day) ?? Number.NaN) ? Number.NaN : 0;
  });
  for (const index of bySize(costs)) {
    const day = at(days, index);
    all[day] = (Number.isNaN(at(all, day)) ? 0 : at(all, day)) + at(costs, index);
  }
  return all;
}

/** Added up in this order, the same costs give the same sum to the last bit, in whatever order they were read. */
function bySize(costs: Float64Array): Uint32Array {
  return Uint32Array.from(costs.keys()).sort((a, b) => at(costs, a) - at(costs, b));
}

function explain(read: CostParts, excess: LeafExcess): ExplainedExcess {
  const rows = read.parts.map(({ values }, index) => ({
    values,
    expected: at(excess.expected, index),
    actual: at(excess.actual, index),
  }));
  const explanation = explainLeaves(createLeaves(read.dimensions, rows));
  const named = namedOf(explanation);
  if (named.length === 0) return { contributors: [], facts: {} };
  const explained = named.reduce((all, { share }) => all + share, 0);
  return {
    contributors: named.map(({ keys, leaves, expected }) => {
      const actual = sum(leaves.map((leaf) => read.parts[leaf]?.actual).filter((one) => one !== undefined));
      return { keys, amount: abs(subtract(actual, money(expected))) };
    }),
    facts: {
      explained: `${Math.round(explained * 100)} %`,
      ...(explanation.even ? { spread: "even" } : {}),
      surprise: named.map((cause) => Math.round((cause.surprise / Math.LN2) * 1000)).join(", "),
    },
  };
}

function namedOf({ causes, needed }: Explanation): Cause[] {
  return causes.filter(({ share }, index) => index < needed || share >= LEAST_SHARE).slice(0, MOST_CONTRIBUTORS);
}

/** An expectation as money for people; six digits, as token spend is often below a cent. */
function money(value: number): Decimal {
  return parseDecimal(value.toFixed(6));
}
