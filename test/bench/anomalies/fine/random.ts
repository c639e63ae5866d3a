/** Seeded random numbers, so that every run sees the same series. */
export interface Draw {
  /** Uniform in [0, 1). */
  uniform(): number;
  normal(): number;
  /** Student's t with 3 degrees of freedom, scaled to variance 1. */
  heavy(): number;
  between(from: number, to: number): number;
  whole(from: number, to: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
}

export function createDraw(seed: number): Draw {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = (): number => Math.sqrt(-2 * Math.log(uniform() || 1e-12)) * Math.cos(2 * Math.PI * uniform());
  const heavy = (): number => {
    const squares = normal() ** 2 + normal() ** 2 + normal() ** 2;
    return normal() / Math.sqrt(squares / 3) / Math.sqrt(3);
  };
  const between = (from: number, to: number): number => from + (to - from) * uniform();
  const whole = (from: number, to: number): number => from + Math.floor(uniform() * (to - from + 1));
  return {
    uniform,
    normal,
    heavy,
    between,
    whole,
    chance: (probability) => uniform() < probability,
    pick: (list) => {
      const chosen = list[Math.floor(uniform() * list.length)];
      if (chosen === undefined) throw new Error("nothing to pick from");
      return chosen;
    },
  };
}
