import { DAY_MS } from "../../../../shared/governance/anomalies/types.ts";
import { SETTINGS } from "../cost-bench/lib/settings.mjs";
import { type Forecaster, sumOf } from "./forecasters.ts";
import type { BenchSeries, Event } from "./months.ts";

/**
 * Knows the generator's baseline exactly, what every day so far really was, and each event that has begun; not the noise to come and not
 * the events to come. `end`: whether it also knows when events that have begun will end; otherwise it takes them as lasting, like anybody
 * who cannot see the future.
 */
export function oracle(end: "knows ends" | "no future"): Forecaster {
  return ({ series, asked, first, past }) => {
    const noise = presentNoise(series, asked - 1);
    let rest = 0;
    for (let day = asked; day < past; day += 1) {
      const usual = usualCost(series, day) * Math.exp(noise * series.character.phi ** (day - asked + 1));
      const normal = usual * burstFactor(series) + monthStartFee(series, day);
      rest += series.events.reduce((cost, event) => cost + extra(event, day, asked, normal, end), normal);
    }
    const point = sumOf(series.final, first, asked) + rest;
    return { point, low: point, high: point };
  };
}

function usualCost({ character: c, start }: BenchSeries, day: number): number {
  const date = new Date(start + day * DAY_MS);
  const monthDay = (date.getUTCMonth() + 1) * 100 + date.getUTCDate();
  const drift = c.wiggle * Math.sin((day / c.wigglePeriod) * 6.283 + c.wigglePhase);
  const dip = monthDay >= 1224 || monthDay <= 101 ? 1 - c.yearEndDip : 1;
  return c.level * Math.exp(c.growthPerDay * day + drift) * (c.weekdayFactor[date.getUTCDay()] ?? 1) * dip;
}

function monthStartFee({ character: c, start }: BenchSeries, day: number): number {
  const isFirst = new Date(start + day * DAY_MS).getUTCDate() === 1;
  return isFirst ? c.level * Math.exp(c.growthPerDay * day) * c.monthStartFee : 0;
}

/** Mean of irregular batch jobs over many days: jobs last 1 to 3 days, then one day is idle, then one starts by chance. */
function burstFactor({ character }: BenchSeries): number {
  if (!character.bursty) return 1;
  const job = (SETTINGS.burstDays[0] + SETTINGS.burstDays[1]) / 2;
  return 1 + (character.burstSize * job) / (job + 1 + 1 / SETTINGS.burstChance - 1);
}

/** Logarithm of the last day over its baseline, where no job hides it. */
function presentNoise(series: BenchSeries, day: number): number {
  if (series.character.bursty) return 0;
  let cost = series.final[day] ?? 0;
  for (const event of series.events) {
    const excess = event.excess[day - event.start] ?? 0;
    cost -= event.type === "drop" ? -excess : excess;
  }
  const noise = cost > 0 ? Math.log(cost / usualCost(series, day)) : 0;
  return Math.abs(noise) > 8 * series.character.sigma ? 0 : noise;
}

function extra(event: Event, day: number, asked: number, normal: number, end: "knows ends" | "no future"): number {
  if (event.start >= asked || event.end < asked - (end === "no future" ? 1 : 0)) return 0;
  if (end === "knows ends" && day > event.end) return 0;
  if (event.type === "drop") return -normal * event.size;
  if (event.type !== "leak") return normal * event.size;
  const seen = end === "no future" ? Math.min(day, asked - 1) : day;
  return (normal * event.size * (seen - event.start + 1)) / (event.end - event.start + 1);
}
