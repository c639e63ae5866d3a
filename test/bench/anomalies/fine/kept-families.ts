import { autoregressive, DAY_MINUTES, type Family, week } from "./family.ts";

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

/** Not used to choose constants, to see whether the detector carries over; their totals were printed beside the design figures. */
export const keptFamilies: readonly Family[] = [network, steady, seldom, regimes, tokens, latency];
