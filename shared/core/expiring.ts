/** A value that somebody else stops accepting at an instant. */
export interface Expiring<T> {
  value: T;
  expiresAt: Date;
}

export interface Renewal {
  now(): Date;
  /** Renewed this long before it expires. */
  earlyMs: number;
}

/**
 * Keeps a value until shortly before it expires and then fetches the next one. Callers at the same time share one fetch. When the early
 * renewal fails, the old value serves until it really expires; a failure is not kept. A value that was `rejected` before its end is dropped.
 */
export function keepUntilExpiry<T>(
  fetchNext: () => Promise<Expiring<T>>,
  { now, earlyMs }: Renewal,
): (rejected?: T) => Promise<Expiring<T>> {
  let current: Expiring<T> | undefined;
  let pending: Promise<Expiring<T>> | undefined;
  const lastsFor = (value: Expiring<T> | undefined): number =>
    value === undefined ? 0 : value.expiresAt.getTime() - now().getTime();

  async function renew(): Promise<Expiring<T>> {
    try {
      current = await fetchNext();
      return current;
    } catch (error) {
      if (current !== undefined && lastsFor(current) > 0) return current;
      throw error;
    } finally {
      pending = undefined;
    }
  }

  return async (rejected) => {
    if (current !== undefined && current.value === rejected) current = undefined;
    if (current !== undefined && lastsFor(current) > earlyMs) return current;
    pending ??= renew();
    return pending;
  };
}
