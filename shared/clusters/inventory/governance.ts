import { DEFAULT_LABEL_KEYS } from "../../config/allocation.ts";
import { ALLOCATION_DIMENSIONS, type AllocationConfig, type AllocationDimension } from "../../config/types.ts";
import { allocate } from "../../ingestion/allocation/allocate.ts";
import { foldKey } from "../../ingestion/allocation/fold-case.ts";
import { UNALLOCATED } from "../../ingestion/allocation/tag-keys.ts";
import type { Governance } from "./types.ts";

type LabelSet = Readonly<Record<string, string>>;

/** What team, project, environment and cost center are, by the same rules as bills (`allocation` in the configuration). */
export interface GovernanceReader {
  /** The first label set that tells wins, dimension by dimension; then the table of namespaces, then the default. */
  of(namespace: string | undefined, ...labels: readonly LabelSet[]): Governance;
}

export const DEFAULT_ALLOCATION: AllocationConfig = {
  labels: {
    team: { keys: DEFAULT_LABEL_KEYS.team, aliases: {} },
    project: { keys: DEFAULT_LABEL_KEYS.project, aliases: {} },
    environment: { keys: DEFAULT_LABEL_KEYS.environment, aliases: {} },
    cost_center: { keys: DEFAULT_LABEL_KEYS.cost_center, aliases: {} },
  },
  accounts: {},
  namespaces: {},
  shared: [],
};

export function createGovernanceReader(allocation: AllocationConfig = DEFAULT_ALLOCATION): GovernanceReader {
  const labelled = withoutFallbacks(allocation);
  const isTelling = createTelling(allocation);
  const known = new Map<string, Governance>();
  const find = (labels: LabelSet): Governance => {
    const told = Object.entries(labels).filter(([key]) => isTelling(key));
    const key = JSON.stringify(told);
    const found = known.get(key) ?? allocate(labelled, { tags: Object.fromEntries(told), account: null });
    known.set(key, found);
    return found;
  };
  return {
    of(namespace, ...labels) {
      const table = namespace === undefined ? {} : lookUp(allocation.namespaces, namespace);
      const sets = labels.map(find);
      const told = (name: AllocationDimension): string =>
        sets.map((set) => set[name]).find((value) => value !== UNALLOCATED) ??
        table[name] ??
        allocation.labels[name].default ??
        UNALLOCATED;
      return governance(told);
    },
  };
}

function governance(of: (name: AllocationDimension) => string): Governance {
  return {
    team: of("team"),
    project: of("project"),
    environment: of("environment"),
    cost_center: of("cost_center"),
  };
}

function lookUp<Value>(table: Readonly<Record<string, Value>>, key: string): Value | Record<string, never> {
  return Object.hasOwn(table, key) ? (table[key] ?? {}) : {};
}

function withoutFallbacks({ labels, shared }: AllocationConfig): AllocationConfig {
  const bare = (name: AllocationDimension) => ({ keys: labels[name].keys, aliases: labels[name].aliases });
  return {
    labels: {
      team: bare("team"),
      project: bare("project"),
      environment: bare("environment"),
      cost_center: bare("cost_center"),
    },
    accounts: {},
    namespaces: {},
    shared,
  };
}

/** Most labels say nothing about governance; whether a key does is asked once. */
function createTelling({ labels }: AllocationConfig): (key: string) => boolean {
  const telling = new Set(ALLOCATION_DIMENSIONS.flatMap((name) => labels[name].keys).map(foldKey));
  const known = new Map<string, boolean>();
  return (key) => {
    const found = known.get(key) ?? telling.has(foldKey(key));
    known.set(key, found);
    return found;
  };
}
