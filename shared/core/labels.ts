/** A tag or label set as delivered: keys and values keep their case (`reference/focus.md` X-5). */
export type Labels = Readonly<Record<string, string | number | boolean | null>>;

/** Keys are compared case-insensitively with `-` equal to `_`. */
export function normalizeKey(key: string): string {
  return key.toLowerCase().replaceAll("-", "_");
}

/** The value under `key`: the exact spelling wins, then the lexicographically first equal key. A key without a value counts as "true". */
export function findLabel(labels: Labels, key: string): string | undefined {
  const exact = labels[key];
  if (exact !== undefined && exact !== null) return String(exact);
  const wanted = normalizeKey(key);
  const spelled = Object.keys(labels)
    .filter((candidate) => normalizeKey(candidate) === wanted && labels[candidate] !== null)
    .sort()[0];
  return spelled === undefined ? undefined : String(labels[spelled]);
}
