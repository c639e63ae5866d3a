/**
 * Lower case as the engine's `lower()` has it: code point by code point, so that no final sigma or dotted I depends on its neighbours.
 * The same in TypeScript and SQL, which a test proves over all of Unicode 15.
 */
export function foldCase(text: string): string {
  return Array.from(text, (character) => {
    const lower = character.toLowerCase().codePointAt(0);
    return lower === undefined ? character : String.fromCodePoint(lower);
  }).join("");
}

/** How tag keys are compared: without case, `-` equal to `_`. */
export function foldKey(key: string): string {
  return foldCase(key).replaceAll("-", "_");
}

/** `foldKey` of a column, in SQL. */
export function foldKeySql(column: string): string {
  return `replace(lower(${column}), '-', '_')`;
}

/** Order by code point: the order of the engine, which `<` on JavaScript strings is not beyond U+FFFF. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const left = Array.from(a, (character) => character.codePointAt(0) ?? 0);
  const right = Array.from(b, (character) => character.codePointAt(0) ?? 0);
  const index = left.findIndex((point, at) => point !== right[at]);
  if (index < 0) return -1;
  const other = right[index];
  return other === undefined || (left[index] ?? 0) > other ? 1 : -1;
}
