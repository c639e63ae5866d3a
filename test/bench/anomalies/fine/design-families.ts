import { autoregressive, DAY_MINUTES, type Family, week } from "./family.ts";

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

/** Looked at while the detector was designed. */
export const designFamilies: readonly Family[] = [utilisation, requests, jobs, temperature, price, hourlyBill];
