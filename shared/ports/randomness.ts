/** Randomness: ids and jitter. */
export interface Randomness {
  /** 128 random bits as 32 lower-case hex digits. */
  id(): string;
  /** A number in [0, 1). */
  fraction(): number;
}
