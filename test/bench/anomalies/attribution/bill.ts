import type { Draw } from "../fine/random.ts";

/** What one day of an organisation usually costs, by leaf: a combination of dimension values. */
export interface Bill {
  dimensions: readonly string[];
  rows: readonly BillRow[];
}

interface BillRow {
  values: readonly string[];
  cost: number;
}

/** How much of the structure of a bill is drawn. */
interface BillShape {
  /** Services and regions per account: few make a sparse cube in which one element is often a large part of another. */
  sparse: boolean;
}

const NAMES = ["account", "service", "region", "team", "environment", "project"] as const;
/** Below, a bill has too little to tell apart. */
const LEAST_ROWS = 40;

/**
 * A bill with four to six dimensions that depend on each other as they do in real ones: an account has one provider, one team (a few
 * have two) and mostly one environment; services and regions belong to a provider; projects belong to a team. Sizes are Zipf-like.
 */
export function drawBill(draw: Draw, shape: BillShape): Bill {
  for (;;) {
    const bill = attempt(draw, shape);
    if (bill.rows.length >= LEAST_ROWS) return bill;
  }
}

function attempt(draw: Draw, { sparse }: BillShape): Bill {
  const kept = NAMES.slice(0, draw.whole(4, NAMES.length));
  const providers = draw.whole(1, 3);
  const accounts = draw.whole(8, 40);
  const teams = draw.whole(5, 15);
  const services = Array.from({ length: providers }, () => zipf(draw, draw.whole(6, Math.floor(40 / providers))));
  const regions = Array.from({ length: providers }, () => zipf(draw, draw.whole(3, 8)));
  const sizes = zipf(draw, accounts);
  const costs = new Map<string, number>();
  for (let account = 0; account < accounts; account++) {
    const provider = draw.whole(0, providers - 1);
    const owners = Array.from({ length: draw.chance(0.25) ? 2 : 1 }, () => draw.whole(0, teams - 1));
    const environments = draw.chance(0.8) ? [draw.whole(0, 3)] : [0, 1, 2, 3];
    const used = sparse ? draw.whole(1, 4) : draw.whole(4, 14);
    const places = sparse ? 1 : draw.whole(1, 4);
    const ownServices = choose(draw, services[provider] ?? [], used);
    const ownRegions = choose(draw, regions[provider] ?? [], places);
    for (const service of ownServices)
      for (const region of ownRegions)
        for (const team of owners)
          for (const environment of environments) {
            if (draw.chance(0.15)) continue;
            const weight = (services[provider]?.[service] ?? 0) * (regions[provider]?.[region] ?? 0);
            const cost = 1e5 * (sizes[account] ?? 0) * weight * Math.exp(0.7 * draw.normal());
            const values = [
              `account-${account}`,
              `p${provider}-service-${service}`,
              `p${provider}-region-${region}`,
              `team-${team}`,
              `environment-${environment}`,
              `project-${team}-${draw.whole(0, 2)}`,
            ].slice(0, kept.length);
            const key = JSON.stringify(values);
            costs.set(key, (costs.get(key) ?? 0) + cost);
          }
  }
  const rows = [...costs].map(([key, cost]) => ({ values: valuesOf(key), cost }));
  return { dimensions: kept, rows };
}

function valuesOf(key: string): string[] {
  const values: unknown = JSON.parse(key);
  return Array.isArray(values) ? values.map(String) : [];
}

/** Sizes ∝ 1 / rank, in random order. */
function zipf(draw: Draw, count: number): number[] {
  const exponent = draw.between(0.7, 1.2);
  const sizes = Array.from({ length: count }, (_, rank) => 1 / (rank + 1) ** exponent);
  for (let i = count - 1; i > 0; i--) {
    const j = draw.whole(0, i);
    [sizes[i], sizes[j]] = [sizes[j] ?? 0, sizes[i] ?? 0];
  }
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return sizes.map((size) => size / total);
}

/** Different indexes, large ones more often. */
function choose(draw: Draw, sizes: readonly number[], count: number): number[] {
  const left = [...sizes];
  const chosen: number[] = [];
  while (chosen.length < Math.min(count, sizes.length)) {
    const index = weightedIndex(draw, left);
    left[index] = 0;
    chosen.push(index);
  }
  return chosen;
}

/** One index, in proportion to the weights. */
export function weightedIndex(draw: Draw, weights: readonly number[]): number {
  let rest = draw.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  const index = weights.findIndex((weight) => {
    rest -= weight;
    return rest < 0;
  });
  return index < 0 ? weights.length - 1 : index;
}
