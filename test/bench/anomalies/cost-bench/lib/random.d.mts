export interface BenchRandom {
  range(bounds: readonly [number, number]): number;
  int(bounds: readonly [number, number]): number;
}
export function createRandom(seed: number): BenchRandom;
