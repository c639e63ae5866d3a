import type { Draw } from "./random.ts";

/** A kind of series as engineers know them: how it looks when nothing is wrong. */
export interface Family {
  name: string;
  /** Looked at while the detector was designed, or kept aside to see whether it carries over. */
  use: "design" | "kept";
  minutes: readonly number[];
  days: readonly [number, number];
  values(draw: Draw, length: number, minutes: number): Float64Array;
}

const DAY_MINUTES = 1440;
const dayWave = (phase: number, sharpness: number): number => ((1 + Math.sin(2 * Math.PI * phase)) / 2) ** sharpness;

function autoregressive(draw: Draw, length: number, keep: number, noise: () => number): Float64Array {
  const out = new Float64Array(length);
  let value = draw.normal();
  for (let i = 0; i < length; i++) {
    value = keep * value + Math.sqrt(1 - keep * keep) * noise();
    out[i] = value;
  }
  return out;
}

/** Share of activity by the time of day and week: nights and weekends quieter. */
function week(draw: Draw): (minute: number) => number {
  const shift = draw.uniform();
  const sharpness = draw.between(0.7, 2.5);
  const night = draw.between(0.05, 0.6);
  const weekend = draw.between(0.3, 1);
  return (minute) => {
    const day = Math.floor(minute / DAY_MINUTES) % 7;
    const activity = night + (1 - night) * dayWave(minute / DAY_MINUTES + shift, sharpness);
    return activity * (day >= 5 ? weekend : 1);
  };
}

const utilisation: Family = {
  name: "utilisation",
  use: "design",
  minutes: [5, 1],
  days: [10, 16],
  values: (draw, length) => {
    const level = draw.between(2, 70);
    const noise = level * draw.between(0.01, 0.12);
    const slow = autoregressive(draw, length, draw.pick([0, 0.7, 0.95]), draw.heavy);
    const rate = draw.between(0, 0.004);
    const size = level * draw.between(0.1, 0.6);
    return slow.map((x) =>
      Math.max(0, Math.round(100 * (level + noise * x + (draw.chance(rate) ? size * draw.between(0.3, 1) : 0))) / 100),
    );
  },
};

const requests: Family = {
  name: "requests",
  use: "design",
  minutes: [30, 5, 10],
  days: [14, 120],
  values: (draw, length, minutes) => {
    const shape = week(draw);
    const mean = 10 ** draw.between(0.5, 4.5);
    const extra = draw.between(0, 0.1);
    const slow = autoregressive(draw, length, 0.9, draw.normal);
    return slow.map((x, i) => {
      const rate = mean * shape(i * minutes) * Math.exp(extra * x);
      return Math.max(0, Math.round(rate + Math.sqrt(rate) * draw.normal()));
    });
  },
};

const jobs: Family = {
  name: "jobs",
  use: "design",
  minutes: [5],
  days: [10, 20],
  values: (draw, length) => {
    const low = draw.between(1, 30);
    const high = low * draw.between(1.5, 4);
    const every = draw.pick([12, 72, 288]);
    const lasts = draw.whole(1, Math.max(2, Math.floor(every / 3)));
    const jitter = draw.whole(0, Math.floor(every / 6));
    const noise = draw.between(0.01, 0.08);
    const out = Float64Array.from({ length }, () => low * (1 + noise * draw.normal()));
    for (let start = 0; start < length; start += every) {
      const from = start + draw.whole(0, jitter);
      for (let i = from; i < Math.min(length, from + lasts + draw.whole(0, 1)); i++)
        out[i] = high * (1 + noise * draw.normal());
    }
    return out;
  },
};

const temperature: Family = {
  name: "temperature",
  use: "design",
  minutes: [60, 5],
  days: [60, 300],
  values: (draw, length, minutes) => {
    const keep = 1 - minutes / (DAY_MINUTES * draw.between(1, 8));
    const slow = autoregressive(draw, length, keep, draw.normal);
    const wave = draw.between(0, 3);
    const noise = draw.between(0.1, 0.8);
    const level = draw.between(20, 90);
    return slow.map(
      (x, i) => level + 5 * x + wave * Math.sin((2 * Math.PI * i * minutes) / DAY_MINUTES) + noise * draw.normal(),
    );
  },
};

const price: Family = {
  name: "price",
  use: "design",
  minutes: [60, 30],
  days: [60, 75],
  values: (draw, length, minutes) => {
    const shape = week(draw);
    const slow = autoregressive(draw, length, draw.between(0.3, 0.9), draw.normal);
    const noise = draw.between(0.1, 0.4);
    const swing = draw.between(0, 0.5);
    const level = 10 ** draw.between(-1, 1);
    const rate = draw.between(0, 0.01);
    return slow.map(
      (x, i) =>
        level * (1 + swing * shape(i * minutes)) * Math.exp(noise * x + (draw.chance(rate) ? draw.between(0.3, 1) : 0)),
    );
  },
};

const hourlyBill: Family = {
  name: "hourly-bill",
  use: "design",
  minutes: [60],
  days: [40, 200],
  values: (draw, length, minutes) => {
    const shape = week(draw);
    const fixed = draw.between(0.2, 3);
    const growth = draw.between(-0.0005, 0.004);
    const scale = 10 ** draw.between(-3, 5);
    const noise = draw.between(0.01, 0.1);
    const slow = autoregressive(draw, length, draw.between(0, 0.8), draw.heavy);
    return slow.map(
      (x, i) => scale * (fixed + shape(i * minutes)) * (1 + (growth * i * minutes) / DAY_MINUTES) * Math.exp(noise * x),
    );
  },
};

const network: Family = {
  name: "network",
  use: "kept",
  minutes: [5],
  days: [10, 16],
  values: (draw, length) => {
    const scale = 10 ** draw.between(2, 8);
    const slow = autoregressive(draw, length, draw.between(0.2, 0.9), draw.normal);
    const spread = draw.between(0.2, 0.8);
    const rate = draw.between(0.002, 0.03);
    let burst = 0;
    return slow.map((x) => {
      if (draw.chance(rate)) burst = Math.exp(draw.between(0, 1.8));
      burst *= 0.6;
      return Math.round(scale * (Math.exp(spread * x) + burst));
    });
  },
};

const steady: Family = {
  name: "steady",
  use: "kept",
  minutes: [5, 60],
  days: [14, 60],
  values: (draw, length) => {
    let level = draw.between(10, 200);
    const quantum = draw.pick([0, 0.01, 1]);
    const noise = draw.pick([0, 0.002, 0.01]);
    const rate = draw.between(0, 0.0015);
    const moves = draw.between(0.01, 0.08);
    return Float64Array.from({ length }, () => {
      if (draw.chance(rate)) level *= 1 + moves * draw.normal();
      const value = level * (1 + noise * draw.normal());
      return quantum === 0 ? value : Math.round(value / quantum) * quantum;
    });
  },
};

const seldom: Family = {
  name: "seldom",
  use: "kept",
  minutes: [5, 10],
  days: [10, 20],
  values: (draw, length) => {
    const rate = draw.between(0.01, 0.2);
    const size = 10 ** draw.between(-2, 6);
    let active = 0;
    return Float64Array.from({ length }, () => {
      if (draw.chance(rate * 0.3)) active = draw.whole(1, 5);
      active -= 1;
      return active >= 0 ? size * Math.exp(0.5 * draw.normal()) : 0;
    });
  },
};

const regimes: Family = {
  name: "regimes",
  use: "kept",
  minutes: [5, 30],
  days: [12, 60],
  values: (draw, length, minutes) => {
    const levels = [draw.between(1, 20), draw.between(15, 60), draw.between(10, 80)];
    const stay = draw.between(0.2, 1.5) * (DAY_MINUTES / minutes);
    let regime = 0;
    const slow = autoregressive(draw, length, 0.5, draw.normal);
    const noise = draw.between(0.02, 0.15);
    return slow.map((x) => {
      if (draw.chance(1 / stay)) regime = draw.whole(0, 2);
      return (levels[regime] ?? 1) * (1 + noise * x);
    });
  },
};

const tokens: Family = {
  name: "tokens",
  use: "kept",
  minutes: [10, 5, 60],
  days: [30, 80],
  values: (draw, length, minutes) => {
    const shape = week(draw);
    const mean = 10 ** draw.between(3, 7);
    const growth = draw.between(-0.003, 0.01);
    const noise = draw.between(0.1, 0.5);
    return Float64Array.from(
      { length },
      (_, i) =>
        mean * shape(i * minutes) ** 1.5 * (1 + (growth * i * minutes) / DAY_MINUTES) * Math.exp(noise * draw.heavy()),
    );
  },
};

const latency: Family = {
  name: "latency",
  use: "kept",
  minutes: [5, 1],
  days: [10, 16],
  values: (draw, length, minutes) => {
    const base = 10 ** draw.between(-3, 2);
    const shape = week(draw);
    const daily = draw.between(0, 0.4);
    const tail = draw.between(0.1, 0.6);
    return Float64Array.from(
      { length },
      (_, i) =>
        base *
        (1 + daily * shape(i * minutes) + tail * -Math.log(draw.uniform() || 1e-9) * (draw.chance(0.03) ? 3 : 1)),
    );
  },
};

export const families: readonly Family[] = [
  utilisation,
  requests,
  jobs,
  temperature,
  price,
  hourlyBill,
  network,
  steady,
  seldom,
  regimes,
  tokens,
  latency,
];
