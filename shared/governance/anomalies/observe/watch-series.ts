import { at } from "../../../core/at.ts";
import { leafAt } from "../series/leaf-at.ts";
import { type CompletenessOf, nodeCompleteness } from "../series/node-completeness.ts";
import { seriesNodes } from "../series/series-nodes.ts";
import type { LeafTable, SeriesNode } from "../series/types.ts";
import {
  type Alert,
  type Completeness,
  type CreateWatch,
  DAY_MS,
  type KnownSeries,
  type RememberedAlert,
  type Sensitivity,
  type SeriesWatch,
  type Standing,
} from "../types.ts";
import type { AnomalyMemory } from "./memory.ts";

export interface JudgeInput {
  /** Days (or hours) that have ended; the last one is the newest. */
  table: LeafTable;
  completenessOf: CompletenessOf;
  createWatch: CreateWatch;
  sensitivityOf: (node: SeriesNode) => Sensitivity;
  /**
   * Start of the first day on which low cost of a provider may only mean that the day is half delivered. A drop on it is neither told nor
   * remembered; it is judged again at the next look. Default: how complete days are is known well enough.
   */
  dropsBelievedBefore?: ((provider: string) => number) | undefined;
  /** Of the evaluation before. */
  memory?: AnomalyMemory | undefined;
}

/** A series that is watched. */
export interface Watched {
  node: SeriesNode;
  watch: SeriesWatch;
  /** As known at the end of the day with this index; by the hour up to the newest that is delivered, since providers are late. */
  knownAt: (day: number) => KnownSeries;
  believes: (alert: Pick<Alert, "direction" | "at">) => boolean;
}

/** The watches of all levels, as the evaluation before left them. */
export function watchAll(
  { table, createWatch, sensitivityOf, memory, dropsBelievedBefore = () => Number.POSITIVE_INFINITY }: JudgeInput,
  ofLeaf: readonly (readonly Completeness[])[],
): Watched[] {
  const completenessOf = nodeCompleteness(table, ofLeaf);
  const start = Date.parse(table.start);
  return seriesNodes(table).flatMap((node) => {
    const alerts = memory?.series[node.id];
    const sensitivity = sensitivityOf(node);
    if (alerts === undefined && !canCost(node.costs, sensitivity.floor)) return [];
    const completeness = completenessOf(node);
    const knownAt = (day: number) => ({
      start,
      step: table.step ?? DAY_MS,
      costs: node.costs.subarray(0, table.step === undefined ? day + 1 : knownLength(node.costs, day + 1)),
      completeness: completeness.slice(table.days - 1 - day),
    });
    const limit = Math.min(...[...providersOf(table, node)].map(dropsBelievedBefore));
    const believes: Watched["believes"] = ({ direction, at }) => direction === "up" || at < limit;
    const create = table.step === undefined ? createWatch : madeAnew(createWatch);
    return [{ node, watch: create(sensitivity, alerts === undefined ? undefined : { alerts }), knownAt, believes }];
  });
}

/** Looks once per evaluation and keeps only its memory: what a watch by the hour has learnt is too much to keep for thousands of series. */
function madeAnew(create: CreateWatch): CreateWatch {
  return (sensitivity, memory) => {
    let kept = memory;
    return {
      look(known, changedFrom) {
        const watch = create(sensitivity, kept);
        const judged = watch.look(known, changedFrom);
        kept = watch.memory();
        return judged;
      },
      standing: (known) => create(sensitivity, kept).standing(known),
      memory: () => kept ?? { alerts: [] },
    };
  };
}

/** Without the periods at the end that nobody has delivered. */
function knownLength(costs: Float64Array, length: number): number {
  let known = length;
  while (known > 0 && Number.isNaN(at(costs, known - 1))) known -= 1;
  return known;
}

function providersOf(table: LeafTable, { leaves }: SeriesNode): Set<string> {
  return new Set(leaves.map((leaf) => leafAt(table, leaf).provider));
}

/** A series that has never cost the floor in all cannot be off by it. */
function canCost(costs: Float64Array, floor: number): boolean {
  let sum = 0;
  for (const cost of costs) if (!Number.isNaN(cost)) sum += Math.abs(cost);
  return sum > 0 && sum >= floor;
}

/** What became of an alert by the evening of a day; undefined when its watch has forgotten it. */
export function standingOf(
  { watch, knownAt }: Watched,
  { at, alertedAt }: RememberedAlert,
  day: number,
): Standing | undefined {
  return watch.standing(knownAt(day)).find(({ alert }) => alert.at === at && alert.alertedAt === alertedAt);
}
