import { autoregressive, DAY_MINUTES, type Family, week } from "./family.ts";

const stepping: Family = {
  name: "stepping",
  use: "third",
  minutes: [5],
  days: [13, 15],
  values: (draw, length, minutes) => {
    const base = 10 ** draw.between(0, 7);
    const stay = draw.between(2, 8) * (DAY_MINUTES / minutes);
    const size = draw.between(0.05, 0.4);
    const noise = draw.between(0.03, 0.3);
    const jumps = draw.between(0, 0.01);
    const slow = autoregressive(draw, length, draw.between(0, 0.9), draw.normal);
    let level = 1;
    return slow.map((x) => {
      if (draw.chance(1 / stay)) level = Math.exp(size * draw.normal());
      return base * Math.max(0, level + noise * x + (draw.chance(jumps) ? draw.between(0.2, 1.2) : 0));
    });
  },
};

const batches: Family = {
  name: "batches",
  use: "third",
  minutes: [5, 60],
  days: [14, 45],
  values: (draw, length, minutes) => {
    const period = draw.pick([120, 360, 1440, 4320]) / minutes;
    const low = draw.between(5, 50);
    const rise = low * draw.between(0.3, 2);
    const noise = draw.between(0.005, 0.05);
    let phase = draw.uniform();
    return Float64Array.from({ length }, () => {
      phase += (1 + 0.15 * draw.normal()) / period;
      return (low + rise * (phase % 1)) * (1 + noise * draw.normal());
    });
  },
};

const messages: Family = {
  name: "messages",
  use: "third",
  minutes: [5, 15],
  days: [20, 55],
  values: (draw, length, minutes) => {
    const shape = week(draw);
    const mean = draw.between(3, 80);
    const clump = draw.between(0.1, 0.6);
    const slow = autoregressive(draw, length, draw.between(0.5, 0.98), draw.normal);
    return slow.map((x, i) => {
      const rate = mean * shape(i * minutes) * Math.exp(clump * x);
      return Math.max(0, Math.round(rate + Math.sqrt(rate) * draw.heavy()));
    });
  },
};

const weather: Family = {
  name: "weather",
  use: "third",
  minutes: [60],
  days: [60, 300],
  values: (draw, length) => {
    const front = autoregressive(draw, length, 1 - 1 / draw.between(30, 150), draw.normal);
    const short = autoregressive(draw, length, draw.between(0.5, 0.9), draw.normal);
    const season = draw.between(0, 8);
    const daily = draw.between(0, 4);
    const level = draw.between(40, 80);
    return front.map(
      (x, i) =>
        level +
        4 * x +
        0.5 * (short[i] ?? 0) +
        daily * Math.sin((2 * Math.PI * i) / 24) +
        season * Math.sin((2 * Math.PI * i) / 8760),
    );
  },
};

const market: Family = {
  name: "market",
  use: "third",
  minutes: [60],
  days: [65, 75],
  values: (draw, length) => {
    const shape = week(draw);
    const level = 10 ** draw.between(-1.5, 0.5);
    const calm = draw.between(0.1, 0.3);
    const wild = calm * draw.between(1.3, 2.5);
    const stay = draw.between(48, 300);
    const slow = autoregressive(draw, length, draw.between(0, 0.8), draw.heavy);
    let isWild = false;
    return slow.map((x, i) => {
      if (draw.chance(1 / stay)) isWild = !isWild;
      return level * (1 + 0.3 * shape(i * 60)) * Math.exp((isWild ? wild : calm) * x);
    });
  },
};

const response: Family = {
  name: "response",
  use: "third",
  minutes: [5],
  days: [13, 15],
  values: (draw, length, minutes) => {
    const base = 10 ** draw.between(-3, 1);
    const shape = week(draw);
    const daily = draw.between(0, 0.5);
    const body = draw.between(0.05, 0.4);
    const index = draw.between(2.5, 6);
    const share = draw.between(0.005, 0.1);
    return Float64Array.from({ length }, (_, i) => {
      const tail = draw.chance(share) ? (draw.uniform() || 1e-6) ** (-1 / index) : 1;
      return base * (1 + daily * shape(i * minutes)) * Math.exp(body * draw.normal()) * tail;
    });
  },
};

const connections: Family = {
  name: "connections",
  use: "third",
  minutes: [5],
  days: [13, 15],
  values: (draw, length) => {
    const usual = draw.whole(2, 60);
    const wander = draw.between(0.001, 0.05);
    const extra = draw.between(0, 0.02);
    let now = usual;
    return Float64Array.from({ length }, () => {
      if (draw.chance(wander)) now += Math.sign(usual - now + draw.normal() * 2) || 1;
      return Math.max(0, now + (draw.chance(extra) ? draw.whole(1, 4) : 0));
    });
  },
};

/** Written when the detector was finished, to have a say in changes to it: its totals were seen, no constant was chosen for it alone. */
export const thirdFamilies: readonly Family[] = [stepping, batches, messages, weather, market, response, connections];
