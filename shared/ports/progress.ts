/** Tells a waiting person how long work goes on. Implementations throttle; callers may report often. */
export interface Progress {
  /** `done` of `total` in `unit` (total undefined: not known). */
  report(step: string, done: number, total: number | undefined, unit: "bytes" | "rows" | "files"): void;
  /** A line worth keeping: a warning, a duplicate file. */
  note(text: string): void;
}
